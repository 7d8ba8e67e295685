/**
 * Adapter: an identity provider that speaks SAML 2.0.
 *
 * It proves who somebody is; it keeps no session and decides nothing. The files beside it are parts of it.
 *
 * @see SAML Profiles 2.0, section 4.1 (Web Browser SSO)
 */
import { type Clock, unixSeconds } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Metrics } from '../../base/metrics.ts';
import type { Outbound } from '../../base/outbound.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import { digest, type Random } from '../../base/random.ts';
import type { Store } from '../../base/store.ts';
import { type CertifiedKeys, decryptingKeys, signingKey } from '../../keys/certified-keys.ts';
import type { SealingKeys } from '../../keys/signing-key.ts';
import { readAttributeMap } from '../attribute-map.ts';
import type { ProfileMapping } from '../profile.ts';
import type { FinishedAttempt, Member, PostForm, Provider, SignedIn, StartOptions } from '../provider.ts';
import { createHealth, type Health, watched } from '../provider-health.ts';
import { ANSWERS_AT, type SamlPlaces } from '../saml-places.ts';
import type { Legacy } from './algorithms.ts';
import { personTold, toClaims } from './attributes.ts';
import { discoveryAddress } from './discovery.ts';
import { decodeMessage, type Encoded } from './encoded.ts';
import type { Expected, Statement } from './expected.ts';
import type { JudgingThread } from './judging-thread.ts';
import { createMembers, type Members, memberOf, personOfMember } from './members.ts';
import { authnRequestXml } from './messages.ts';
import type { IdpMetadata } from './metadata.ts';
import type { MetadataPlace } from './metadata-place.ts';
import { createMetadataSource, type MetadataSource } from './metadata-source.ts';
import { signedAddress } from './redirect-binding.ts';
import { isBoundTo, readRequestId, requestId } from './request-id.ts';
import {
  createSingleLogout,
  postForm,
  type SingleLogout,
  subjectOfName,
  writeName,
} from './single-logout.ts';

/** A federation, of whose members people choose one. */
export interface Federation {
  /** Entity ids of those that are let in; whoever the metadata vouches for where it is absent. */
  readonly only?: readonly string[];
  /** Where people choose; a list of ours where it is absent. */
  readonly discoveryUrl?: string;
  /** The address of our list. */
  readonly listAt: string;
  /** The address to come back to with a choice. */
  readonly chosenAt: string;
}

