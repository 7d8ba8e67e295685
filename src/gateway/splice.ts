/**
 * Two connections made one: what the caller says goes to Jitsi, what Jitsi says
 * comes back, byte for byte, and each waits for the other.
 *
 * Only messages that open an XMPP stream are read. Of the others the caller's frames are followed by their headers, so
 * that a stream can be closed between two messages: Prosody keeps a connection that merely broke for a minute, and whoever
 * it belonged to goes on listening. Knows nothing of sessions.
 */
import type { Duplex } from 'node:stream';
import { type Random, randomToken } from '../base/random.ts';
import {
  closeFrame,
  createFollower,
  createMessageReader,
  type FrameFollower,
  type MessageJudge,
  textFrame,
} from './frames.ts';
import { laterOpenings } from './later-openings.ts';
import { CLOSE, judgeOpening, LONGEST_OPENING, openOf, streamError } from './xmpp-frames.ts';

/** Why a connection was ended by us, besides by its session. */
export type Fault = 'stream-refused' | 'protocol' | 'slow';

/** Two connections that speak WebSocket, both handshakes done. */
export interface SpliceParts {
  readonly client: Duplex;
  readonly upstream: Duplex;
  /** What Jitsi said behind its answer. */
  readonly head: Uint8Array;
  /** The one host a stream may be opened to; not given where what passes is not XMPP. */
  readonly xmppDomain?: string;
  /** Asked about every message of the caller's, where no stream is followed. */
  readonly judge?: MessageJudge | undefined;
  readonly random: Random;
  /** Told once, before it is closed, what the caller did; `to` is the host a stream was to be opened to. */
  readonly fault?: (fault: Fault, about: { readonly why: string; readonly to?: string }) => void;
  /** Told once, when both are closed. */
  readonly closed?: () => void;
  /** Seconds until a stream must be opened; 10. */
  readonly patience?: number;
}

/** Two spliced connections. */
export interface Spliced {
  /**
   * Closes the stream, so that nobody resumes it; Jitsi's farewell reaches the caller, then both connections are
   * closed. Resolves when both are.
   */
  end(): Promise<void>;
  /** Drops both connections: whoever was there comes back and resumes. */
  drop(): void;
  /** Bytes the caller has said so far: counted below us, so that nothing is to be done for each of them. */
  heard(): number;
}

/** Bytes of a caller's XMPP frame; four times what Prosody takes. It is also what we may have to fill up to close one. */
const LONGEST_XMPP = 1 << 20;
const PATIENCE = 10;
/** What we closed is dropped after so many milliseconds, and what the other side closed when it had so long to take the rest. */
const LINGER = 2000;
/** For so many milliseconds an ended caller still hears Jitsi: the answer to the end of the stream, if it comes. */
const FAREWELL = 500;
const LAST_WORDS = 30_000;
/** RFC 6455, section 7.4.1: a normal end, and a breach of the rules of the house. */
const NORMAL = 1000;
const POLICY = 1008;

/** Makes two connections one. */
export function splice(parts: SpliceParts): Spliced {
  const { client, upstream, head, xmppDomain, random } = parts;
  const openings = xmppDomain === undefined ? undefined : laterOpenings(xmppDomain);
  const judge = openings?.judge ?? parts.judge;
  const longest = judge === undefined ? Number.MAX_SAFE_INTEGER : LONGEST_XMPP;
  const up = createFollower({
    ...{ masked: true, longest, textOnly: parts.judge !== undefined },
    ...(judge && { judge }),
  });
  let phase: 'opening' | 'open' | 'leaving' | 'over' = xmppDomain === undefined ? 'open' : 'opening';
  let opening =
    phase === 'opening' ? openingOf(parts, { passOn: begin, refuse: breach, leave: end }) : undefined;

  function begin(held: Uint8Array): void {
    phase = 'open';
    opening = undefined;
    if (head.length > 0) toClient(head);
    upstream.resume();
    toUpstream(held);
  }

  function toUpstream(chunk: Uint8Array): void {
    const bytes = up.pass(chunk);
    if (bytes.length > 0 && !upstream.write(bytes)) client.pause();
    const fault = up.fault();
    if (fault === 'opening') breach('stream-refused', openings?.about() ?? { why: fault });
    else if (fault !== undefined) breach('protocol', { why: fault });
  }

  function toClient(chunk: Uint8Array): void {
    if (phase !== 'over' && client.writable && !client.write(chunk)) upstream.pause();
  }

  function breach(fault: Fault, about: { why: string; to?: string }): void {
    // Before its stream was opened a caller hears why in XMPP, and Jitsi hears nothing at all.
    if (phase === 'opening') for (const text of refusal(about.why, parts)) client.write(textFrame(text));
    parts.fault?.(fault, about);
    void end();
  }

  const both = whenBothClosed(client, upstream, () => {
    phase = 'over';
    opening?.stop();
    parts.closed?.();
  });

  function end(): Promise<void> {
    if (phase === 'over' || phase === 'leaving') return both.closed;
    const hasStream = phase === 'open' && xmppDomain !== undefined;
    for (const bytes of farewell(up, hasStream, random)) upstream.write(bytes);
    // Jitsi closes when it has read that. To close first could overtake it in a proxy between.
    both.letGo(upstream);
    if (phase === 'opening') {
      // Nothing of Jitsi's has come through yet: between two frames a word of ours may stand.
      client.write(closeFrame(POLICY));
      hush();
    } else {
      phase = 'leaving';
      both.in(FAREWELL, hush);
    }
    both.letGo(client);
    return both.closed;
  }

  /** From now on the caller hears nothing more. */
  function hush(): void {
    phase = 'over';
    opening?.stop();
    client.end();
  }

  function drop(): void {
    phase = 'over';
    client.destroy();
    upstream.destroy();
  }

  client.on('data', (chunk: Uint8Array) => {
    if (phase === 'over' || phase === 'leaving') return;
    if (opening === undefined) toUpstream(chunk);
    else opening.read(chunk);
  });
  upstream.on('data', toClient);
  upstream.on('drain', () => client.resume());
  client.on('drain', () => {
    if (phase !== 'opening') upstream.resume();
  });
  for (const side of [client, upstream]) alive(side);
  // Before the stream is judged Jitsi has nothing to say, and nothing is passed on.
  if (phase === 'opening') upstream.pause();
  else if (head.length > 0) toClient(head);
  return { end, drop, heard: () => ('bytesRead' in client ? Number(client.bytesRead) : 0) };
}

