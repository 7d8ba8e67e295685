/**
 * WebSocket frames: follows them by their headers alone, and writes the few of our own. Pure.
 *
 * Whoever is behind us reads the same bytes. So a frame that two readers could take for two things is a fault,
 * and no part of a header goes on before the whole of it was judged: what went on always ends in a payload or
 * between two frames. Knows nothing of what messages mean.
 *
 * @see RFC 6455, section 5.2 (base framing), 5.4 (fragmentation), 5.5 (control frames)
 */

/** What is wrong with a frame. */
export type FrameFault =
  | 'reserved'
  | 'kind'
  | 'mask'
  | 'control'
  | 'continuation'
  | 'length'
  | 'after-close'
  | 'opening';

/** What a frame is, by its opcode. @see RFC 6455, section 11.8 */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** The first bytes of a frame, as they were read last: one for each reader, since there is a frame for every few words. */
interface Header {
  final: boolean;
  opcode: number;
  /** Bytes of the payload. */
  length: number;
  /** Bytes of the header itself. */
  size: number;
  /** The masking key as one number; 0 where there is none, which changes nothing. */
  key: number;
}

const noHeader = (): Header => ({ final: true, opcode: 0, length: 0, size: 0, key: 0 });

/** Reads the header at `at` into `header`: `read`, `short` where bytes are missing, or what is wrong with it. */
function readHeader(
  bytes: Uint8Array,
  at: number,
  { masked, header }: { readonly masked: boolean; readonly header: Header },
): 'read' | 'short' | FrameFault {
  if (bytes.length - at < 2) return 'short';
  const first = bytes[at] ?? 0;
  const second = bytes[at + 1] ?? 0;
  const opcode = first & 0x0f;
  const final = (first & 0x80) !== 0;
  const short = second & 0x7f;
  if ((first & 0x70) !== 0) return 'reserved';
  if (opcode > OPCODE.pong || (opcode > OPCODE.binary && opcode < OPCODE.close)) return 'kind';
  if (((second & 0x80) !== 0) !== masked) return 'mask';
  if (opcode >= OPCODE.close && (!final || short > 125)) return 'control';
  const wide = short === 126 ? 2 : short === 127 ? 8 : 0;
  const size = 2 + wide + (masked ? 4 : 0);
  if (bytes.length - at < size) return 'short';
  const length = wide === 0 ? short : numberAt(bytes, at + 2, wide);
  // The shortest form is the only one; and no number is that a double cannot hold.
  if ((wide === 2 && length < 126) || (wide === 8 && length < 0x1_0000)) return 'length';
  if (!Number.isSafeInteger(length)) return 'length';
  header.final = final;
  header.opcode = opcode;
  header.length = length;
  header.size = size;
  header.key = masked ? numberAt(bytes, at + 2 + wide, 4) : 0;
  return 'read';
}

/** A number of so many bytes, the greatest first. */
function numberAt(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let place = at; place < at + width; place += 1) value = value * 256 + (bytes[place] ?? 0);
  return value;
}

/** One direction of a connection. */
export interface FrameFollower {
  /**
   * Looks at the next bytes and gives back those that may go on: mostly the chunk itself. The beginning of a header is
   * kept until the whole header is there; after a fault nothing passes.
   */
  pass(chunk: Uint8Array): Uint8Array;
  /** What is wrong with the frame after what went on, if anything is. */
  fault(): FrameFault | undefined;
  /** What went on ends between two messages: a frame of ours may stand here. */
  isBetween(): boolean;
  /** A close frame went on: nothing may follow. */
  isClosed(): boolean;
  /**
   * The bytes that bring what went on to its end between two messages, whatever the caller had announced. They
   * hold `<` and blanks and make nobody's message whole.
   */
  finish(mask: number): Uint8Array;
}

/**
 * May the text message that begins so go on? `short` where more of it must be there to tell: as much as was there is
 * kept. What is handed in is masked, and may be more than the frame.
 */
export type MessageJudge = (
  payload: Uint8Array,
  frame: Readonly<Pick<Header, 'final' | 'length' | 'key'>>,
) => 'passes' | 'short' | 'opening';

/** What is followed. */
export interface FollowerOptions {
  /** Frames of clients are masked, those of servers are not. */
  readonly masked: boolean;
  /** Bytes a frame may have. */
  readonly longest: number;
  /** Asked about every text message before any byte of it goes on. */
  readonly judge?: MessageJudge;
  /** Whatever is neither text nor control is a fault. */
  readonly textOnly?: boolean;
}

const NOTHING = new Uint8Array(0);

