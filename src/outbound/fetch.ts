/**
 * Every request that leaves us: to listed origins, to no address of a machine's
 * own secrets, over verified TLS, within one deadline and one size, following nothing.
 *
 * A door to undici. Takes no proxy and no trust from the environment by itself,
 * and knows nothing of what is asked or answered.
 */
import { lookup as dnsLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, type Response as Answer, type Dispatcher, fetch, ProxyAgent } from 'undici';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Outbound, OutboundOptions } from '../base/outbound.ts';
import { isProblem, Problem, type ProblemFacts } from '../base/problem.ts';
import { isForbiddenAddress } from './addresses.ts';
import { trusting } from './trust.ts';

/** An address a name led to. */
export interface Resolved {
  readonly address: string;
  readonly family: number;
}

/** What outbound requests are made of. */
export interface OutboundParts {
  /** The origins that may be asked, looked up at every request; `any-https` leaves only the other limits. An `http:` origin in the list is allowed by standing there. */
  readonly allowedOrigins: () => readonly string[] | 'any-https';
  /** With `any-https`: any `http:` origin too. */
  readonly insecureHttp: boolean;
  /** May addresses of this machine and of private networks be asked? Yes where the origins were configured, which is the default. */
  readonly allowPrivate?: boolean;
  /** A PEM file of authorities that are believed besides the system's. */
  readonly caFile?: string;
  /** The proxy everything goes through: `http://[name:password@]host:port`. It resolves the names, so that only addresses written as such can be judged. */
  readonly proxy?: string;
  /** Milliseconds for one whole exchange; 5,000. */
  readonly timeoutMs?: number;
  /** Bytes an answer may have once inflated; 1 MiB. */
  readonly maxBytes?: number;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Clock;
  /** Hears how many seconds our clock is ahead of the one that answered. */
  readonly onDate?: (origin: string, skewSeconds: number) => void;
  /** Where a name leads; the system's resolver. Tests hand in their own. */
  readonly resolve?: (hostname: string) => Promise<readonly Resolved[]>;
}

/** The connection goes to the very address that was judged: nobody resolves a second time. */
function judgedLookup(resolve: NonNullable<OutboundParts['resolve']>, allowPrivate: boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (found) => {
        const allowed = found.filter(({ address }) => !isForbiddenAddress(address, allowPrivate));
        const [first] = allowed;
        if (first === undefined) callback(new Problem('outbound.forbidden', { why: 'address' }), []);
        else if (options.all) callback(null, [...allowed]);
        else callback(null, first.address, first.family);
      },
      (cause: Error) => callback(cause, []),
    );
  };
}

function dispatcherOf({
  caFile,
  proxy,
  timeoutMs = 5000,
  allowPrivate = true,
  resolve,
}: OutboundParts): Dispatcher {
  const secureContext = trusting(caFile, 'outbound.caFile');
  // The deadline rules; undici's own timers are coarse and count silence only.
  const common = { headersTimeout: 0, bodyTimeout: 0, allowH2: false };
  if (proxy !== undefined) {
    if (!/^https?:$/.test(URL.parse(proxy)?.protocol ?? ''))
      throw new Problem('config.unusable', { setting: 'outbound.proxy', why: 'url' });
    const tls = { secureContext, allowH2: false };
    return new ProxyAgent({
      ...common,
      uri: proxy,
      requestTls: tls,
      proxyTls: tls,
      connectTimeout: timeoutMs,
    });
  }
  const lookup = judgedLookup(resolve ?? ((hostname) => dnsLookup(hostname, { all: true })), allowPrivate);
  return new Agent({ ...common, connect: { secureContext, lookup, timeout: timeoutMs } });
}

/** The address, if it may be asked. Throws `outbound.forbidden`. */
function permitted(
  url: string,
  purpose: string,
  { allowedOrigins, insecureHttp, allowPrivate = true }: OutboundParts,
): URL {
  const target = URL.parse(url);
  const forbid = (why: string): never => {
    throw new Problem('outbound.forbidden', { purpose, why, origin: target?.origin ?? '' });
  };
  if (target === null) return forbid('url');
  if (target.protocol !== 'https:' && target.protocol !== 'http:') return forbid('scheme');
  if (target.username !== '' || target.password !== '') return forbid('userinfo');
  // net.connect resolves no address that is written as one.
  const literal = target.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) !== 0 && isForbiddenAddress(literal, allowPrivate)) return forbid('address');
  const origins = allowedOrigins();
  if (origins === 'any-https')
    return target.protocol === 'https:' || insecureHttp ? target : forbid('scheme');
  return origins.some((origin) => URL.parse(origin)?.origin === target.origin) ? target : forbid('origin');
}

