/**
 * Reads a jitsi-keycloak-adapter (nordeck, both versions): environment, or the defaults that were edited in its config.ts.
 *
 * Pure.
 * @see nordeck/jitsi-keycloak-adapter, config.ts; nordeck/jitsi-keycloak-adapter-v2, src/config.ts
 */
import type { EnvSource } from './env.ts';
import { adapterTokens, certificateAlarm, lifetimeNote, oidcProvider, together } from './provider.ts';
import { notes, type Reading } from './reader.ts';

/** Reads it; nothing where there is none. */
export function fromKeycloakAdapter(all: readonly EnvSource[]): Reading | undefined {
  const mine = all.filter(({ values }) => values['KEYCLOAK_ORIGIN'] !== undefined);
  if (mine.length === 0) return undefined;
  const { values, source } = together(mine);
  const said = notes();
  const file = source.path;
  const realm = `realms/${values['KEYCLOAK_REALM'] ?? 'ucs'}`;
  const below = (origin: string) => `${origin.replace(/\/+$/, '')}/${realm}`;
  const issuer = below(values['KEYCLOAK_ORIGIN'] ?? '');
  const internal = values['KEYCLOAK_ORIGIN_INTERNAL'];
  said.found.push({ file, says: `people sign in at ${issuer}` });
  certificateAlarm([...mine, ...all.filter(({ program }) => /adapter\.ts/.test(program))], said);
  lifetimeNote(values, said, file);
  for (const name of ['KEYCLOAK_MODE', 'PERMISSIONS_FILE'])
    if (values[name] !== undefined) said.left.push({ file, says: `${name} has no counterpart` });
  if (values['DEBUG'] === 'true')
    said.alarms.push({ file, says: 'DEBUG=true writes client secret and tokens to its log: make new ones' });
  said.left.push({
    file,
    says: "body.html and static/oidc-*.html among Jitsi's files are its own: put Jitsi's back, or reinstall jitsi-meet-web",
  });
  const provider = oidcProvider(
    {
      issuer,
      internalIssuer: internal === undefined ? undefined : below(internal),
      clientId: values['KEYCLOAK_CLIENT_ID'] ?? 'jitsi',
      clientSecret: values['KEYCLOAK_CLIENT_SECRET'],
    },
    said,
    file,
  );
  return {
    what: 'jitsi-keycloak-adapter',
    ...said,
    settings: {
      providers: [provider],
      ...adapterTokens({ secret: values['JWT_APP_SECRET'], appId: values['JWT_APP_ID'] }, said, file),
    },
    obsolete: ['jitsi-keycloak-adapter: systemctl disable --now oidc-adapter, or take its container out'],
  };
}
