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
import type { Random } from '../../base/random.ts';
import type { Store } from '../../base/store.ts';
import { type CertifiedKeys, decryptingKeys, signingKey } from '../../keys/certified-keys.ts';
import type { SealingKeys } from '../../keys/signing-key.ts';
import { readAttributeMap } from '../attribute-map.ts';
import { type ProfileMapping, toPerson } from '../profile.ts';
import type { FinishedAttempt, PostForm, Provider, SignedIn, StartOptions } from '../provider.ts';
import { createHealth, type Health, watched } from '../provider-health.ts';
import { ANSWERS_AT, type SamlPlaces } from '../saml-places.ts';
import type { Legacy } from './algorithms.ts';
import { subjectPath, toClaims } from './attributes.ts';
import { decodeMessage } from './encoded.ts';
import type { Expected, Statement } from './expected.ts';
import type { JudgingThread } from './judging-thread.ts';
import { authnRequestXml } from './messages.ts';
import { createMetadataSource, type MetadataPlace, type MetadataSource } from './metadata-source.ts';
import { signedAddress } from './redirect-binding.ts';
import { isBoundTo, readRequestId, requestId } from './request-id.ts';
import {
  createSingleLogout,
  postForm,
  type SingleLogout,
  subjectOfName,
  writeName,
} from './single-logout.ts';

/** One identity provider as the operator described it, and the parts it works with. */
export interface SamlOptions {
  readonly id: string;
  readonly name: string;
  readonly place: MetadataPlace;
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
  /** What it tells us of signing out, and how that is answered. */
  readonly singleLogout: Pick<SingleLogout, 'hear' | 'answer'>;
}

/** Seconds by which the clocks may differ. */
const LEEWAY = 60;
/** Seconds a request is good for: as long as the attempt that made it. */
const REQUEST_LIFETIME = 900;

type Asked = Pick<StartOptions, 'memory' | 'redirectUri' | 'silent'>;

interface Parts {
  readonly options: SamlOptions;
  readonly source: MetadataSource;
  readonly health: Health;
}

/** Makes a provider of these settings. Asks nothing yet. */
export function createSamlProvider(options: SamlOptions): SamlProvider {
  const health = createHealth(options);
  const source = createMetadataSource(options);
  const parts: Parts = { options, health, source };
  const singleLogout = createSingleLogout({ options, current: () => source.current() });
  return {
    id: options.id,
    name: options.name,
    answersAt: ANSWERS_AT,
    origins: () => {
      const { signOn, logout, logoutAnswers } = source.known() ?? {};
      const places = [signOn, logout, logoutAnswers].flatMap((one) => [one?.redirect, one?.post]);
      const pages = places.filter((url) => url !== undefined);
      return [...new Set(pages.map((url) => new URL(url).origin))];
    },
    start: (started) => watched(health, () => start(parts, started)),
    startForm: (started) => watched(health, () => startForm(parts, started)),
    singleLogout,
    finish: (query, memory) => watched(health, () => finish(parts, query, memory)),
    isEntity: (entityId) => isEntity(parts, entityId),
    finishUnsolicited: (response, how) => watched(health, () => finishUnsolicited(parts, response, how)),
    // Only the browser can ask: SAML has nothing like a refresh token.
    recheck: async () => ({ kind: 'unreachable' }),
    logoutForm: async (asked) => {
      const to = await singleLogout.request(asked);
      return to && 'form' in to ? to.form : undefined;
    },
    logoutAddress: async (asked) => {
      const { logout } = await source.current();
      const to = logout.redirect === undefined ? undefined : await singleLogout.request(asked);
      return to && 'address' in to ? to.address : undefined;
    },
    readLogoutToken: async () => {
      throw new Problem('logout-token.unacceptable', { provider: options.id, why: 'saml' });
    },
    state: () => health.state(),
    tryClient: async () => ({}),
    warm: async () => {
      try {
        await watched(health, () => parts.source.current());
        health.good();
      } catch (thrown) {
        // The answer is in `state()`, and was logged there.
        if (!isProblem(thrown)) throw thrown;
      }
    },
  };
}

/** By address wherever the identity provider takes one. */
async function start({ options, source }: Parts, asked: Asked): Promise<string> {
  const { signOn } = await source.current();
  const { redirect } = signOn;
  if (redirect === undefined) {
    const facts = { provider: options.id, asked: 'metadata', why: 'no-redirect' };
    throw new Problem('provider.misconfigured', facts);
  }
  const xml = await requestFor(options, redirect, asked);
  const { key } = await signingKey(options.keys);
  const relayState = asked.memory.state;
  return signedAddress(redirect, { parameter: 'SAMLRequest', xml, relayState, key: key.reveal() });
}

