/**
 * Asks one web server as somebody who looks for what is wrong with it: every status and header is an answer, no
 * redirect is followed, and a certificate that does not hold is looked at, over which nothing is sent.
 *
 * For the terminal alone. Knows nothing of what is asked.
 */
import { type IncomingMessage, request as plainRequest, type RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { type SecureContext, connect as tlsConnect } from 'node:tls';
import { Problem } from '../base/problem.ts';
import { openXmppSocket, type XmppSocket } from './probe-socket.ts';

/** Which server. */
export interface ProbeSite {
  /** Scheme, host and port. */
  readonly origin: string;
  /** What `Host` says, where it is not that of the origin. */
  readonly host?: string;
  /** The name its certificate must have, where it is not that of the origin. */
  readonly servername?: string;
  readonly secureContext: SecureContext;
  /** Milliseconds for one exchange. */
  readonly timeout: number;
}

/** One request. */
export interface ProbeAsk {
  /** With its query. */
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The address of this machine from which it is asked. */
  readonly localAddress?: string;
}

/** What came back. */
export interface ProbeAnswer {
  readonly status: number;
  /** In lower case; what stood there twice is joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the body, no more than its first half MiB. */
  readonly text: string;
  /** The address of this machine from which it was asked. */
  readonly from: string;
}

/** What a server shows before anything is asked. Times in milliseconds since 1970. */
export interface TlsSeen {
  /** As OpenSSL calls it: `TLSv1.3`. */
  readonly protocol: string;
  /** Does it still speak what nobody should, TLS 1.0 or 1.1? Left out where our own OpenSSL would not ask. */
  readonly old?: boolean;
  readonly from: number;
  readonly until: number;
  readonly issuer: string;
  /** OpenSSL's word for why it is not believed. */
  readonly fault?: string;
}

/** A server that is asked. Everything throws `outbound.failed` (facts: `reason`). */
export interface Probe {
  readonly origin: string;
  ask(ask: ProbeAsk): Promise<ProbeAnswer>;
  /** A WebSocket for XMPP. A status that is none of an upgrade stands in the facts. */
  socket(ask: ProbeAsk): Promise<XmppSocket>;
  /** Undefined where it speaks plain HTTP. */
  tls(): Promise<TlsSeen | undefined>;
}

const LARGEST = 524_288;

/** Makes a probe that asks nothing yet. */
export function createProbe(site: ProbeSite): Probe {
  return {
    origin: site.origin,
    ask: (ask) => exchange(site, ask),
    socket: (ask) => openXmppSocket(socketUrl(site, ask), commonOf(site, ask), site.timeout),
    tls: () => shown(site),
  };
}

/** Why it failed, as a word of Node's or of ours. */
function failed(reason: string, facts: Readonly<Record<string, string | number>> = {}): Problem {
  return new Problem('outbound.failed', { reason, ...facts });
}

function failure(cause: unknown): Problem {
  if (cause instanceof Problem) return cause;
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  const code = first instanceof Error && 'code' in first ? String(first.code) : undefined;
  if (code === undefined) throw cause;
  return new Problem('outbound.failed', { reason: code }, cause);
}

function commonOf(site: ProbeSite, { headers = {}, localAddress }: ProbeAsk) {
  const servername = site.servername ?? bareHost(site);
  return {
    ...(localAddress !== undefined && { localAddress }),
    headers: {
      host: site.host ?? new URL(site.origin).host,
      'user-agent': 'ostiary doctor',
      'accept-encoding': 'identity',
      ...headers,
    },
    ...(isTls(site) && {
      secureContext: site.secureContext,
      ...(isIP(servername) === 0 && { servername }),
    }),
  };
}

function optionsOf(site: ProbeSite, ask: ProbeAsk): RequestOptions {
  const { path, method = 'GET' } = ask;
  const { port } = new URL(site.origin);
  return {
    ...commonOf(site, ask),
    ...{ host: bareHost(site), method, path, agent: false },
    ...(port !== '' && { port }),
  };
}

function bareHost({ origin }: ProbeSite): string {
  return new URL(origin).hostname.replace(/^\[|\]$/g, '');
}

function isTls({ origin }: ProbeSite): boolean {
  return origin.startsWith('https:');
}

function socketUrl({ origin }: ProbeSite, { path }: ProbeAsk): URL {
  return new URL(path, origin.replace(/^http/, 'ws'));
}

function requesting(site: ProbeSite) {
  return isTls(site) ? tlsRequest : plainRequest;
}

function headersOf({ headers }: IncomingMessage): ProbeAnswer['headers'] {
  const said = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : String(value),
  ]);
  return Object.fromEntries(said);
}

