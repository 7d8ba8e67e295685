/**
 * With what somebody comes, for the rules: what an app said when it sent them, or was written into its ticket; else what
 * the User-Agent says. Whoever wants to can say something else: no protection rests on it.
 */
import type { Arrival } from '../admission/arrival.ts';
import { type Client, clientOfApp } from '../base/client.ts';
import { isElectron } from './hand-off.ts';

/** Nothing where nothing is said: then no rule about clients speaks. */
export function clientOf({ asked, client, ticket, vouched }: Arrival): Client | undefined {
  const app = ticket?.client ?? client;
  if (app !== undefined) return clientOfApp(app);
  // An application asks for somebody: what that will come with is not known yet.
  if (vouched !== undefined && asked.header('origin') === undefined) return undefined;
  const agent = asked.header('user-agent') ?? '';
  if (isElectron(agent)) return 'desktop';
  // Every browser calls itself so. @see RFC 9110, section 10.1.5
  return agent.startsWith('Mozilla/') ? 'browser' : undefined;
}
