/**
 * Opens a WebSocket towards Jitsi: one upgrade request, and a look at the answer
 * that believes nothing. Knows nothing of who asked, and reads no frame.
 *
 * An adapter: node:http and node:https, a connection of its own for each.
 */
import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { Problem } from '../base/problem.ts';
import { checkAnswer, type Handshake } from './handshake.ts';

/** What is asked of Jitsi. */
export interface UpgradeAsk {
  /** Jitsi's web server, or Prosody itself. */
  readonly to: 'web' | 'xmpp';
  /** With its query. */
  readonly path: string;
  /** Names and values in turns; `Host` among them. What the handshake itself needs is ours. */
  readonly headers: readonly string[];
  readonly handshake: Handshake;
}

/** A connection that speaks WebSocket now. */
export interface OpenedSocket {
  readonly socket: Duplex;
  /** What came behind the answer. */
  readonly head: Uint8Array;
  /** The answer's headers, names and values in turns. */
  readonly headers: readonly string[];
  /** The subprotocol Jitsi chose. */
  readonly protocol?: string;
}

/** The way to Jitsi's WebSockets. */
export interface UpstreamSocket {
  /**
   * Throws `upstream.unreachable`, `upstream.slow`, and `upstream.unusable` with the status where the answer is not
   * the one WebSocket there is. `gone` ends the asking when the caller went away.
   */
  open(ask: UpgradeAsk, gone?: AbortSignal): Promise<OpenedSocket>;
}

/** What the adapter is made of. */
export interface UpstreamSocketParts {
  readonly origins: { readonly web: string; readonly xmpp?: string };
  /** The name that a certificate must show, where it is not the one in the origin: Jitsi's public name. */
  readonly servername?: string;
  /** Which authorities are believed; the system's if not given. */
  readonly secureContext?: SecureContext;
  /** Seconds until the answer must have come, the connection included. */
  readonly timeout: number;
}

/** What the handshake is made of: set here, whatever stands in the headers. An extension would change what a frame is. */
const OURS: ReadonlySet<string> = new Set([
  'connection',
  'upgrade',
  'content-length',
  'transfer-encoding',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
]);
const LARGEST_HEADERS = 16_384;

/** Makes the way. */
export function createUpstreamSocket(parts: UpstreamSocketParts): UpstreamSocket {
  return {
    open: (ask, gone) =>
      new Promise((done, failed) => {
        const asking = begin(ask, parts);
        const deadline = setTimeout(
          () => asking.destroy(new Problem('upstream.slow', { to: ask.to })),
          parts.timeout * 1000,
        );
        const goneAway = () => asking.destroy(new Problem('upstream.unreachable', { why: 'caller gone' }));
        const settle = () => {
          clearTimeout(deadline);
          gone?.removeEventListener('abort', goneAway);
        };
        const refuse = (problem: Problem) => {
          settle();
          failed(problem);
          asking.destroy();
        };
        if (gone?.aborted) goneAway();
        gone?.addEventListener('abort', goneAway, { once: true });
        asking.on('error', (cause) => refuse(asProblem(cause, ask.to)));
        asking.on('close', () => refuse(new Problem('upstream.unreachable', { to: ask.to, why: 'closed' })));
        // Anything but a change of protocol: what it says is for us alone, the caller asked for a WebSocket.
        asking.on('response', (answer) =>
          refuse(new Problem('upstream.unusable', { to: ask.to, status: answer.statusCode ?? 0 })),
        );
        asking.on('upgrade', (answer, socket, head) => {
          settle();
          try {
            done({ socket, head, ...judged(answer, ask.handshake) });
          } catch (thrown) {
            socket.destroy();
            failed(thrown);
          }
        });
        asking.end();
      }),
  };
}

function begin(
  { to, path, headers, handshake }: UpgradeAsk,
  { origins, servername, secureContext }: UpstreamSocketParts,
): ClientRequest {
  const { protocol, hostname, port } = new URL((to === 'xmpp' ? origins.xmpp : undefined) ?? origins.web);
  const secure = protocol === 'https:';
  const options = {
    // A bracketed IPv6 address is an address.
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    path,
    agent: false,
    setHost: false,
    maxHeaderSize: LARGEST_HEADERS,
    headers: [
      ...headers.filter((_, at) => !OURS.has(headers[at - (at % 2)]?.toLowerCase() ?? '')),
      ...['Connection', 'Upgrade', 'Upgrade', 'websocket'],
      ...['Sec-WebSocket-Version', '13', 'Sec-WebSocket-Key', handshake.key],
      ...(handshake.protocols.length === 0 ? [] : ['Sec-WebSocket-Protocol', handshake.protocols.join(', ')]),
    ],
  };
  if (!secure) return plainRequest(options);
  return secureRequest({
    ...options,
    ...(servername !== undefined && { servername }),
    ...(secureContext !== undefined && { secureContext }),
  });
}

function judged(answer: IncomingMessage, handshake: Handshake): Pick<OpenedSocket, 'headers' | 'protocol'> {
  if (answer.statusCode !== 101) throw new Problem('upstream.unusable', { status: answer.statusCode ?? 0 });
  const protocol = checkAnswer(answer.rawHeaders, handshake);
  return { headers: answer.rawHeaders, ...(protocol !== undefined && { protocol }) };
}

function asProblem(cause: Error, to: string): Problem {
  if (cause instanceof Problem) return cause;
  const why = 'code' in cause ? String(cause.code) : cause.name;
  // Node's parser speaks of what came, the system of what could not be reached.
  return new Problem(
    why.startsWith('HPE_') ? 'upstream.unusable' : 'upstream.unreachable',
    { to, why },
    cause,
  );
}
