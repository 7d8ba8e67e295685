/**
 * What contradicts itself in those whose tokens callers may bring.
 */
import { OWN_PROVIDERS } from '../base/person.ts';
import type { Complaint } from './complaints.ts';
import { keyComplaints } from './issuers.ts';
import { repeated } from './repeated.ts';
import type { Settings } from './schema/settings.ts';
import { WEAK, weakness } from './shared-secret.ts';

type BearerSettings = Settings['bearer']['issuers'][number];

/** What the tokens of this one name as `iss`. */
export function issOf(
  { iss, provider }: { readonly iss?: string; readonly provider?: string },
  providers: readonly { readonly id: string; readonly issuer?: string }[],
): string | undefined {
  return iss ?? providers.find(({ id }) => id === provider)?.issuer;
}

/** Everything wrong with `bearer`, beside what each setting says of itself. */
export function bearerComplaints(said: Partial<Settings>): readonly Complaint[] {
  const { bearer, providers = [] } = said;
  if (bearer === undefined) return [];
  const { issuers } = bearer;
  return [
    ...repeated(
      issuers.map((issuer, at) => issOf(issuer, providers) ?? `(none ${at})`),
      (at) => `bearer.issuers[${at}].iss`,
    ),
    ...issuers.flatMap((issuer, at) =>
      [...whoseComplaints(issuer, said), ...keysComplaints(issuer, providers)].map(({ path, ...rest }) => ({
        path: `bearer.issuers[${at}].${path}`,
        ...rest,
      })),
    ),
  ];
}

function whoseComplaints(
  { provider, id, iss, subject, groups }: BearerSettings,
  { providers = [], issuers = [] }: Partial<Settings>,
): readonly Complaint[] {
  if ((provider === undefined) === (id === undefined)) {
    const right = 'provider, for people who also sign in there, or an id of their own';
    return [{ path: 'id', wrong: id === undefined ? 'is missing' : 'stands beside provider', right }];
  }
  if (provider !== undefined) {
    const known = providers.find((one) => one.id === provider);
    if (known?.kind !== 'oidc')
      return [{ path: 'provider', wrong: 'is no OpenID Connect provider of ours', right: idsOf(providers) }];
    return Object.entries({ subject, groups }).flatMap(([path, value]) =>
      value === undefined
        ? []
        : [
            {
              path,
              wrong: 'is said by the provider already',
              right: 'what stands there, or an id of their own',
            },
          ],
    );
  }
  if (iss === undefined) return [{ path: 'iss', wrong: 'is missing', right: 'what the tokens name as iss' }];
  const taken = [...providers.map((one) => one.id), ...issuers.map((one) => one.iss), ...OWN_PROVIDERS];
  if (!taken.includes(id ?? '')) return [];
  return [{ path: 'id', wrong: 'is also the id under which people sign in', right: 'a name of its own' }];
}

function idsOf(providers: Settings['providers']): string {
  const ids = providers.filter(({ kind }) => kind === 'oidc').map(({ id }) => id);
  return ids.length === 0 ? 'the id of one, once providers has one' : `one of: ${ids.join(', ')}`;
}

function keysComplaints(issuer: BearerSettings, providers: Settings['providers']): readonly Complaint[] {
  const { secret, jwksUri, publicKeyFile } = issuer;
  const named = [secret, jwksUri, publicKeyFile].some((value) => value !== undefined);
  if (named) {
    const weak = secret && weakness(secret, false);
    const right = 'at least 32 random bytes (openssl rand -base64 48), the same where the tokens are signed';
    return [...keyComplaints(issuer), ...(weak ? [{ path: 'secret', wrong: WEAK[weak], right }] : [])];
  }
  const iss = issOf(issuer, providers) ?? '';
  if (iss === '' || /^https?:\/\//.test(iss)) return keyComplaints({ ...issuer, jwksUri: iss });
  return [
    {
      path: 'jwksUri',
      wrong: 'is missing, and below iss there is nothing to be found',
      right: 'one of jwksUri, publicKeyFile and secret',
    },
  ];
}
