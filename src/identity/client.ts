/**
 * Which application is this? By its secret, or by a token it signed for us.
 *
 * Says who it is and nothing of what it may ask. Knows nothing of HTTP.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type Clock, unixSeconds } from '../base/clock.ts';
import { isProblem, Problem, type ProblemFacts } from '../base/problem.ts';
import type { Secret } from '../base/secret.ts';
import { type JwtClaims, type RemoteKeys, verifyJwt } from '../keys/jwt.ts';
import { issuerNamedBy } from './issuer.ts';

/** How an application proves itself. */
export interface Client {
  readonly id: string;
  readonly secret?: Secret;
  /** Its public keys, and the one algorithm it signs with. */
  readonly keys?: { readonly keys: RemoteKeys; readonly algorithm: string };
}

/** What an application shows. */
export type ClientProof =
  | { readonly kind: 'secret'; readonly id: string; readonly secret: Secret }
  | { readonly kind: 'assertion'; readonly assertion: Secret };

/** What judging needs. */
export interface ClientParts<C extends Client> {
  readonly clients: ReadonlyMap<string, C>;
  /** What an assertion's `aud` must be: the address of our token endpoint. */
  readonly audience: string;
  readonly clock: Clock;
  /** True for the first caller with this id; `ttl` in seconds. */
  readonly firstUse: (kind: string, id: string, ttl: number) => Promise<boolean>;
}

/** Seconds for which an assertion may be good. */
const LONGEST_ASSERTION = 300;
const LEEWAY = 30;
const LONGEST_JTI = 256;

/**
 * The application whose proof holds. Throws `client.unknown`, the same for all that does not, and what fetching its
 * keys and the store throw.
 * @see RFC 6749, section 2.3; RFC 7523, section 3
 */
export function authenticate<C extends Client>(proof: ClientProof, parts: ClientParts<C>): Promise<C> {
  return proof.kind === 'secret'
    ? bySecret(proof, parts)
    : byAssertion(proof.assertion.reveal(), parts).catch((thrown: unknown) => {
        // Whatever is wrong with its signature or its dates is one answer to the outside.
        if (isProblem(thrown, 'token.unacceptable')) unknown({ ...thrown.facts });
        throw thrown;
      });
}

function unknown(facts: ProblemFacts): never {
  throw new Problem('client.unknown', facts);
}

async function bySecret<C extends Client>(
  { id, secret }: Extract<ClientProof, { kind: 'secret' }>,
  { clients }: ClientParts<C>,
): Promise<C> {
  const client = clients.get(id);
  const digest = (text: string) => createHash('sha256').update(text).digest();
  // Compared in any case, so that the time it takes does not tell which applications there are.
  const same = timingSafeEqual(digest(secret.reveal()), digest(client?.secret?.reveal() ?? ''));
  return client?.secret !== undefined && same ? client : unknown({ why: 'secret' });
}

async function byAssertion<C extends Client>(assertion: string, parts: ClientParts<C>): Promise<C> {
  const { clients, audience, clock, firstUse } = parts;
  // Believed only for choosing the keys it is then held against.
  const client = clients.get(issuerNamedBy(assertion) ?? '');
  if (client?.keys === undefined) unknown({ why: 'issuer' });
  const claims = await verifyJwt(assertion, {
    keys: client.keys.keys,
    algorithms: [client.keys.algorithm],
    issuer: client.id,
    audience,
    requiredClaims: ['exp', 'jti', 'sub'],
    clock,
    leewaySeconds: LEEWAY,
  });
  if (claims['sub'] !== client.id) unknown({ why: 'subject' });
  const left = Number(claims['exp']) - unixSeconds(clock);
  if (left > LONGEST_ASSERTION + LEEWAY) unknown({ why: 'exp' });
  const jti = jtiOf(claims);
  if (!(await firstUse('assertion', `${client.id} ${jti}`, left + 2 * LEEWAY))) unknown({ why: 'replayed' });
  return client;
}

function jtiOf({ jti }: JwtClaims): string {
  return typeof jti === 'string' && jti !== '' && jti.length <= LONGEST_JTI ? jti : unknown({ why: 'jti' });
}
