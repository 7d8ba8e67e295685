/**
 * The applications of the configuration, wired: how each proves itself, and what it may ask.
 */
import { mayUse, vouchFor, vouchForSubject } from '../admission/vouched.ts';
import type { Clock } from '../base/clock.ts';
import type { Outbound } from '../base/outbound.ts';
import type { Config } from '../config/load.ts';
import { authenticate, type Client } from '../identity/client.ts';
import type { Sessions } from '../identity/session.ts';
import type { App, Apps } from '../web/apps.ts';
import { gateOf } from './options.ts';
import { theirKeys } from './their-keys.ts';

/** What they are made of. */
export interface AppsParts {
  readonly clock: Clock;
  readonly sessions: Pick<Sessions, 'firstUse'>;
  readonly outbound: Outbound;
  /** How tokens of other issuers are judged. */
  readonly subject: Apps['subject'];
}

type AppConfig = Config['apps'][number];

/** Makes them. Throws `key.unusable` for a file that holds no public key. */
export function appsOf(config: Config, parts: AppsParts): Apps {
  const { clock, sessions } = parts;
  const clients = new Map<string, App>(
    config.apps.map((said) => [said.name, { ...said, id: said.name, ...keysOf(said, parts) }]),
  );
  const proving = {
    clients,
    audience: `${gateOf(config)}/token`,
    clock,
    firstUse: sessions.firstUse,
  };
  return {
    authenticate: (proof) => authenticate(proof, proving),
    vouchFor: (app, wish, session) => vouchFor(app, wish, { clock, session }),
    vouchForSubject: (app, about, session) => vouchForSubject(app, about, { clock, session }),
    subject: parts.subject,
    at: (origin, name) => {
      const app = clients.get(name);
      return app?.origins.includes(origin) ? app : undefined;
    },
    embedders: (room) => [
      ...new Set(config.apps.filter((app) => mayUse(app, room)).flatMap(({ origins }) => origins)),
    ],
  };
}

function keysOf(said: AppConfig, parts: AppsParts): Pick<Client, 'keys'> {
  const keys = theirKeys(said, parts);
  return keys === undefined ? {} : { keys: { keys, algorithm: said.algorithm } };
}
