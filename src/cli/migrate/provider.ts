/**
 * What adapters of OpenID Connect have in common: one service, as a provider of ours. Pure.
 */
import { Secret } from '../../base/secret.ts';
import { weakness } from '../../config/shared-secret.ts';
import type { EnvSource } from './env.ts';
import type { Notes, Source, Tree } from './reader.ts';

/** What an adapter knows of its service. */
export interface Known {
  readonly issuer: string;
  readonly internalIssuer?: string | undefined;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly scopes?: string | undefined;
  readonly acrValues?: string | undefined;
}

const PRESETS: readonly (readonly [issuer: RegExp, preset: string, name: string])[] = [
  [/\/realms\/[^/]+\/?$/, 'keycloak', 'Keycloak'],
  [/^https:\/\/login\.microsoftonline\.com\//, 'entra', 'Microsoft'],
  [/^https:\/\/accounts\.google\.com\/?$/, 'google', 'Google'],
  [/\/application\/o\/[^/]+\/?$/, 'authentik', 'authentik'],
];

function words(text: string | undefined): readonly string[] {
  return (text ?? '').split(/[\s,]+/).filter((one) => one !== '');
}

/** The provider. */
export function oidcProvider(known: Known, { left }: Notes, file: string): Tree {
  const [, preset, name] = PRESETS.find(([issuer]) => issuer.test(known.issuer)) ?? [];
  const [scopes, acrValues] = [words(known.scopes), words(known.acrValues)];
  const { internalIssuer } = known;
  const isElsewhere = internalIssuer !== undefined && internalIssuer !== known.issuer;
  left.push({
    file,
    says: 'people are told apart by another id than before, and the service has to know our redirect URI',
  });
  return {
    id: 'sso',
    ...(name !== undefined && { name }),
    ...(preset !== undefined && { preset }),
    issuer: known.issuer,
    ...(isElsewhere && { internalIssuer }),
    ...(isElsewhere && internalIssuer.startsWith('http:') && { insecureInternalHttp: true }),
    clientId: known.clientId,
    ...(known.clientSecret && { clientSecret: new Secret(known.clientSecret) }),
    ...(scopes.length > 0 && { scopes: [...new Set(['openid', ...scopes])] }),
    ...(acrValues.length > 0 && { acrValues }),
  };
}

/** What holds of several sources of one program: what the environment says goes before defaults in a script. */
export function together(all: readonly EnvSource[]): {
  readonly values: Readonly<Record<string, string>>;
  readonly source: Source;
} {
  const weakestFirst = [...all].sort(
    (a, b) => Number(b.program === 'config.ts') - Number(a.program === 'config.ts'),
  );
  const values: Record<string, string> = {};
  for (const one of weakestFirst)
    for (const [name, value] of Object.entries(one.values)) if (value !== '') values[name] = value;
  const [source] = weakestFirst.toReversed();
  if (source === undefined) throw new TypeError('no source');
  return { values, source: source.source };
}

/** The secret an adapter signs with; nothing where anybody knows it. */
export function adapterTokens(
  { secret, appId }: { readonly secret: string | undefined; readonly appId: string | undefined },
  { alarms }: Notes,
  file: string,
): Tree {
  if (secret === undefined || secret === '') return {};
  const value = new Secret(secret);
  const weak = weakness(value, false);
  if (weak === 'published') {
    alarms.push({
      file,
      says: 'it signs with a secret that stands in published examples: anybody can make a token. It is not taken over',
    });
    return {};
  }
  if (weak === 'short')
    alarms.push({ file, says: 'it signs with a secret that is shorter than 32 bytes and can be guessed' });
  return {
    tokens: {
      secret: value,
      ...(weak === 'short' && { insecureShortSecret: true }),
      ...(appId !== undefined && appId !== '' && { appId }),
    },
  };
}

/** How long its tokens were good. */
export function lifetimeNote(values: Readonly<Record<string, string>>, { left }: Notes, file: string): void {
  const seconds = values['JWT_EXP_SECOND'];
  if (seconds !== undefined)
    left.push({
      file,
      says: `its tokens were good for ${seconds} s; ours are for six hours (tokens.lifetime)`,
    });
}

/** A program that takes any certificate for the sign-in service's. */
export function certificateAlarm(all: readonly EnvSource[], { alarms }: Notes): void {
  const told = new Set<string>();
  for (const { source, program, values } of all) {
    const blind =
      /^[^#\n]*--unsafely-ignore-certificate-errors/m.test(program) ||
      values['ALLOW_UNSECURE_CERT']?.toLowerCase() === 'true';
    if (!blind || told.has(source.path)) continue;
    told.add(source.path);
    alarms.push({
      file: source.path,
      says: 'it does not look at the certificate of the sign-in service. We do; an authority of your own is named in outbound.caFile',
    });
  }
}
