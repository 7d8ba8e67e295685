/**
 * A Grant becomes a token. Nothing else is minted, and nobody else mints.
 *
 * Within half a minute the same session gets the same token for the same room
 * again, because a reload or ten restored tabs need no second signature.
 */
import { type Clock, unixSeconds } from '../base/clock.ts';
import { untilOf } from '../base/person.ts';
import { Problem } from '../base/problem.ts';
import { digest, type Random, randomToken } from '../base/random.ts';
import type { Role } from '../base/role.ts';
import type { Secret } from '../base/secret.ts';
import { isHandle } from '../identity/handles.ts';
import type { KeySet } from '../keys/signing-key.ts';
import type { Admission } from '../policy/rule.ts';
import { type ClaimOptions, type JitsiClaims, toClaims } from '../tokens/claims.ts';
import { displayToken } from '../tokens/display.ts';
import { mintToken } from '../tokens/mint.ts';
import type { Grant } from './outcome.ts';
import { type GateParts, signTicket } from './ticket.ts';

/**
 * bearer: for a stream towards Prosody, minutes · errand: the same towards whatever else is asked for somebody in a room, and no password in it · client: handed to a browser, as long as a meeting may last ·
 * app: handed to an app, which shows it at every reconnect and gets no other in a call · ticket: good at our gate only, a day · display: claims only, no signature, a day
 */
export type MintAs = 'bearer' | 'errand' | 'client' | 'app' | 'ticket' | 'display';

/** A token and what may be told about it. `expires` in Unix seconds. */
export interface Minted {
  readonly token: Secret;
  readonly jti: string;
  readonly expires: number;
}

/** What minting needs from the composition root. */
export interface MintParts {
  readonly keys: KeySet;
  readonly clock: Clock;
  readonly random: Random;
  /** What every token of this installation says. */
  readonly claims: Pick<ClaimOptions, 'issuer' | 'audience' | 'xmppDomain' | 'email' | 'guestMark'>;
  /** What Jitsi lets somebody do, by role; absent means Jitsi's own default. */
  readonly features?: Readonly<Partial<Record<Role, Readonly<Record<string, boolean>>>>>;
  /** Seconds, by kind of those that open something at Jitsi. */
  readonly lifetimes: Readonly<Record<'bearer' | 'client' | 'app', number>>;
  readonly gate: GateParts;
}

/** Seconds for which the same token is handed out again. */
const REUSE = 30;
const MOST_REMEMBERED = 10_000;
/**
 * Whatever the session says: a client whose token is past its `exp` does not even try to reconnect, and says
 * nothing. Neither opens anything by itself, and the gate asks about the session each time.
 * @see lib-jitsi-meet, modules/xmpp/ResumeTask.ts
 */
const AT_THE_GATE = 86_400;

/** Makes the one function that turns a Grant into a token. It throws what `toClaims` and `mintToken` throw. */
export function createMint(parts: MintParts): (grant: Grant, as: MintAs) => Promise<Minted> {
  const recent = new Map<string, { readonly minted: Promise<Minted>; readonly until: number }>();

  return (grant, as) => {
    if (grant.anyHour) return Promise.reject(new Problem('server.bug', { why: 'a token to lead a room' }));
    const now = unixSeconds(parts.clock);
    const key = reuseKey(grant, as);
    const known = recent.get(key);
    // A clock moved back must not keep an old token in use.
    if (known && now < known.until && known.until - now <= REUSE) return known.minted;
    const minted = sign(grant, { as, now }, parts);
    recent.delete(key);
    recent.set(key, { minted, until: now + REUSE });
    const oldest = recent.keys().next().value;
    if (recent.size > MOST_REMEMBERED && oldest !== undefined) recent.delete(oldest);
    minted.catch(() => recent.delete(key));
    return minted;
  };
}

function reuseKey({ session, room, decision, person, resumes, client }: Grant, as: MintAs): string {
  const who = [person.id, person.name, person.guest, person.email, person.emailVerified, person.avatar];
  const how = [as, client, resumes, session, room.claim, room.tenant, decision.role, decision.lobby];
  return JSON.stringify([...how, ...who, ...besideKey(decision)]);
}

/** Of two rules with nothing but another password each makes a token of its own. */
function besideKey({ beside, closes }: Admission): readonly unknown[] {
  if (beside === undefined) return [closes];
  const { password, ...rest } = beside;
  return [closes, rest, password && digest(password.reveal())];
}

async function sign(
  grant: Grant,
  { as, now }: { readonly as: MintAs; readonly now: number },
  parts: MintParts,
): Promise<Minted> {
  const { person, room, decision } = grant;
  const jti = randomToken(parts.random, 16);
  const lifetime = lifetimeOf(grant, { as, now }, parts);
  const subject = { person, room, role: decision.role, lobby: decision.lobby };
  const said = besideClaims(decision, as, parts);
  // Prosody tells by it whose connection it is, and who holds the token is that session anyway. Whom an application
  // vouched for where nobody asks again has none, and would be taken for somebody whose session is gone.
  const goesThere = as === 'bearer' || as === 'client' || as === 'app';
  const sid = goesThere && isHandle(grant.session) ? { sid: grant.session } : {};
  const claims = toClaims(subject, { ...parts.claims, ...said, ...sid, lifetime, now, jti });
  return { token: await written(claims, { grant, as }, parts), jti, expires: now + lifetime };
}

/** What the role and the rule add to the claims. What only Prosody may know goes where only Prosody reads. */
function besideClaims(
  { role, beside = {} }: Admission,
  as: MintAs,
  { features: byRole = {} }: MintParts,
): Pick<ClaimOptions, 'features' | 'group' | 'lobbyFor' | 'roomLobby' | 'password'> {
  const { features, lobby, group, password } = beside;
  return {
    ...((features ?? byRole[role]) && { features: { ...byRole[role], ...features } }),
    ...(group !== undefined && { group }),
    ...(lobby?.person !== undefined && { lobbyFor: lobby.person }),
    ...(lobby?.room !== undefined && { roomLobby: lobby.room }),
    ...(password !== undefined && as === 'bearer' && { password }),
  };
}

function written(
  claims: JitsiClaims,
  { grant, as }: { readonly grant: Grant; readonly as: MintAs },
  { keys, gate }: MintParts,
): Secret | Promise<Secret> {
  switch (as) {
    case 'display':
      return displayToken(claims);
    case 'ticket':
      return signTicket(claims, grant, gate);
    case 'bearer':
    case 'errand':
    case 'client':
    case 'app':
      return mintToken(claims, keys);
  }
}

function lifetimeOf(
  { person, resumes, decision }: Grant,
  { as, now }: { readonly as: MintAs; readonly now: number },
  { lifetimes }: MintParts,
): number {
  // A connection that goes on carries on for these minutes; nothing that would last is made of it.
  const kind = as === 'errand' ? 'bearer' : as;
  if (resumes && kind !== 'bearer') throw new Problem('server.bug', { why: 'a resumption was handed out' });
  if (kind === 'display' || kind === 'ticket') return AT_THE_GATE;
  // What is good for one room opens nothing after its end, and so does what is made of it.
  const ends = [untilOf(person), decision.closes === undefined ? undefined : decision.closes / 1000];
  const end = resumes ? undefined : earliest(ends);
  const shorter = kind === 'bearer' ? undefined : decision.beside?.lifetimes?.[kind];
  return earliest([lifetimes[kind], shorter, end === undefined ? undefined : end - now]) ?? lifetimes[kind];
}

function earliest(of: readonly (number | undefined)[]): number | undefined {
  const known = of.filter((one) => one !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
