/**
 * What contradicts itself in the applications whose links let people in.
 */
import { OWN_PROVIDERS } from '../base/person.ts';
import type { Complaint } from './complaints.ts';
import { repeated } from './repeated.ts';
import type { Settings } from './schema/settings.ts';
import { WEAK, weakness } from './shared-secret.ts';

type IssuerSettings = Settings['issuers'][number];

const RIGHT = 'at least 32 random bytes (openssl rand -base64 48), the same in the application';

/** Everything wrong with `issuers`, beside what each setting says of itself. */
export function issuerComplaints({
  issuers = [],
  providers = [],
  upstream,
  forwardAuth,
  apps,
}: Partial<Settings>): readonly Complaint[] {
  const known = new Set(providers.map(({ id }) => id));
  const complaints = [
    ...repeated(
      issuers.map(({ iss }) => iss),
      (at) => `issuers[${at}].iss`,
    ),
    ...issuers.flatMap((issuer, at) =>
      [...keyComplaints(issuer), ...secretComplaints(issuer), ...nameComplaints(issuer, known)].map(
        ({ path, ...rest }) => ({ path: `issuers[${at}].${path}`, ...rest }),
      ),
    ),
  ];
  // An application may exchange their tokens, wherever we stand; which there are is not known where `apps` does not hold.
  const isBeside = upstream !== undefined && upstream.url === undefined && forwardAuth?.enabled === false;
  if (issuers.length > 0 && apps?.length === 0 && isBeside)
    complaints.push({
      path: 'issuers',
      wrong: 'is never asked: without upstream.url or forwardAuth links lead to Jitsi and past us',
      right: 'issuers only where we stand in front of Jitsi',
    });
  return complaints;
}

/** What is wrong with where the keys of an application are. */
export function keyComplaints({
  secret,
  jwksUri,
  publicKeyFile,
  algorithm,
}: Pick<
  Partial<IssuerSettings>,
  'secret' | 'jwksUri' | 'publicKeyFile' | 'algorithm'
>): readonly Complaint[] {
  const given = [
    ['secret', secret],
    ['jwksUri', jwksUri],
    ['publicKeyFile', publicKeyFile],
  ].filter(([, value]) => value !== undefined);
  if (given.length !== 1)
    return [
      {
        path: String(given[1]?.[0] ?? 'secret'),
        wrong:
          given.length === 0 ? 'is missing: nothing would hold its tokens' : `contradicts ${given[0]?.[0]}`,
        right: 'one of secret, jwksUri and publicKeyFile',
      },
    ];
  if (algorithm === undefined || algorithm.startsWith('HS') === (secret !== undefined)) return [];
  return [
    {
      path: 'algorithm',
      wrong:
        secret === undefined ? 'wants a secret, and there are keys' : 'wants keys, and there is a secret',
      right: secret === undefined ? 'one of RS256, PS256, ES256 and their like' : 'HS256, HS384 or HS512',
    },
  ];
}

function secretComplaints({ secret, insecureShortSecret }: IssuerSettings): readonly Complaint[] {
  const weak = secret && weakness(secret, insecureShortSecret);
  if (weak === undefined) return [];
  const longer = `${RIGHT}; or insecureShortSecret: true, if links are signed with it today`;
  return [{ path: 'secret', wrong: WEAK[weak], right: weak === 'short' ? longer : RIGHT }];
}

/** `<iss>#<id>` must name one person alone, and never somebody who signed in. */
function nameComplaints({ iss }: IssuerSettings, known: ReadonlySet<string>): readonly Complaint[] {
  const wrong = iss.includes('#')
    ? 'holds a #, which ends the name of an application in the ids of people'
    : known.has(iss) || OWN_PROVIDERS.has(iss) || iss.startsWith('app:')
      ? 'is also the id under which people sign in'
      : undefined;
  return wrong === undefined
    ? []
    : [{ path: 'iss', wrong, right: 'a name of its own, the same in the application' }];
}
