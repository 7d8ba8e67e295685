/**
 * A WebSocket whose messages are texts, as XMPP has them (RFC 7395), for the little that a visit says and hears.
 *
 * Knows no XML. The one door to `ws`: unlike others it tells the status of a server that does not take the upgrade.
 */
import { on, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type ClientOptions, WebSocket } from 'ws';
import { Problem } from '../base/problem.ts';

/** An open one. */
export interface XmppSocket {
  send(text: string): void;
  /** The next message. Throws `outbound.failed` where none comes in time, or it was closed. */
  next(): Promise<string>;
  close(): void;
}

const LARGEST = 1_048_576;

/** Opens one at a `ws:` or `wss:` address. `timeout` in milliseconds, for the opening and for each message. Throws `outbound.failed`. */
export async function openXmppSocket(url: URL, options: ClientOptions, timeout: number): Promise<XmppSocket> {
  const socket = new WebSocket(url, 'xmpp', {
    ...{ ...options, handshakeTimeout: timeout, maxPayload: LARGEST, perMessageDeflate: false },
  });
  // From the first moment on: what comes along with the upgrade is heard as well.
  const heard = on(socket, 'message', { close: ['close'] });
  await opened(socket);
  return {
    send: (text) => socket.send(text, ignore),
    async next() {
      const stop = new AbortController();
      const late = pause(timeout, undefined, { signal: stop.signal });
      try {
        const turn = await Promise.race([heard.next(), late]);
        if (turn === undefined) throw failed('silence', { milliseconds: timeout });
        if (turn.done) throw failed('closed');
        return String(turn.value[0]);
      } catch (thrown) {
        throw thrown instanceof Problem ? thrown : failure(thrown);
      } finally {
        stop.abort();
      }
    },
    close: () => socket.close(1000),
  };
}

async function opened(socket: WebSocket): Promise<void> {
  let status: number | undefined;
  socket.once('unexpected-response', (asking, { statusCode }: IncomingMessage) => {
    status = statusCode ?? 0;
    asking.destroy();
    socket.terminate();
  });
  try {
    await once(socket, 'open');
  } catch (thrown) {
    throw status === undefined ? failure(thrown) : failed('status', { status });
  } finally {
    // What breaks later is told to whoever waits for the next message.
    socket.on('error', ignore);
  }
}

const ignore = (): void => {};

function failed(reason: string, facts: Readonly<Record<string, string | number>> = {}): Problem {
  return new Problem('outbound.failed', { reason, ...facts });
}

/** Why it failed, as a word of Node's or of the library's. */
function failure(cause: unknown): Problem {
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  if (!(first instanceof Error)) throw cause;
  const code = 'code' in first ? String(first.code) : undefined;
  const reason = code ?? (first.message.includes('timed out') ? 'timeout' : 'handshake');
  return new Problem('outbound.failed', { reason }, cause);
}
