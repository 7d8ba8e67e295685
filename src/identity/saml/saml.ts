/**
 * Adapter: an identity provider that speaks SAML 2.0.
 *
 * It proves who somebody is; it keeps no session and decides nothing. The files beside it are parts of it.
 *
 * @see SAML Profiles 2.0, section 4.1 (Web Browser SSO)
 */
import { sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { type Clock, unixSeconds } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Metrics } from '../../base/metrics.ts';
import type { Outbound } from '../../base/outbound.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import type { Store } from '../../base/store.ts';
import type { CertifiedKeys } from '../../keys/certified-keys.ts';
import type { SealingKeys } from '../../keys/signing-key.ts';
import { type ProfileMapping, toPerson } from '../profile.ts';
import type { FinishedAttempt, Provider, SignedIn, StartOptions } from '../provider.ts';
import { createHealth, type Health, watched } from '../provider-health.ts';
import { ANSWERS_AT } from '../saml-places.ts';
import type { Legacy } from './algorithms.ts';
import { subjectPath, toClaims } from './attributes.ts';
import { decodeMessage } from './encoded.ts';
import type { Expected, Statement } from './expected.ts';
import type { JudgingThread } from './judging-thread.ts';
import { authnRequestXml } from './messages.ts';
import { createMetadataSource, type MetadataPlace, type MetadataSource } from './metadata-source.ts';
import { RSA_SHA256 } from './names.ts';
import { isBoundTo, readRequestId, requestId } from './request-id.ts';

/** One identity provider as the operator described it, and the parts it works with. */
export interface SamlOptions {
  readonly id: string;
  readonly name: string;
  readonly place: MetadataPlace;
  /** Our own entity id. */
  readonly entityId: string;
  /** Where responses are posted, as an address. */
  readonly acs: string;
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
  readonly mapping: Omit<ProfileMapping, 'id'> & { readonly id?: readonly string[] };
  readonly keys: CertifiedKeys;
  readonly sealing: SealingKeys;
  readonly thread: JudgingThread;
  readonly store: Store;
  readonly outbound: Outbound;
  readonly clock: Clock;
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
}

/** Seconds by which the clocks may differ. */
const LEEWAY = 60;
/** Seconds a request is good for: as long as the attempt that made it. */
const REQUEST_LIFETIME = 900;

interface Parts {
  readonly options: SamlOptions;
  readonly source: MetadataSource;
  readonly health: Health;
}

/** Makes a provider of these settings. Asks nothing yet. */
export function createSamlProvider(options: SamlOptions): SamlProvider {
  const health = createHealth(options);
  const parts: Parts = { options, health, source: createMetadataSource(options) };
  return {
    id: options.id,
    name: options.name,
    answersAt: ANSWERS_AT,
    origins: () => {
      const { signOn } = parts.source.known() ?? {};
      const pages = [signOn?.redirect, signOn?.post].filter((url) => url !== undefined);
      return [...new Set(pages.map((url) => new URL(url).origin))];
    },
    start: (started) => watched(health, () => start(parts, started)),
    finish: (query, memory) => watched(health, () => finish(parts, query, memory)),
    isEntity: (entityId) => isEntity(parts, entityId),
    finishUnsolicited: (response, how) => watched(health, () => finishUnsolicited(parts, response, how)),
    // Only the browser can ask: SAML has nothing like a refresh token.
    recheck: async () => ({ kind: 'unreachable' }),
    logoutForm: async () => undefined,
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

async function start(
  { options, source }: Parts,
  { memory, redirectUri, silent }: StartOptions,
): Promise<string> {
  const { signOn } = await source.current();
  if (signOn.redirect === undefined)
    throw new Problem('provider.misconfigured', {
      provider: options.id,
      asked: 'metadata',
      why: 'no-redirect',
    });
  const [key] = await options.sealing.sealing();
  if (key === undefined) throw new Problem('key.none', { keys: 'sealing' });
  const at = unixSeconds(options.clock);
  const xml = authnRequestXml({
    id: requestId(memory.nonce, { key, at }),
    at,
    destination: signOn.redirect,
    entityId: options.entityId,
    acs: redirectUri,
    passive: silent,
    force: options.force && !silent,
    contexts: options.contexts,
    ...(options.nameIdFormat !== undefined && { nameIdFormat: options.nameIdFormat }),
  });
  return signedAddress(signOn.redirect, { xml, relayState: memory.state, keys: options.keys });
}

/** The signature is over the query as it is sent. @see SAML Bindings 2.0, section 3.4.4.1 */
async function signedAddress(
  location: string,
  about: { readonly xml: string; readonly relayState: string; readonly keys: CertifiedKeys },
): Promise<string> {
  const [{ key }] = await about.keys.all();
  const query = [
    ['SAMLRequest', deflateRawSync(about.xml).toString('base64')],
    ['RelayState', about.relayState],
    ['SigAlg', RSA_SHA256],
  ]
    .map(([name, value = '']) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  const signature = encodeURIComponent(sign('sha256', Buffer.from(query), key.reveal()).toString('base64'));
  const url = new URL(location);
  url.hash = '';
  return `${url.href}${url.search === '' ? '?' : '&'}${query}&Signature=${signature}#`;
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
  return signedIn(options, judged.statement, judged.scopes);
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
  const judged = await judge(parts, message.xml, { acs: options.acs, requestId: undefined });
  if (judged === 'needs-person') throw new Problem('provider.refused', { provider: id, why: 'NoPassive' });
  if (spend) await refuseReplay(options, judged.statement, unixSeconds(options.clock));
  parts.health.good();
  return signedIn(options, judged.statement, judged.scopes);
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

/** What holds of a response, for this moment and these metadata. */
async function judge(
  { options, source }: Parts,
  xml: string,
  about: Pick<Expected, 'acs' | 'requestId'>,
): Promise<{ readonly statement: Statement; readonly scopes: readonly string[] } | 'needs-person'> {
  const now = unixSeconds(options.clock);
  const metadata = await source.current();
  const keys = await options.keys.all();
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
      keys: keys.map(({ key }) => key.reveal()),
      maxAge: options.maxAge,
      contexts: options.contexts,
    },
  });
  if (judged.kind === 'refused') throw new Problem(judged.code, { provider: options.id, why: judged.why });
  if (judged.kind === 'needs-person') return 'needs-person';
  return { statement: judged.statement, scopes: [...metadata.scopes, ...(options.scopes ?? [])] };
}

/** Across all nodes and restarts, until nobody would take it any more. */
async function refuseReplay({ id, store }: SamlOptions, { id: assertion, expires }: Statement, now: number) {
  const key = `saml/seen/${id}/${Buffer.from(assertion).toString('base64url')}`;
  if (!(await store.swap(key, undefined, '1', Math.max(1, expires - now) + LEEWAY)))
    throw new Problem('sign-in.used', { provider: id, why: 'replay' });
}

function signedIn(
  { id, log, mapping }: SamlOptions,
  statement: Statement,
  scopes: readonly string[],
): SignedIn {
  const told = toClaims(statement, scopes);
  for (const attribute of told.outOfScope) log.warn('saml.out-of-scope', { provider: id, attribute });
  const person = toPerson(told.claims, { ...mapping, id: mapping.id ?? subjectPath(told) }, id);
  const { context, authenticatedAt, sessionIndex, sessionEnds } = statement;
  return {
    person: { ...person, authenticatedAt, ...(context !== undefined && { acr: context }) },
    ...(sessionIndex !== undefined && { sid: sessionIndex }),
    ...(sessionEnds !== undefined && { until: sessionEnds }),
  };
}
