/**
 * Reads a jitsi-oidc-adapter (jitsi-contrib): environment, or the defaults that were edited in its config.ts.
 *
 * Pure.
 * @see jitsi-contrib/jitsi-oidc-adapter, src/config.ts
 */
import type { EnvSource } from './env.ts';
import { adapterTokens, certificateAlarm, lifetimeNote, oidcProvider, together } from './provider.ts';
import { notes, type Reading } from './reader.ts';

/** Reads it; nothing where there is none. */
export function fromOidcAdapter(all: readonly EnvSource[]): Reading | undefined {
  const mine = all.filter(
    ({ program, values }) => values['OIDC_ISSUER_URL'] !== undefined || /jitsi-oidc-adapter/.test(program),
  );
  if (!mine.some(({ values }) => values['OIDC_ISSUER_URL'])) return undefined;
  const { values, source } = together(mine);
  const said = notes();
  const file = source.path;
  const issuer = values['OIDC_ISSUER_URL'] ?? '';
  said.found.push({ file, says: `people sign in at ${issuer}` });
  certificateAlarm([...mine, ...all.filter(({ program }) => /adapter\.ts/.test(program))], said);
  lifetimeNote(values, said, file);
  if (values['AUTO_RETURN_TO_APP'] !== undefined)
    said.left.push({ file, says: 'AUTO_RETURN_TO_APP: the way back into apps is docs/how-to/apps.md' });
  if ((values['JWT_ALG'] ?? 'HS256') !== 'HS256')
    said.left.push({ file, says: `JWT_ALG=${values['JWT_ALG']}: we sign with HS256` });
  said.left.push({
    file,
    says: 'context.ts: what it put into tokens of its own (lobby_bypass and the like) is a matter of rules here',
  });
  const provider = oidcProvider(
    {
      issuer,
      clientId: values['OIDC_CLIENT_ID'] ?? 'jitsi',
      clientSecret: values['OIDC_CLIENT_SECRET'],
      scopes: values['OIDC_SCOPES'],
    },
    said,
    file,
  );
  return {
    what: 'jitsi-oidc-adapter',
    ...said,
    settings: {
      providers: [provider],
      ...adapterTokens({ secret: values['JWT_APP_SECRET'], appId: values['JWT_APP_ID'] }, said, file),
    },
    obsolete: ['jitsi-oidc-adapter: systemctl disable --now oidc-adapter, or take its container out'],
  };
}
