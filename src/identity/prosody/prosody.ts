/**
 * Adapter: the accounts that Prosody itself keeps, `internal_hashed`.
 *
 * Prosody is asked over BOSH, as Jitsi's own page asks it, whether name and password are right. By SCRAM, so that
 * the password does not even reach it; and it has to show that it knows the password too.
 */
import { type Clock, unixSeconds } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Metrics } from '../../base/metrics.ts';
import type { Outbound } from '../../base/outbound.ts';
import { type Person, personId } from '../../base/person.ts';
import { Problem } from '../../base/problem.ts';
import { type Random, randomToken } from '../../base/random.ts';
import { Secret } from '../../base/secret.ts';
import { readCredentials, wrongPassword } from '../password.ts';
import { createPasswordProvider } from '../password-provider.ts';
import type { Provider, Recheck, SignedIn } from '../provider.ts';
import { createHealth, type Health, watched } from '../provider-health.ts';
import { type BoshWay, onStream, type SaslAnswer, type Stream } from './bosh-login.ts';
import { localpartOf } from './jid.ts';
import { beginScram, type Derive, deriveKey, proveScram, readChallenge, type ScramHash } from './scram.ts';

/** The accounts of one of Prosody's hosts as the operator described them, and the parts it works with. */
export interface ProsodyOptions {
  readonly id: string;
  readonly name: string;
  /** Where BOSH is spoken. */
  readonly url: string;
  /** The host whose accounts they are, in lower case. */
  readonly domain: string;
  /** Is the way to it safe from listeners, so that a password may be shown where there is no SCRAM? */
  readonly safe: boolean;
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** For tests that count. */
  readonly derive?: Derive;
}

const SCRAM: readonly (readonly [mechanism: string, hash: ScramHash])[] = [
  ['SCRAM-SHA-256', 'sha256'],
  ['SCRAM-SHA-1', 'sha1'],
];

/** What Prosody's own accounts cost; spent for a name it does not know. @see prosody, plugins/mod_auth_internal_hashed.lua */
const ITERATIONS = 10_000;

interface Parts {
  readonly options: ProsodyOptions;
  readonly health: Health;
}

/** Makes a provider of these accounts. Asks nothing yet. */
export function createProsodyProvider(options: ProsodyOptions): Provider {
  const health = createHealth(options);
  const parts: Parts = { options, health };
  return createPasswordProvider(
    { ...options, kind: 'prosody', health },
    {
      finish: (fields) => finish(parts, fields),
      recheck: (refreshToken, person) => watched(health, () => recheck(parts, refreshToken, person)),
      look: () => look(parts),
    },
  );
}

function wayOf({ id, url, domain, outbound, random }: ProsodyOptions): BoshWay {
  const rid = 1 + (Buffer.from(random.bytes(4)).readUInt32BE() >>> 1);
  return { id, url, domain, outbound, rid };
}

/** Does the host answer, and with something we can sign in by? */
async function look({ options, health }: Parts): Promise<void> {
  await onStream(wayOf(options), async ({ mechanisms }) => void chosen(options, mechanisms));
  health.good();
}

/** The strongest that both sides know. A password as it is goes only where nobody listens. */
function chosen(
  { id, safe }: ProsodyOptions,
  mechanisms: readonly string[],
): { readonly mechanism: string; readonly hash?: ScramHash } {
  const scram = SCRAM.find(([name]) => mechanisms.includes(name));
  if (scram !== undefined) return { mechanism: scram[0], hash: scram[1] };
  if (mechanisms.includes('PLAIN') && safe) return { mechanism: 'PLAIN' };
  throw new Problem('provider.misconfigured', {
    provider: id,
    asked: 'mechanisms',
    why: mechanisms.join(' ').slice(0, 100) || 'none',
  });
}