/** Once it is closed a socket has none. */
function localOf({ localAddress = '' }: Socket): string {
  return localAddress.replace(/^::ffff:/i, '');
}

function exchange(site: ProbeSite, ask: ProbeAsk): Promise<ProbeAnswer> {
  return new Promise((done, reject) => {
    const asking = requesting(site)(optionsOf(site, ask), (answer) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const from = localOf(answer.socket);
      const finish = () => {
        clearTimeout(deadline);
        asking.destroy();
        const text = Buffer.concat(chunks).toString('utf8');
        done({ status: answer.statusCode ?? 0, headers: headersOf(answer), text, from });
      };
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > LARGEST) finish();
      });
      answer.on('end', finish);
    });
    const fail = (cause: unknown) => {
      clearTimeout(deadline);
      try {
        reject(failure(cause));
      } catch (thrown) {
        reject(thrown);
      }
    };
    const deadline = setTimeout(() => asking.destroy(failed('timeout')), site.timeout);
    asking.on('error', fail);
    // A path that is asked as a page may be answered by a socket: nobody speaks there.
    asking.on('upgrade', (answer, socket) => {
      socket.destroy();
      clearTimeout(deadline);
      done({
        status: answer.statusCode ?? 0,
        headers: headersOf(answer),
        text: '',
        from: localOf(answer.socket),
      });
    });
    asking.end(ask.body);
  });
}

/** Looks at a certificate, believed or not. Nothing is sent over such a connection. */
async function shown(site: ProbeSite): Promise<TlsSeen | undefined> {
  if (!isTls(site)) return undefined;
  const seen = await handshake(site, {});
  const old = await speaksOld(site);
  return { ...seen, ...(old !== undefined && { old }) };
}

/** OpenSSL asks for these only where it is told that nobody is protected by it. */
async function speaksOld(site: ProbeSite): Promise<boolean | undefined> {
  try {
    await handshake(site, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    return true;
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    return thrown.facts['reason'] === 'timeout' ? undefined : false;
  }
}

function handshake(site: ProbeSite, more: object): Promise<TlsSeen> {
  const { host, port, servername } = optionsOf(site, { path: '/' }) as RequestOptions & {
    readonly servername?: string;
  };
  const isOld = Object.keys(more).length > 0;
  return new Promise((done, reject) => {
    const socket = tlsConnect({
      host: String(host),
      port: Number(port ?? 443),
      ...(servername !== undefined && { servername }),
      rejectUnauthorized: false,
      // A context of its own brings its own versions along.
      ...(!isOld && { secureContext: site.secureContext }),
      ...more,
    });
    const deadline = setTimeout(() => socket.destroy(failed('timeout')), site.timeout);
    socket.on('secureConnect', () => {
      clearTimeout(deadline);
      const { valid_from, valid_to, issuer } = socket.getPeerCertificate();
      const fault = socket.authorizationError;
      done({
        protocol: socket.getProtocol() ?? 'unknown',
        from: Date.parse(valid_from),
        until: Date.parse(valid_to),
        issuer: String(issuer?.O ?? issuer?.CN ?? 'unknown'),
        ...(fault && { fault: typeof fault === 'string' ? fault : fault.message }),
      });
      socket.destroy();
    });
    socket.on('error', (cause) => {
      clearTimeout(deadline);
      try {
        reject(failure(cause));
      } catch (thrown) {
        reject(thrown);
      }
    });
  });
}