/** One identity provider, or a federation of them, as the operator described it, and the parts it works with. */
export interface SamlOptions {
  readonly id: string;
  readonly name: string;
  readonly place: MetadataPlace;
  readonly federation?: Federation;
  /** Our own entity id. */
  readonly entityId: string;
  readonly places: SamlPlaces;
  readonly signed: 'assertion' | 'response' | 'both';
  /** Domains it may speak for, where its metadata names none. */
  readonly scopes?: readonly string[];
  /** Old algorithms, each until a moment in Unix seconds. */
  readonly legacy: readonly { readonly algorithm: Legacy; readonly until: number }[];
  /** Seconds. */
  readonly maxAge: number;
  readonly contexts: readonly string[];
  readonly force: boolean;
  readonly nameIdFormat?: string;
  /** What the operator said of attributes. Without `id` the first that never changes is taken. */
  /** A file with further names of attributes, as mod_shib has one; read at every sign-in. */
  readonly attributeMapFile?: string;
  readonly mapping: Omit<ProfileMapping, 'id'> & { readonly id?: readonly string[] };
  readonly keys: CertifiedKeys;
  readonly sealing: SealingKeys;
  readonly thread: JudgingThread;
  /** For documents about many: nobody's sign-in waits behind one. */
  readonly slowThread: JudgingThread;
  readonly store: Store;
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** An identity provider that speaks SAML: what it can beside every other kind. */
export interface SamlProvider extends Provider {
  /** Is this its entity id? False as long as its metadata is not known. */
  isEntity(entityId: string): Promise<boolean>;
  /**
   * Judges a posted response that answers no request; with `spend` it is taken, and never again.
   * Throws as `finish` does.
   */
  finishUnsolicited(response: string, how: { readonly spend: boolean }): Promise<SignedIn>;
  /** What this entity tells us of signing out, and how that is answered. */
  singleLogout(entityId: string): Pick<SingleLogout, 'hear' | 'answer'>;
}

/** Seconds by which the clocks may differ. */
const LEEWAY = 60;
/** Seconds a request is good for: as long as the attempt that made it. */
const REQUEST_LIFETIME = 900;

type Asked = Pick<StartOptions, 'memory' | 'redirectUri' | 'silent' | 'member' | 'person'>;

interface Parts {
  readonly options: SamlOptions;
  readonly trust: Trust;
  readonly health: Health;
}

/** Whom we believe: one identity provider, or whichever of many is meant. */
type Trust =
  | { readonly kind: 'one'; readonly source: MetadataSource }
  | { readonly kind: 'many'; readonly members: Members; readonly federation: Federation };

function trustOf(options: SamlOptions): Trust {
  const { federation } = options;
  if (federation === undefined) return { kind: 'one', source: createMetadataSource(options) };
  const { only, discoveryUrl } = federation;
  const members = createMembers({
    ...options,
    listed: discoveryUrl === undefined,
    ...(only !== undefined && { only }),
  });
  return { kind: 'many', members, federation };
}

/** Makes a provider of these settings. Asks nothing yet. */
export function createSamlProvider(options: SamlOptions): SamlProvider {
  const health = createHealth(options);
  const trust = trustOf(options);
  const parts: Parts = { options, health, trust };
  // Where one of many does not answer, the others may.
  const seen = <T>(work: () => Promise<T>) => (trust.kind === 'one' ? watched(health, work) : work());
  return {
    id: options.id,
    name: options.name,
    answersAt: ANSWERS_AT,
    origins: (person) => originsOf(parts, person),
    start: (started) => seen(() => start(parts, started)),
    startForm: (started) => seen(() => startForm(parts, started)),
    singleLogout: (entityId) => logoutOf(parts, trust.kind === 'one' ? undefined : entityId),
    finish: (query, memory) => seen(() => finish(parts, query, memory)),
    isEntity: (entityId) => isEntity(parts, entityId),
    finishUnsolicited: (response, how) => seen(() => finishUnsolicited(parts, response, how)),
    ...(trust.kind === 'many' &&
      trust.federation.discoveryUrl === undefined && { members: () => listed(trust.members) }),
    // Only the browser can ask: SAML has nothing like a refresh token.
    recheck: async () => ({ kind: 'unreachable' }),
    logoutForm: async (asked) => {
      const to = await logoutOfPerson(parts, asked.person).request(asked);
      return to && 'form' in to ? to.form : undefined;
    },
    logoutAddress: async (asked) => {
      const { logout } = (await metadataOfPerson(parts, asked.person)) ?? {};
      if (logout?.redirect === undefined) return undefined;
      const to = await logoutOfPerson(parts, asked.person).request(asked);
      return to && 'address' in to ? to.address : undefined;
    },
    readLogoutToken: async () => {
      throw new Problem('logout-token.unacceptable', { provider: options.id, why: 'saml' });
    },
    state: () => health.state(),
    tryClient: async () => ({}),
    warm: async (person) => {
      try {
        await watched<unknown>(health, () =>
          trust.kind === 'one' ? trust.source.current() : trust.members.warm(),
        );
        health.good();
        const member = person === undefined ? undefined : memberOf(options.id, person);
        if (trust.kind === 'many' && member !== undefined) await trust.members.of(member);
      } catch (thrown) {
        // The answer is in `state()`, and was logged there; that of one member comes when somebody is sent to it.
        if (!isProblem(thrown)) throw thrown;
      }
    },
  };
}

/** Where a form of ours may lead. A choice of a member is a link, and leads on from there. */
function originsOf({ options, trust }: Parts, person: string | undefined): readonly string[] {
  const placesOf = ({ signOn, logout, logoutAnswers }: Partial<IdpMetadata> = {}) =>
    [signOn, logout, logoutAnswers].flatMap((one) => [one?.redirect, one?.post]);
  const places = () => {
    if (trust.kind === 'one') return placesOf(trust.source.known());
    const member = person === undefined ? undefined : memberOf(options.id, person);
    return member === undefined ? [trust.federation.discoveryUrl] : placesOf(trust.members.known(member));
  };
  const pages = places().filter((url) => url !== undefined);
  return [...new Set(pages.map((url) => new URL(url).origin))];
}

async function listed(members: Members): Promise<readonly Member[]> {
  return (await members.listed()).map(({ entityId, names }) => ({ entityId, names }));
}

/** The metadata of whoever is meant. */
function metadataOf(trust: Trust, member: string | undefined): Promise<IdpMetadata> {
  return trust.kind === 'one' ? trust.source.current() : trust.members.of(member ?? '');
}

/** What a request is bound to: one attempt, and of many identity providers the one that was asked. */
function bindingOf(nonce: string, member: string | undefined): string {
  return member === undefined ? nonce : `${nonce} ${member}`;
}

/** By address wherever the identity provider takes one. */
async function start(parts: Parts, asked: Asked): Promise<string> {
  const { options, trust } = parts;
  const member = memberAsked(parts, asked);
  if (trust.kind === 'many' && member === undefined)
    return choiceOf(options, trust.federation, asked.memory.state);
  const { signOn } = await metadataOf(trust, member);
  const { redirect } = signOn;
  if (redirect === undefined) {
    const facts = { provider: options.id, asked: 'metadata', why: 'no-redirect' };
    throw new Problem('provider.misconfigured', facts);
  }
  const xml = await requestFor(options, { destination: redirect, member }, asked);
  const { key } = await signingKey(options.keys);
  const relayState = asked.memory.state;
  return signedAddress(redirect, { parameter: 'SAMLRequest', xml, relayState, key: key.reveal() });
}

/** @see SAML Bindings 2.0, section 3.5 */
async function startForm(parts: Parts, asked: Asked): Promise<PostForm | undefined> {
  const { options, trust } = parts;
  const member = memberAsked(parts, asked);
  if (trust.kind === 'many' && member === undefined) return undefined;
  const { signOn } = await metadataOf(trust, member);
  const { redirect, post } = signOn;
  if (redirect !== undefined || post === undefined) return undefined;
  const xml = await requestFor(options, { destination: post, member }, asked);
  const { key, certificate } = await signingKey(options.keys);
  const by = { key: key.reveal(), certificate };
  const signed = await options.thread.sign({ kind: 'sign', xml, by });
  return postForm(post, signed, { parameter: 'SAMLRequest', relayState: asked.memory.state });
}

/** Of many, the one that was chosen, or where somebody came from. */
function memberAsked({ options, trust }: Parts, { member, person }: Asked): string | undefined {
  if (trust.kind === 'one') return undefined;
  return member ?? (person === undefined ? undefined : memberOf(options.id, person));
}

/** Where somebody chooses, and comes back from with the attempt they began. */
function choiceOf({ entityId }: SamlOptions, federation: Federation, state: string): string {
  const { discoveryUrl, listAt, chosenAt } = federation;
  const withState = (address: string) => `${address}?state=${encodeURIComponent(state)}`;
  if (discoveryUrl === undefined) return `${withState(listAt)}#`;
  return `${discoveryAddress(discoveryUrl, { entityId, returnTo: withState(chosenAt) })}#`;
}

/** Single logout with one: its messages are bound to it, as its requests are. */
function logoutOf({ options, trust }: Parts, member: string | undefined): SingleLogout {
  const whose = member === undefined ? options.id : `${options.id} ${member}`;
  return createSingleLogout({ options, whose, current: () => metadataOf(trust, member) });
}

/** Of many, where somebody came from; without that nobody is told. */
function logoutOfPerson(parts: Parts, person = ''): SingleLogout {
  return logoutOf(parts, parts.trust.kind === 'one' ? undefined : (memberOf(parts.options.id, person) ?? ''));
}

/** Undefined for somebody who came from no member. */
async function metadataOfPerson({ options, trust }: Parts, person = ''): Promise<IdpMetadata | undefined> {
  if (trust.kind === 'one') return trust.source.current();
  const member = memberOf(options.id, person);
  return member === undefined ? undefined : trust.members.of(member);
}

async function requestFor(
  options: SamlOptions,
  { destination, member }: { readonly destination: string; readonly member: string | undefined },
  { memory, redirectUri, silent }: Asked,
): Promise<string> {
  const [key] = await options.sealing.sealing();
  if (key === undefined) throw new Problem('key.none', { keys: 'sealing' });
  const at = unixSeconds(options.clock);
  return authnRequestXml({
    id: requestId(bindingOf(memory.nonce, member), { key, at }),
    at,
    destination,
    entityId: options.entityId,
    acs: redirectUri,
    passive: silent,
    force: options.force && !silent,
    contexts: options.contexts,
    ...(options.nameIdFormat !== undefined && { nameIdFormat: options.nameIdFormat }),
  });
}

async function finish(
  parts: Parts,
  query: URLSearchParams,
  memory: FinishedAttempt,
): Promise<SignedIn | 'needs-person'> {
  const { options } = parts;
  const { id, clock } = options;
  const message = decodeMessage(query.get('SAMLResponse') ?? '');
  if (message === undefined) throw invalid(id, 'base64');
  const now = unixSeconds(clock);
  const asked = message.inResponseTo ?? '';
  const made = readRequestId(asked, await options.sealing.sealing());
  // Whose it seems to be is proved below; here it leads to the one that was asked, and to nobody else.
  const member = seeming(parts, message);
  if (made === undefined || !isBoundTo(asked, bindingOf(memory.nonce, member))) throw invalid(id, 'request');
  if (now - made.at > REQUEST_LIFETIME) throw new Problem('sign-in.expired', { provider: id });
  const judged = await judge(
    parts,
    { xml: message.xml, member },
    { acs: memory.redirectUri, requestId: asked },
  );
  if (judged === 'needs-person') {
    if (memory.silent) return judged;
    throw new Problem('provider.refused', { provider: id, why: 'NoPassive' });
  }
  await refuseReplay(options, judged, now);
  if (member === undefined) parts.health.good();
  return signedIn(options, judged);
}

/** @see SAML Profiles 2.0, section 4.1.5 */
async function finishUnsolicited(
  parts: Parts,
  response: string,
  { spend }: { readonly spend: boolean },
): Promise<SignedIn> {
  const { options } = parts;
  const { id } = options;
  const message = decodeMessage(response);
  if (message === undefined) throw invalid(id, 'base64');
  const member = seeming(parts, message);
  const judged = await judge(
    parts,
    { xml: message.xml, member },
    { acs: options.places.acs, requestId: undefined },
  );
  if (judged === 'needs-person') throw new Problem('provider.refused', { provider: id, why: 'NoPassive' });
  if (spend) await refuseReplay(options, judged, unixSeconds(options.clock));
  if (member === undefined) parts.health.good();
  return signedIn(options, judged);
}

async function isEntity({ trust, health }: Parts, entityId: string): Promise<boolean> {
  try {
    if (trust.kind === 'many') return (await trust.members.of(entityId)).entityId === entityId;
    return (await watched(health, () => trust.source.current())).entityId === entityId;
  } catch (thrown) {
    // The answer is in `state()`, and was logged there; of one of many nothing is known.
    if (!isProblem(thrown)) throw thrown;
    return false;
  }
}

/** Of many, the one a message seems to be from. */
function seeming({ trust }: Parts, { issuer = '' }: Encoded): string | undefined {
  return trust.kind === 'one' ? undefined : issuer;
}

function invalid(provider: string, why: string): Problem {
  return new Problem('saml.unacceptable', { provider, why });
}

/** What was said of somebody, and by whom. */
interface Believed {
  readonly statement: Statement;
  /** Domains that it may speak for. */
  readonly scopes: readonly string[];
  /** The identity provider's entity id. */
  readonly idp: string;
  /** The same, where it is one of many. */
  readonly member: string | undefined;
}

/** What holds of a response, for this moment and these metadata. */
async function judge(
  { options, trust }: Parts,
  { xml, member }: { readonly xml: string; readonly member: string | undefined },
  about: Pick<Expected, 'acs' | 'requestId'>,
): Promise<Believed | 'needs-person'> {
  const now = unixSeconds(options.clock);
  const metadata = await metadataOf(trust, member);
  const keys = await decryptingKeys(options.keys);
  const judged = await options.thread.judge({
    kind: 'response',
    xml,
    expected: {
      ...about,
      now,
      leeway: LEEWAY,
      idp: { entityId: metadata.entityId, certificates: metadata.certificates },
      audience: options.entityId,
      signed: options.signed,
      legacy: options.legacy.filter(({ until }) => now < until).map(({ algorithm }) => algorithm),
      keys,
      maxAge: options.maxAge,
      contexts: options.contexts,
    },
  });
  if (judged.kind === 'refused') throw new Problem(judged.code, { provider: options.id, why: judged.why });
  if (judged.kind === 'needs-person') return 'needs-person';
  const scopes = [...metadata.scopes, ...(options.scopes ?? [])];
  return { statement: judged.statement, scopes, idp: metadata.entityId, member };
}

/** Across all nodes and restarts, until nobody would take it any more. */
async function refuseReplay({ id, store }: SamlOptions, { statement, member }: Believed, now: number) {
  const { id: assertion, expires } = statement;
  // Ids are each identity provider's own.
  const whose = member === undefined ? '' : `${digest(member)}/`;
  const key = `saml/seen/${id}/${whose}${Buffer.from(assertion).toString('base64url')}`;
  if (!(await store.swap(key, undefined, '1', Math.max(1, expires - now) + LEEWAY)))
    throw new Problem('sign-in.used', { provider: id, why: 'replay' });
}

async function signedIn(
  { id, log, mapping, entityId, attributeMapFile }: SamlOptions,
  { statement, scopes, idp, member }: Believed,
): Promise<SignedIn> {
  const map = attributeMapFile === undefined ? undefined : await readAttributeMap(attributeMapFile);
  const told = toClaims(statement, scopes, map?.attributes);
  for (const attribute of told.outOfScope) log.warn('saml.out-of-scope', { provider: id, attribute });
  const person = personTold(told, { statement, mapping, provider: id });
  const { context, authenticatedAt, nameId, sessionIndex, sessionEnds } = statement;
  const known = member === undefined ? person.id : personOfMember(id, member, person.id);
  return {
    person: { ...person, id: known, authenticatedAt, ...(context !== undefined && { acr: context }) },
    ...(nameId && {
      subject: subjectOfName(nameId, { idp, sp: entityId }),
      logoutName: writeName(nameId),
    }),
    ...(sessionIndex !== undefined && { sid: sessionIndex }),
    ...(sessionEnds !== undefined && { until: sessionEnds }),
  };
}