/** @see SAML Bindings 2.0, section 3.5 */
async function startForm({ options, source }: Parts, asked: Asked): Promise<PostForm | undefined> {
  const { signOn } = await source.current();
  const { redirect, post } = signOn;
  if (redirect !== undefined || post === undefined) return undefined;
  const xml = await requestFor(options, post, asked);
  const { key, certificate } = await signingKey(options.keys);
  const by = { key: key.reveal(), certificate };
  const signed = await options.thread.sign({ kind: 'sign', xml, by });
  return postForm(post, signed, { parameter: 'SAMLRequest', relayState: asked.memory.state });
}

async function requestFor(
  options: SamlOptions,
  destination: string,
  { memory, redirectUri, silent }: Asked,
): Promise<string> {
  const [key] = await options.sealing.sealing();
  if (key === undefined) throw new Problem('key.none', { keys: 'sealing' });
  const at = unixSeconds(options.clock);
  return authnRequestXml({
    id: requestId(memory.nonce, { key, at }),
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
  if (made === undefined || !isBoundTo(asked, memory.nonce)) throw invalid(id, 'request');
  if (now - made.at > REQUEST_LIFETIME) throw new Problem('sign-in.expired', { provider: id });
  const judged = await judge(parts, message.xml, { acs: memory.redirectUri, requestId: asked });
  if (judged === 'needs-person') {
    if (memory.silent) return judged;
    throw new Problem('provider.refused', { provider: id, why: 'NoPassive' });
  }
  await refuseReplay(options, judged.statement, now);
  parts.health.good();
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
  const judged = await judge(parts, message.xml, { acs: options.places.acs, requestId: undefined });
  if (judged === 'needs-person') throw new Problem('provider.refused', { provider: id, why: 'NoPassive' });
  if (spend) await refuseReplay(options, judged.statement, unixSeconds(options.clock));
  parts.health.good();
  return signedIn(options, judged);
}

async function isEntity({ source, health }: Parts, entityId: string): Promise<boolean> {
  try {
    return (await watched(health, () => source.current())).entityId === entityId;
  } catch (thrown) {
    // The answer is in `state()`, and was logged there.
    if (!isProblem(thrown)) throw thrown;
    return false;
  }
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
}

/** What holds of a response, for this moment and these metadata. */
async function judge(
  { options, source }: Parts,
  xml: string,
  about: Pick<Expected, 'acs' | 'requestId'>,
): Promise<Believed | 'needs-person'> {
  const now = unixSeconds(options.clock);
  const metadata = await source.current();
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
  return { statement: judged.statement, scopes, idp: metadata.entityId };
}

/** Across all nodes and restarts, until nobody would take it any more. */
async function refuseReplay({ id, store }: SamlOptions, { id: assertion, expires }: Statement, now: number) {
  const key = `saml/seen/${id}/${Buffer.from(assertion).toString('base64url')}`;
  if (!(await store.swap(key, undefined, '1', Math.max(1, expires - now) + LEEWAY)))
    throw new Problem('sign-in.used', { provider: id, why: 'replay' });
}

async function signedIn(
  { id, log, mapping, entityId, attributeMapFile }: SamlOptions,
  { statement, scopes, idp }: Believed,
): Promise<SignedIn> {
  const map = attributeMapFile === undefined ? undefined : await readAttributeMap(attributeMapFile);
  const told = toClaims(statement, scopes, map?.attributes);
  for (const attribute of told.outOfScope) log.warn('saml.out-of-scope', { provider: id, attribute });
  const person = toPerson(told.claims, { ...mapping, id: mapping.id ?? subjectPath(told) }, id);
  const { context, authenticatedAt, nameId, sessionIndex, sessionEnds } = statement;
  return {
    person: { ...person, authenticatedAt, ...(context !== undefined && { acr: context }) },
    ...(nameId && {
      subject: subjectOfName(nameId, { idp, sp: entityId }),
      logoutName: writeName(nameId),
    }),
    ...(sessionIndex !== undefined && { sid: sessionIndex }),
    ...(sessionEnds !== undefined && { until: sessionEnds }),
  };
}
