/**
 * Reads a jitsi-openid (MarcelCoding): its environment, in a file of its own or in a compose file.
 *
 * Pure.
 * @see MarcelCoding/jitsi-openid, src/cfg.rs and README.md
 */
import type { EnvSource } from './env.ts';
import { adapterTokens, oidcProvider, together } from './provider.ts';
import { notes, type Reading } from './reader.ts';

/** Names that have no counterpart, and why. */
const LEFT: Readonly<Record<string, string>> = {
  GROUP: 'a group in every token is a matter of rules here (rules[].group)',
  SKIP_PREJOIN_SCREEN: 'the page for camera and microphone is not shown a second time anyway',
  VERIFY_ACCESS_TOKEN_HASH: 'we always look at it where it is there',
  LISTEN_ADDR: 'ours is listen.public',
};

/** Reads it; nothing where there is none. */
export function fromJitsiOpenid(all: readonly EnvSource[]): Reading | undefined {
  const mine = all.filter(
    ({ program, values }) => /jitsi-openid/.test(program) || values['JITSI_SUB'] !== undefined,
  );
  if (mine.length === 0) return undefined;
  const { values, source } = together(mine);
  const said = notes();
  const file = source.path;
  const issuer = values['ISSUER_URL'] ?? values['ISSUER_BASE_URL'];
  for (const [name, why] of Object.entries(LEFT))
    if (values[name] !== undefined) said.left.push({ file, says: `${name}: ${why}` });
  for (const name of ['JITSI_SECRET', 'CLIENT_SECRET', 'SECRET'])
    if (values[`${name}_FILE`] !== undefined)
      said.left.push({ file, says: `${name}_FILE names ${values[`${name}_FILE`]}, which was not read` });
  said.alarms.push({
    file,
    says: 'its tokens open every room for a day. Those that were handed out stay good for as long once it is switched off',
  });
  if (issuer !== undefined) said.found.push({ file, says: `people sign in at ${issuer}` });
  else said.left.push({ file, says: 'ISSUER_URL is not there, or filled in from elsewhere' });
  const provider =
    issuer === undefined
      ? undefined
      : oidcProvider(
          {
            issuer,
            clientId: values['CLIENT_ID'] ?? '',
            clientSecret: values['CLIENT_SECRET'] ?? values['SECRET'],
            scopes: values['SCOPES'],
            acrValues: values['ACR_VALUES'],
          },
          said,
          file,
        );
  const url = values['JITSI_URL'];
  return {
    what: 'jitsi-openid',
    ...said,
    settings: {
      ...(url !== undefined && URL.canParse(url) && { publicUrl: new URL(url).origin }),
      ...(provider && { providers: [provider] }),
      // It names itself "jitsi", whatever JITSI_SUB says.
      ...adapterTokens({ secret: values['JITSI_SECRET'], appId: 'jitsi' }, said, file),
    },
    obsolete: ['jitsi-openid: stop its service, or take its container out'],
  };
}