function refusal(why: string, { xmppDomain = '', random }: SpliceParts): readonly string[] {
  const condition = why === 'host-unknown' ? 'host-unknown' : 'policy-violation';
  return [openOf(xmppDomain, randomToken(random, 8)), streamError(condition), CLOSE];
}

/** What Jitsi is told before its side is closed: the end of what was under way, and of the stream if there is one. */
function farewell(up: FrameFollower, hasStream: boolean, random: Random): readonly Uint8Array[] {
  const mask = () => Buffer.from(random.bytes(4)).readUInt32BE();
  if (up.isClosed() || !(hasStream || up.isBetween())) return [];
  if (!hasStream) return [closeFrame(NORMAL, mask())];
  return [up.finish(mask()), textFrame(CLOSE, mask()), closeFrame(NORMAL, mask())];
}

/** Reads the message that opens a stream, and passes on what was read when it is what it must be. */
function openingOf(
  { xmppDomain = '', patience = PATIENCE }: SpliceParts,
  then: {
    readonly passOn: (held: Uint8Array) => void;
    readonly refuse: (fault: Fault, about: { why: string; to?: string }) => void;
    readonly leave: () => void;
  },
): { read(chunk: Uint8Array): void; stop(): void } {
  const reader = createMessageReader(LONGEST_OPENING);
  const held: Uint8Array[] = [];
  const deadline = setTimeout(() => then.refuse('slow', { why: 'nothing said' }), patience * 1000);
  return {
    stop: () => clearTimeout(deadline),
    read(chunk) {
      held.push(chunk);
      const messages = reader.read(chunk);
      if (typeof messages === 'string') return then.refuse('stream-refused', { why: messages });
      const first = messages.find(({ kind }) => kind !== 'ping' && kind !== 'pong');
      if (first === undefined) return;
      clearTimeout(deadline);
      if (first.kind === 'close') return then.leave();
      if (first.kind !== 'text') return then.refuse('stream-refused', { why: first.kind });
      // What is not ASCII stays what it is, and is refused as such.
      const opened = judgeOpening(Buffer.from(first.payload).toString('latin1'), xmppDomain);
      if (opened.kind === 'opens') return then.passOn(Buffer.concat(held));
      const { kind: why, ...to } = opened;
      then.refuse('stream-refused', { why, ...to });
    },
  };
}

/** What one side's end means for the other, and when both are through. */
function whenBothClosed(client: Duplex, upstream: Duplex, done: () => void) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timers: NodeJS.Timeout[] = [];
  const later = (milliseconds: number, what: () => void): void => {
    timers.push(setTimeout(what, milliseconds));
  };
  const linger = (side: Duplex, milliseconds = LINGER): void => {
    later(milliseconds, () => side.destroy());
  };
  /** It is not waited for long. */
  const letGo = (side: Duplex): void => {
    linger(side);
    side.resume();
  };
  let open = 2;
  for (const [side, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    // A broken connection closes, and that is all there is to know of it.
    side.on('error', () => {});
    side.on('end', () => {
      other.end();
      side.end();
      linger(other, LAST_WORDS);
      linger(side, LAST_WORDS);
    });
    side.on('close', () => {
      other.end();
      // Who is gone hears nothing more; who is there may still be taking what was said last.
      linger(other, other === client ? LAST_WORDS : LINGER);
      open -= 1;
      if (open > 0) return;
      for (const timer of timers) clearTimeout(timer);
      done();
      resolve();
    });
  }
  return { closed: promise, letGo, in: later };
}

/** Seconds of silence after which the system asks whether the other side is there. */
const KEEPALIVE = 30;

/** A peer that vanished is noticed, and a small frame waits for nobody. */
function alive(side: Duplex): void {
  if ('setKeepAlive' in side && typeof side.setKeepAlive === 'function')
    side.setKeepAlive(true, KEEPALIVE * 1000);
  if ('setNoDelay' in side && typeof side.setNoDelay === 'function') side.setNoDelay(true);
  if ('setTimeout' in side && typeof side.setTimeout === 'function') side.setTimeout(0);
}
