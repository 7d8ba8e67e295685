/**
 * The applications that ask for tokens: what each may ask for, where its pages are, and how it proves itself.
 */
import type { Config } from '../config/load.ts';
import { alsoHeldBy, keyComplaint } from './check-keys.ts';
import type { Finding } from './finding.ts';
import { refusedWord } from './vouched.ts';

type AppConfig = Config['apps'][number];

/** Looks at every one, and fetches what it publishes. */
export function checkApps(config: Config, now: () => number): Promise<readonly Finding[]> {
  return Promise.all(config.apps.map((said, at) => looked(said, { config, at, now })));
}

interface About {
  readonly config: Config;
  readonly at: number;
  readonly now: () => number;
}

async function looked(said: AppConfig, { config, at, now }: About): Promise<Finding> {
  const subject = `application ${said.name}`;
  const warning =
    sharedWith(said, config, at) ??
    refusedWord(config, { name: said.name, provider: `app:${said.name}`, rooms: said.rooms, now: now() });
  if (warning !== undefined) return { subject, warning, complaints: [] };
  const wrong =
    said.secret === undefined ? await keyComplaint(said, { config, path: `apps[${at}]`, now }) : undefined;
  return wrong === undefined
    ? { subject, says: told(said), complaints: [] }
    : { subject, complaints: [wrong] };
}

/** "shows a secret; may ask for crm-* as host at most; its pages: https://crm.example.org" */
function told({ secret, algorithm, rooms, tenants, role, origins }: AppConfig): string {
  const within = tenants.filter((tenant) => tenant !== '');
  return [
    secret === undefined ? `signs with ${algorithm}, and its key is there` : 'shows a secret',
    `may ask for ${rooms.join(', ')}${within.length > 0 ? ` in ${within.join(', ')}` : ''} as ${role} at most`,
    origins.length === 0 ? 'has no pages that may frame them' : `its pages: ${origins.join(', ')}`,
  ].join('; ');
}

/** What opens two things is in two hands. */
function sharedWith({ secret }: AppConfig, { tokens, apps, issuers }: Config, at: number) {
  if (secret === undefined) return undefined;
  const other = alsoHeldBy(secret, [
    { who: 'Prosody', secret: tokens.secret },
    ...apps.filter((_, place) => place !== at).map((app) => ({ who: app.name, secret: app.secret })),
    ...issuers.map((issuer) => ({ who: `the issuer ${issuer.iss}`, secret: issuer.secret })),
  ]);
  return (
    other &&
    `shows the secret of ${other} too: whoever reads it in one place can do what both may; right would be one of its own`
  );
}
