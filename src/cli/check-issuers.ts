/**
 * The applications whose links let people in: are their keys there, and has each a secret of its own?
 */
import type { Config } from '../config/load.ts';
import { alsoHeldBy, keyComplaint } from './check-keys.ts';
import type { Finding } from './finding.ts';
import { refusedWord } from './vouched.ts';

type IssuerConfig = Config['issuers'][number];

/** Looks at every one, and fetches what it publishes. */
export function checkIssuers(config: Config, now: () => number): Promise<readonly Finding[]> {
  return Promise.all(config.issuers.map((said, at) => looked(said, { config, at, now })));
}

interface About {
  readonly config: Config;
  readonly at: number;
  readonly now: () => number;
}

async function looked(said: IssuerConfig, { config, at, now }: About): Promise<Finding> {
  const subject = `issuer ${said.iss}`;
  const warning =
    sharedWith(said, config, at) ??
    refusedWord(config, { name: said.iss, provider: said.iss, rooms: said.rooms, now: now() });
  if (warning !== undefined) return { subject, warning, complaints: [] };
  if (said.secret !== undefined) return { subject, says: 'has a secret of its own', complaints: [] };
  const wrong = await keyComplaint(
    { ...said, algorithm: said.algorithm ?? 'RS256' },
    { config, path: `issuers[${at}]`, now },
  );
  if (wrong === undefined) return { subject, says: 'has keys that hold its tokens', complaints: [] };
  return { subject, complaints: [wrong] };
}

/** Whoever holds a secret can speak for everybody who signs with it. */
function sharedWith({ secret }: IssuerConfig, config: Config, at: number): string | undefined {
  if (secret === undefined) return undefined;
  if (alsoHeldBy(secret, [{ who: 'Prosody', secret: config.tokens.secret }]) !== undefined)
    return 'signs with the secret that Prosody has: whoever reads it there makes tokens for every room; right would be one of its own';
  const others = config.issuers.filter((_, place) => place !== at);
  const other = alsoHeldBy(
    secret,
    others.map(({ iss, secret: theirs }) => ({ who: iss, secret: theirs })),
  );
  return (
    other &&
    `signs with the secret of ${other} too: each can speak for the other; right would be one of its own`
  );
}
