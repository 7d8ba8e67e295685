/**
 * By which ways the doctor comes to Prosody, and how it tells Prosody from a gate before it.
 *
 * Knows nothing of sockets: both ways are handed to it.
 */
import { isProblem } from '../../base/problem.ts';
import { type Random, systemRandom } from '../../base/random.ts';
import { Secret } from '../../base/secret.ts';
import { overBosh, overSocket, tokenHeader, type Visit, visit } from './visit.ts';

/** What is asked of one server. Both throw `outbound.failed`. */
export interface VisitWays {
  ask(ask: {
    readonly path: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }): ReturnType<Parameters<typeof overBosh>[0]>;
  socket(ask: {
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
  }): Promise<Parameters<typeof overSocket>[0]>;
}

/** How the doctor comes to Prosody. */
export interface VisitAsk {
  readonly over: 'websocket' | 'bosh';
  /** Without one nothing is shown. */
  readonly token?: Secret;
  readonly carry: 'header' | 'query';
  /** The VirtualHost. */
  readonly domain: string;
}

/** Comes to Prosody as Jitsi's web client does. Throws `outbound.failed`. */
export async function visitProsody(
  ways: VisitWays,
  { over, token, carry, domain }: VisitAsk,
  random: Random = systemRandom,
): Promise<Visit> {
  const query = token !== undefined && carry === 'query' ? `?token=${token.reveal()}` : '';
  const headers = carry === 'header' ? tokenHeader(token) : {};
  if (over === 'websocket')
    return visit(overSocket(await ways.socket({ path: `/xmpp-websocket${query}`, headers })), { domain });
  const way = { path: `/http-bind${query}`, method: 'POST' };
  const type = { 'content-type': 'text/xml; charset=utf-8' };
  const rid = Buffer.from(random.bytes(4)).readUInt32BE(0);
  return visit(
    overBosh((body) => ways.ask({ ...way, headers: { ...headers, ...type }, body }), rid),
    { domain },
  );
}

/** In words for whoever finds it in a log; no key signed it. */
const NO_TOKEN = 'ostiary-doctor-this-is-no-token';

/**
 * Comes over the WebSocket at this path with a token that cannot hold. A gate takes it for none, while Prosody says of
 * itself that it is no token: so it was Prosody who read it.
 */
export async function visitAt(
  ways: VisitWays,
  { path, domain }: { readonly path: string; readonly domain: string },
): Promise<'prosody' | 'nobody'> {
  try {
    const headers = tokenHeader(new Secret(NO_TOKEN));
    const found = await visit(overSocket(await ways.socket({ path, headers })), { domain });
    if (found.kind === 'refused') return /^token required$/.test(found.text) ? 'nobody' : 'prosody';
    await found.leave();
    return 'prosody';
  } catch (thrown) {
    if (isProblem(thrown, 'outbound.failed')) return 'nobody';
    throw thrown;
  }
}
