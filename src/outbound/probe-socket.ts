/**
 * A WebSocket whose messages are texts, as XMPP has them (RFC 7395), for the little that a visit says and hears.
 *
 * Takes a socket that was upgraded already. Knows no XML.
 * @see RFC 6455, section 5
 */
import type { Socket } from 'node:net';
import { Problem } from '../base/problem.ts';

/** An open one. */
export interface XmppSocket {
  send(text: string): void;
  /** The next message. Throws `outbound.failed` where none comes in time, or it was closed. */
  next(): Promise<string>;
  close(): void;
}

const LARGEST = 1_048_576;
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** One frame of a client, which is always masked. @see RFC 6455, section 5.3 */
function frame(opcode: number, payload: Buffer): Buffer {
  const length = payload.length;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (length >= 65_536) head.writeBigUInt64BE(BigInt(length), 2);
  else if (length >= 126) head.writeUInt16BE(length, 2);
  const mask = crypto.getRandomValues(new Uint8Array(4));
  return Buffer.concat([head, mask, payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

interface Frame {
  readonly opcode: number;
  readonly last: boolean;
  readonly payload: Buffer;
  readonly length: number;
}

/** The frame at the beginning of what came; undefined while it is not whole. */
function frameIn(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  const headLength = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < headLength) return undefined;
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (length > LARGEST) throw new Problem('outbound.too-large', { limit: LARGEST });
  if (bytes.length < headLength + length) return undefined;
  return {
    opcode: (bytes[0] ?? 0) & 0x0f,
    last: ((bytes[0] ?? 0) & 0x80) !== 0,
    payload: bytes.subarray(headLength, headLength + length),
    length: headLength + length,
  };
}

/** Speaks over an upgraded socket. `timeout` in milliseconds, for each message. */
export function openXmppSocket(
  { socket, head }: { readonly socket: Socket; readonly head: Buffer },
  timeout: number,
): XmppSocket {
  const messages: string[] = [];
  let rest = head;
  let parts: Buffer[] = [];
  let over: Problem | undefined;
  let wake: (() => void) | undefined;
  const end = (problem: Problem) => {
    over ??= problem;
    wake?.();
  };
  const take = ({ opcode, last, payload }: Frame) => {
    if (opcode === PING) socket.write(frame(PONG, payload));
    else if (opcode === CLOSE) end(new Problem('outbound.failed', { reason: 'closed' }));
    else if (opcode <= TEXT) {
      parts.push(payload);
      if (!last) return;
      messages.push(Buffer.concat(parts).toString('utf8'));
      parts = [];
      wake?.();
    }
  };
  const read = () => {
    try {
      for (let found = frameIn(rest); found !== undefined; found = frameIn(rest)) {
        rest = rest.subarray(found.length);
        take(found);
      }
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      end(thrown);
      socket.destroy();
    }
  };
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    read();
  });
  socket.on('error', (cause: NodeJS.ErrnoException) =>
    end(new Problem('outbound.failed', { reason: cause.code ?? 'closed' }, cause)),
  );
  socket.on('close', () => end(new Problem('outbound.failed', { reason: 'closed' })));
  read();
  return {
    send: (text) => void socket.write(frame(TEXT, Buffer.from(text))),
    next: async () => {
      const deadline = setTimeout(
        () => end(new Problem('outbound.failed', { reason: 'silence', milliseconds: timeout })),
        timeout,
      );
      try {
        while (messages.length === 0 && over === undefined)
          await new Promise<void>((done) => {
            wake = done;
          });
      } finally {
        clearTimeout(deadline);
      }
      const message = messages.shift();
      if (message !== undefined) return message;
      throw over ?? new Problem('outbound.failed', { reason: 'silence' });
    },
    close: () => {
      socket.end(frame(CLOSE, Buffer.from([3, 232])));
      socket.destroySoon();
    },
  };
}