async function finish({ options, health }: Parts, fields: URLSearchParams): Promise<SignedIn> {
  const { id, domain, clock } = options;
  const { username, password } = readCredentials(fields, id);
  const local = localpartOf(username, domain);
  if (local === undefined) throw wrongPassword(id, 'unusable');
  const no = await onStream(wayOf(options), async (stream) => {
    const { mechanism, hash } = chosen(options, stream.mechanisms);
    health.good();
    if (hash !== undefined) return scram(options, stream, { mechanism, hash, local, password });
    const answer = await stream.begin(mechanism, `\0${local}\0${password.reveal()}`);
    return answer.kind === 'success' ? undefined : reason(options, answer);
  });
  if (no !== undefined) throw wrongPassword(id, no);
  const person: Person = {
    id: personId(id, `${local}@${domain}`),
    provider: id,
    name: local,
    emailVerified: false,
    groups: [],
    authenticatedAt: unixSeconds(clock),
  };
  // No secret: it is there so that the hourly look is ours to take, without the browser.
  return { person, refreshToken: new Secret(local) };
}

/** Why Prosody says no; undefined for yes, which it has to prove. */
async function scram(
  options: ProsodyOptions,
  stream: Stream,
  who: {
    readonly mechanism: string;
    readonly hash: ScramHash;
    readonly local: string;
    readonly password: Secret;
  },
): Promise<string | undefined> {
  const { id, random, derive = deriveKey } = options;
  const { message, begun } = beginScram(who.hash, { username: who.local, nonce: randomToken(random, 24) });
  const first = await stream.begin(who.mechanism, message);
  if (first.kind === 'failure') {
    const no = reason(options, first);
    // Whoever is not there costs as much work as who is.
    await derive(
      who.password.reveal(),
      { salt: Buffer.from(random.bytes(16)), iterations: ITERATIONS },
      who.hash,
    );
    return no;
  }
  const challenge = first.kind === 'challenge' ? readChallenge(first.text, begun) : undefined;
  if (challenge === undefined) throw new Problem('provider.response-invalid', { provider: id, why: 'scram' });
  const { message: proof, answers } = await proveScram(begun, challenge, { password: who.password, derive });
  let last = await stream.respond(proof);
  if (last.kind === 'failure') return reason(options, last);
  const proved = answers(last.text);
  // Its proof may come before its word (RFC 6120, section 6.4.5).
  if (last.kind === 'challenge' && proved) last = await stream.respond('');
  if (last.kind !== 'success' || !proved)
    throw new Problem('provider.response-invalid', { provider: id, why: 'server-signature' });
  return undefined;
}

/** What is said of the settings and of Prosody's own state is no word about the person. @see RFC 6120, section 6.5 */
const NOT_THEIR_FAULT: Readonly<Record<string, 'provider.unreachable' | 'provider.misconfigured'>> = {
  'temporary-auth-failure': 'provider.unreachable',
  'encryption-required': 'provider.misconfigured',
  'invalid-mechanism': 'provider.misconfigured',
  'mechanism-too-weak': 'provider.misconfigured',
};

function reason({ id }: ProsodyOptions, answer: SaslAnswer): string {
  const condition = answer.kind === 'failure' ? answer.condition : answer.kind;
  const code = NOT_THEIR_FAULT[condition];
  if (code !== undefined) throw new Problem(code, { provider: id, asked: 'sasl', why: condition });
  return condition;
}

/** Where SCRAM begins Prosody has looked the account up, and says no where there is none: that is all we ask. */
async function recheck({ options, health }: Parts, refreshToken: Secret, person: Person): Promise<Recheck> {
  const { random } = options;
  const local = refreshToken.reveal();
  const no = await onStream(wayOf(options), async (stream) => {
    const { mechanism, hash } = chosen(options, stream.mechanisms);
    health.good();
    if (hash === undefined) return undefined;
    const { message } = beginScram(hash, { username: local, nonce: randomToken(random, 24) });
    const answer = await stream.begin(mechanism, message);
    return answer.kind === 'failure' ? reason(options, answer) : undefined;
  });
  return no === undefined ? { kind: 'still', signedIn: { person, refreshToken } } : { kind: 'gone', why: no };
}