/** The whole body, unless it grows beyond the limit: counted as it comes out of the inflater, so that little cannot become much. */
async function bodyOf(answer: Answer, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = () => new Problem('outbound.too-large', { limit: maxBytes });
  if (Number(answer.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Headers that spoke of the connection and of the body as it was sent, and cookies, which we never keep. */
const LEFT_BEHIND = [
  'connection',
  'content-encoding',
  'content-length',
  'keep-alive',
  'set-cookie',
  'transfer-encoding',
];

/** The answer as the rest of us knows it: the platform's Response, which undici's is not. */
function toResponse(answer: Answer, body: Uint8Array<ArrayBuffer>): Response {
  const headers = new Headers([...answer.headers]);
  for (const name of LEFT_BEHIND) headers.delete(name);
  const { status } = answer;
  // The platform knows no other statuses, and these without a body (Fetch, 2.2.3).
  if (status < 200 || status > 599) throw new Problem('outbound.failed', { reason: 'status', status });
  return new Response([204, 205, 304].includes(status) ? null : body, { status, headers });
}

/** How OpenSSL and Node name what is wrong with a certificate or a handshake. @see https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const TLS_CODE =
  /^(CERT_|CRL_|DEPTH_ZERO_|EPROTO$|ERR_SSL_|ERR_TLS_|HOSTNAME_MISMATCH|INVALID_|PATH_LENGTH_|SELF_SIGNED_|UNABLE_TO_)/;
const REASONS: Readonly<Record<string, string>> = {
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_PRX_CONN: 'proxy',
  UND_ERR_PRX_TLS: 'proxy',
  UND_ERR_ABORTED: 'proxy',
};

/** The causes of a cause, itself first. */
function chain(cause: unknown, depth = 0): Error[] {
  if (!(cause instanceof Error) || depth > 5) return [];
  return [
    cause,
    ...chain(cause.cause ?? (cause instanceof AggregateError ? cause.errors[0] : undefined), depth + 1),
  ];
}

/** The name a failure has among programmers. Fetch blocks some ports (Fetch, 2.9), for which undici has no code. */
function codeOf(causes: readonly Error[]): string {
  for (const each of causes) {
    if ('code' in each && typeof each.code === 'string') return each.code;
    if (each.message === 'bad port') return 'port';
  }
  return 'unknown';
}

/** What went wrong on the wire in our words; anything else is a bug and stays what it is. */
function failure(cause: unknown, facts: ProblemFacts): unknown {
  const causes = chain(cause);
  const known = causes.find((each) => isProblem(each));
  if (known !== undefined) return new Problem(known.code, { ...facts, ...known.facts }, cause);
  // undici wraps what happened on the wire in a TypeError; one without a cause is a wrong argument of ours.
  if (!(cause instanceof TypeError) || cause.cause === undefined) return cause;
  const code = codeOf(causes);
  return new Problem(
    'outbound.failed',
    { ...facts, code, reason: TLS_CODE.test(code) ? 'tls' : (REASONS[code] ?? code) },
    cause,
  );
}

/** How many seconds our clock is ahead of the answer's, unless a cache answered (RFC 9111, section 5.1). */
function skewOf(headers: Answer['headers'], now: number): number | undefined {
  const theirs = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(theirs) || headers.has('age') ? undefined : Math.round((now - theirs) / 1000);
}

/** One exchange under one deadline, from the name's resolution to the last byte. */
async function exchange(
  target: URL,
  options: OutboundOptions,
  parts: OutboundParts & { readonly dispatcher: Dispatcher },
): Promise<Response> {
  const { purpose, method = 'GET', headers = {}, body = null, timeout = parts.timeoutMs ?? 5000 } = options;
  const { dispatcher } = parts;
  const stop = new AbortController();
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    stop.abort();
  }, timeout);
  try {
    const sent = new Headers({ 'user-agent': 'ostiary' });
    for (const [name, value] of Object.entries(headers)) sent.set(name, value);
    const answer = await fetch(target, {
      method,
      headers: [...sent],
      body,
      redirect: 'manual',
      signal: stop.signal,
      dispatcher,
    });
    const skew = skewOf(answer.headers, parts.clock.now());
    if (skew !== undefined) parts.onDate?.(target.origin, skew);
    return toResponse(answer, await bodyOf(answer, options.maxBytes ?? parts.maxBytes ?? 1_048_576));
  } catch (cause) {
    const facts = { purpose, origin: target.origin, proxied: parts.proxy !== undefined };
    if (late)
      throw new Problem('outbound.failed', { ...facts, reason: 'timeout', milliseconds: timeout }, cause);
    stop.abort();
    throw failure(cause, facts);
  } finally {
    clearTimeout(deadline);
  }
}

/** What became of a request, as a metric's label. */
function outcomeOf(cause: unknown): string {
  if (isProblem(cause, 'outbound.too-large')) return 'too-large';
  if (isProblem(cause, 'outbound.forbidden')) return 'forbidden';
  return isProblem(cause) && cause.facts.reason === 'timeout' ? 'timeout' : 'failed';
}

/**
 * Makes the one way out. Throws `config.unusable` when the CA file or the proxy's address cannot be used.
 * What it makes throws `outbound.forbidden`, `outbound.failed` (facts: reason, code) or `outbound.too-large`,
 * and never tells more of an address than its origin.
 */
export function createOutbound(parts: OutboundParts): Outbound {
  const dispatcher = dispatcherOf(parts);
  const { clock, metrics, log } = parts;
  return async (url, options) => {
    const { purpose } = options;
    const start = clock.now();
    const finished = (outcome: string) =>
      metrics.observe('ostiary_outbound_seconds', { purpose, outcome }, (clock.now() - start) / 1000);
    try {
      const target = permitted(url, purpose, parts);
      const response = await exchange(target, options, { ...parts, dispatcher });
      finished('answered');
      log.debug('outbound.answered', { purpose, origin: target.origin, status: response.status });
      return response;
    } catch (cause) {
      finished(outcomeOf(cause));
      throw cause;
    }
  };
}
