/**
 * Adapter: a proxy in front that has people sign in, and says in headers who they are.
 *
 * It is believed at one address of ours alone, in the browser that began there, if it comes from where the operator
 * said and shows their secret, or if a signature of its own holds. It decides nothing, and keeps no session.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { type Person, personId } from '../base/person.ts';
import { isProblem, Problem } from '../base/problem.ts';
import type { Secret } from '../base/secret.ts';
import type { Soon } from '../base/soon.ts';
import { type RemoteKeys, verifyJwt } from '../keys/jwt.ts';
import { certificateClaims } from './client-certificate.ts';
import type { HeaderNames } from './header-presets.ts';
import { type HeaderEncoding, headerText, oneHeader, type Separated, valuesIn } from './header-values.ts';
import { type Claims, type ProfileMapping, subjectOf, toPerson } from './profile.ts';
import type { FinishedAttempt, Provider, Shown, SignedIn } from './provider.ts';

/** How the proxy says it. */
export type Spoken =
  | ({
      readonly by: 'headers';
      readonly names: HeaderNames;
      readonly encoding: HeaderEncoding;
    } & Separated)
  | { readonly by: 'certificate'; readonly carrier: string; readonly verify: string }
  | {
      readonly by: 'assertion';
      readonly carrier: string;
      readonly keys: RemoteKeys;
      readonly algorithms: readonly string[];
      readonly issuer: string;
      readonly audience: string;
    };

/** One proxy as the operator described it. */
export interface HeaderOptions {
  readonly id: string;
  readonly name: string;
  /** Is this socket's address one the proxy comes from? */
  readonly comesFrom: (address: string) => boolean;
  /** The header in which it shows our secret. Only what is signed may come without. */
  readonly secret?: { readonly header: string; readonly value: Secret };
  readonly spoken: Spoken;
  readonly mapping: ProfileMapping;
  readonly clock: Clock;
}

/** Where, below our prefix, the proxy is to have people sign in. */
export function signsInAt(id: string): string {
  return `/header/${id}`;
}

/** Seconds by which the clock of whoever signs may differ. */
const LEEWAY = 30;

/** Makes a provider of these settings. Asks nothing yet. */
export function createHeaderProvider(options: HeaderOptions): Provider {
  const { id } = options;
  return {
    id,
    name: options.name,
    answersAt: signsInAt(id),
    leadsAnywhere: true,
    origins: () => [],
    // The address that the proxy guards: with a session there it comes straight through, silent or not.
    start: async ({ memory, redirectUri }) => `${redirectUri}?state=${encodeURIComponent(memory.state)}#`,
    finish: (_query, memory) => finish(options, memory),
    contradicts: (shown, person) => contradicts(options, shown, person),
    // Only a request through the proxy says who is there.
    recheck: async () => ({ kind: 'unreachable' }),
    logoutForm: async () => undefined,
    readLogoutToken: async () => {
      throw new Problem('logout-token.unacceptable', { provider: id, why: 'header' });
    },
    state: () => ({ up: true }),
    tryClient: async () => ({}),
    warm: async () => {},
  };
}

async function finish(
  options: HeaderOptions,
  { shown, silent }: FinishedAttempt,
): Promise<SignedIn | 'needs-person'> {
  const { id, mapping } = options;
  if (shown === undefined) throw new Problem('server.bug', { why: 'nothing shown' });
  const doubt = doubtOf(shown, options);
  if (doubt !== undefined) throw new Problem('header.not-believed', { provider: id, ...doubt });
  const claims = await named(id, () => claimsOf(shown.raw, options));
  if (claims === undefined) {
    if (silent) return 'needs-person';
    throw new Problem('provider.id-missing', { provider: id, header: carrierOf(options) });
  }
  const person = toPerson(claims, mapping, id);
  const { acr } = claims;
  return { person: typeof acr === 'string' ? { ...person, acr } : person };
}

/** Which header is to be looked at where nobody was named. */
function carrierOf({ spoken }: HeaderOptions): string {
  return spoken.by === 'headers' ? spoken.names.id.join(' ') : spoken.carrier;
}

/** Why this request is not the proxy's, for the log; undefined where it is. What was shown is not told. */
function doubtOf(
  { socket, raw }: Shown,
  { comesFrom, secret, spoken }: HeaderOptions,
): Readonly<Record<string, string>> | undefined {
  if (!comesFrom(socket)) return { why: 'address', socket };
  if (secret === undefined) return spoken.by === 'assertion' ? undefined : { why: 'secret' };
  try {
    return isSecret(oneHeader(raw, secret.header), secret.value) ? undefined : { why: 'secret' };
  } catch (thrown) {
    // Twice, or spelled in another way: a caller wrote one of them.
    if (isProblem(thrown, 'header.unacceptable')) return { ...thrown.facts, why: 'secret' };
    throw thrown;
  }
}

/** Of one length whatever is in it, so that comparing tells nothing. */
function isSecret(given: string | undefined, secret: Secret): boolean {
  const digest = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest();
  return timingSafeEqual(digest(Buffer.from(given ?? '', 'latin1')), digest(secret.reveal()));
}

/** What is wrong with a header is told with the provider's id. */
async function named<T>(provider: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (isProblem(thrown, 'header.unacceptable'))
      throw new Problem(thrown.code, { ...thrown.facts, provider });
    throw thrown;
  }
}