/** Follows one direction. */
export function createFollower({ masked, longest, judge, textOnly }: FollowerOptions): FrameFollower {
  let kept: Uint8Array | undefined;
  let fault: FrameFault | undefined;
  let inMessage = false;
  let closed = false;
  /** Of the frame that went on last: what is still to come; how much there was, and its key, stand in its header. */
  let left = 0;
  const header = noHeader();
  const reading = { masked, header };

  function enter(): FrameFault | undefined {
    if (closed) return 'after-close';
    if (header.length > longest) return 'length';
    if (textOnly && header.opcode === OPCODE.binary) return 'kind';
    if (header.opcode < OPCODE.close) {
      // A first part needs no message under way, a further part needs one.
      if ((header.opcode === OPCODE.continuation) !== inMessage) return 'continuation';
      inMessage = !header.final;
    }
    closed = header.opcode === OPCODE.close;
    left = header.length;
    return undefined;
  }

  function pass(chunk: Uint8Array): Uint8Array {
    if (fault !== undefined) return NOTHING;
    const bytes = kept === undefined ? chunk : joined([kept, chunk]);
    kept = undefined;
    let at = 0;
    while (at < bytes.length) {
      if (left > 0) {
        const here = Math.min(left, bytes.length - at);
        left -= here;
        at += here;
        continue;
      }
      const found = readHeader(bytes, at, reading);
      const isText = found === 'read' && header.opcode === OPCODE.text;
      const judged = isText ? judge?.(bytes.subarray(at + header.size), header) : undefined;
      if (found === 'short' || judged === 'short') {
        // A copy: a few bytes must not hold the whole chunk in memory.
        kept = bytes.slice(at);
        return bytes.subarray(0, at);
      }
      fault = judged === 'opening' ? judged : found === 'read' ? enter() : found;
      if (fault !== undefined) return bytes.subarray(0, at);
      at += header.size;
    }
    return bytes;
  }

  return {
    pass,
    fault: () => fault,
    isBetween: () => left === 0 && !inMessage,
    isClosed: () => closed,
    finish(mask) {
      const { length, key } = header;
      const rest = new Uint8Array(left);
      for (let at = 0; at < left; at += 1) {
        const position = length - left + at;
        rest[at] = (position === 0 ? 0x3c : 0x20) ^ keyByte(key, position);
      }
      const last =
        inMessage && !closed ? frame(OPCODE.continuation, NOTHING, masked ? mask : undefined) : NOTHING;
      left = 0;
      inMessage = false;
      return joined([rest, last]);
    },
  };
}

/** A whole message, or a control frame. */
export interface Message {
  readonly kind: 'text' | 'binary' | 'close' | 'ping' | 'pong';
  readonly payload: Uint8Array;
}

/** Reads whole messages, for as long as they are few and small. */
export interface MessageReader {
  /** The messages that are whole now. `too-long` beyond the bytes it may read in all. */
  read(chunk: Uint8Array): readonly Message[] | FrameFault | 'too-long';
}

const KINDS: Readonly<Record<number, Message['kind']>> = {
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
};

/** Reads a client's messages, of so many bytes in all, their headers included. */
export function createMessageReader(most: number): MessageReader {
  let waiting: Uint8Array = NOTHING;
  let seen = 0;
  const header = noHeader();
  const reading = { masked: true, header };
  let parts: { readonly opcode: number; readonly payloads: Uint8Array[] } | undefined;

  /** The message that ends with this frame, if one does. */
  function assemble(payload: Uint8Array): Message | FrameFault | undefined {
    const { opcode, final } = header;
    if (opcode >= OPCODE.close) return { kind: KINDS[opcode] ?? 'pong', payload };
    if ((opcode === OPCODE.continuation) !== (parts !== undefined)) return 'continuation';
    parts ??= { opcode, payloads: [] };
    parts.payloads.push(payload);
    if (!final) return undefined;
    const whole = { kind: KINDS[parts.opcode] ?? 'binary', payload: joined(parts.payloads) };
    parts = undefined;
    return whole;
  }

  return {
    read(chunk) {
      seen += chunk.length;
      if (seen > most) return 'too-long';
      waiting = joined([waiting, chunk]);
      const messages: Message[] = [];
      for (;;) {
        const found = readHeader(waiting, 0, reading);
        if (found === 'short') return messages;
        if (found !== 'read') return found;
        if (header.length > most) return 'too-long';
        const end = header.size + header.length;
        if (waiting.length < end) return messages;
        const payload = xored(waiting.subarray(header.size, end), header.key);
        waiting = waiting.subarray(end);
        const message = assemble(payload);
        if (typeof message === 'string') return message;
        if (message !== undefined) messages.push(message);
      }
    },
  };
}

/** One whole frame; with a mask as a client sends it, without as a server does. */
export function frame(opcode: number, payload: Uint8Array, mask?: number): Uint8Array {
  const { length } = payload;
  const wide = length < 126 ? 0 : length < 0x1_0000 ? 2 : 8;
  const size = 2 + wide + (mask === undefined ? 0 : 4);
  const bytes = new Uint8Array(size + length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x80 | opcode);
  view.setUint8(1, (mask === undefined ? 0 : 0x80) | (wide === 0 ? length : wide === 2 ? 126 : 127));
  if (wide === 2) view.setUint16(2, length);
  if (wide === 8) view.setBigUint64(2, BigInt(length));
  if (mask !== undefined) view.setUint32(2 + wide, mask);
  bytes.set(mask === undefined ? payload : xored(payload, mask), size);
  return bytes;
}

/** A text message in one frame. */
export function textFrame(text: string, mask?: number): Uint8Array {
  return frame(OPCODE.text, new TextEncoder().encode(text), mask);
}

/** A close frame with its reason as a number. @see RFC 6455, section 7.4.1 */
export function closeFrame(code: number, mask?: number): Uint8Array {
  return frame(OPCODE.close, Uint8Array.of(code >> 8, code & 0xff), mask);
}

/** The byte of a masking key for the payload's byte at `position`. @see RFC 6455, section 5.3 */
export function keyByte(key: number, position: number): number {
  return (key >>> (24 - 8 * (position % 4))) & 0xff;
}

/** Takes a mask off, or puts it on. */
export function xored(payload: Uint8Array, key: number): Uint8Array {
  return payload.map((byte, at) => byte ^ keyByte(key, at));
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