/** What the proxy says of the person; undefined where it says that nobody is signed in. Throws `header.unacceptable` and `provider.unreachable`. */
async function claimsOf(raw: readonly string[], options: HeaderOptions): Promise<Claims | undefined> {
  const { spoken } = options;
  switch (spoken.by) {
    case 'headers':
      return headerClaims(raw, spoken);
    case 'certificate':
      return certified(raw, spoken, options);
    case 'assertion':
      return asserted(raw, spoken, options);
  }
}

type ByHeaders = Extract<Spoken, { readonly by: 'headers' }>;

/** Under the names of `HeaderNames`, so that the mapping is the same for every proxy. */
function headerClaims(raw: readonly string[], spoken: ByHeaders): Claims | undefined {
  const { names, encoding, escaped } = spoken;
  const id = idsIn(raw, spoken);
  if (id === undefined) return undefined;
  const read = (name: string | undefined) =>
    name === undefined ? undefined : headerText(raw, name, encoding);
  const first = (text: string | undefined) => text && valuesIn(text, spoken)[0];
  const name = names.name?.map(read).find((text) => text !== undefined);
  const groups = names.groups && groupsIn(raw, names.groups, spoken);
  const claims: Claims = {
    ...id,
    // A comma may stand in a name; an escaped separator does not end one.
    name: escaped ? first(name) : name,
    email: first(read(names.email)),
    emailVerified: read(names.emailVerified),
    acr: first(read(names.acr)),
    groups,
  };
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}

/** A header that is there and empty says: in no group. */
function groupsIn(raw: readonly string[], name: string, spoken: ByHeaders): readonly string[] | undefined {
  const text = headerText(raw, name, spoken.encoding);
  if (text !== undefined) return valuesIn(text, spoken);
  const there = raw.some((spelled, at) => at % 2 === 0 && spelled.toLowerCase() === name.toLowerCase());
  return there ? [] : undefined;
}

/** `id0`, `id1` …; undefined where one is missing: half a name is nobody's. */
function idsIn(raw: readonly string[], { names, encoding, ...separated }: ByHeaders): Claims | undefined {
  const ids = names.id.map((name) => {
    const text = headerText(raw, name, encoding);
    // Two people's ids in one header are nobody's.
    if (text !== undefined && separated.escaped && valuesIn(text, separated).length > 1)
      throw new Problem('header.unacceptable', { header: name, why: 'several' });
    return text;
  });
  if (ids.length === 0 || ids.includes(undefined)) return undefined;
  return Object.fromEntries(ids.map((id, at) => [`id${at}`, id]));
}

function certified(
  raw: readonly string[],
  { carrier, verify }: Extract<Spoken, { readonly by: 'certificate' }>,
  { clock }: HeaderOptions,
): Claims | undefined {
  const said = oneHeader(raw, verify) ?? 'NONE';
  if (said === 'NONE') return undefined;
  if (said !== 'SUCCESS') throw new Problem('header.unacceptable', { header: verify, why: 'verify' });
  const certificate = oneHeader(raw, carrier);
  return certificate === undefined ? undefined : certificateClaims(certificate, carrier, clock.now());
}

/** @see Pomerium, "Identity verification": `iss` and `aud` are the host of the route */
async function asserted(
  raw: readonly string[],
  { carrier, keys, algorithms, issuer, audience }: Extract<Spoken, { readonly by: 'assertion' }>,
  { id, clock }: HeaderOptions,
): Promise<Claims | undefined> {
  const token = oneHeader(raw, carrier);
  if (token === undefined) return undefined;
  try {
    const requiredClaims = ['exp', 'sub'];
    return await verifyJwt(token, {
      ...{ keys, algorithms, issuer, audience, requiredClaims, clock },
      leewaySeconds: LEEWAY,
    });
  } catch (thrown) {
    if (isProblem(thrown, 'token.unacceptable'))
      throw new Problem('header.unacceptable', { ...thrown.facts, header: carrier, why: 'assertion' });
    if (isProblem(thrown) && thrown.status === 502)
      throw new Problem('provider.unreachable', { ...thrown.facts, provider: id, why: thrown.code }, thrown);
    throw thrown;
  }
}

/**
 * Where the proxy guards more than the one address, each request says who sits there. A request that is not the
 * proxy's, or says nothing, contradicts nobody; one that cannot be read might, and does.
 */
function contradicts(options: HeaderOptions, shown: Shown, person: Person): Soon<boolean> {
  const { spoken } = options;
  const carriers = spoken.by === 'headers' ? spoken.names.id : [spoken.carrier];
  const lower = carriers.map((name) => name.toLowerCase());
  const speaks = shown.raw.some((name, at) => at % 2 === 0 && lower.includes(name.toLowerCase()));
  if (!speaks || doubtOf(shown, options) !== undefined) return false;
  return otherThan(options, shown, person);
}

async function otherThan(options: HeaderOptions, { raw }: Shown, person: Person): Promise<boolean> {
  try {
    const claims = await claimsOf(raw, options);
    return (
      claims !== undefined &&
      personId(options.id, subjectOf(claims, options.mapping, options.id)) !== person.id
    );
  } catch (thrown) {
    // Keys that cannot be fetched say nothing against anybody.
    if (isProblem(thrown, 'provider.unreachable')) return false;
    if (isProblem(thrown)) return true;
    throw thrown;
  }
}
