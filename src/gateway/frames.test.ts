/** Frames are followed wherever the bytes were cut, and a frame that two readers could read in two ways goes nowhere. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  closeFrame,
  createFollower,
  createMessageReader,
  type FrameFault,
  type FrameFollower,
  frame,
  OPCODE,
  textFrame,
} from './frames.ts';

const MASK = 0x0a1b2c3d;
const follower = (longest = 1 << 20) => createFollower({ masked: true, longest });

/** A frame with any header bits. */
function odd(first: number, payload: Uint8Array = Uint8Array.of(1), second?: number): Uint8Array {
  const bytes = frame(OPCODE.text, payload, MASK);
  bytes[0] = first;
  if (second !== undefined) bytes[1] = second;
  return bytes;
}

/** The texts of whole messages. */
function textsOf(read: ReturnType<ReturnType<typeof createMessageReader>['read']>): readonly string[] {
  if (typeof read === 'string') assert.fail(read);
  return read.map((one) => Buffer.from(one.payload).toString());
}

/** Cuts bytes at these places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));
}

const payload = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.integer({ min: 120, max: 70_000 }).map((length) => new Uint8Array(length).fill(length)),
);
/** A message in one frame or several, with control frames between its parts. */
const message = fc
  .record({
    kind: fc.constantFrom(OPCODE.text, OPCODE.binary),
    parts: fc.array(payload, { minLength: 1, maxLength: 3 }),
    ping: fc.boolean(),
    mask: fc.nat(0xffff_ffff),
  })
  .map(({ kind, parts, ping, mask }) =>
    parts.flatMap((part, at) => {
      const one = frame(at === 0 ? kind : OPCODE.continuation, part, mask);
      if (at < parts.length - 1) one[0] = (one[0] ?? 0) & 0x7f;
      return ping ? [frame(OPCODE.ping, Uint8Array.of(7), mask), one] : [one];
    }),
  );
const stream = fc.array(message, { maxLength: 5 }).map((messages) => Buffer.concat(messages.flat()));

/** What passes of these bytes, and what is wrong with those behind them. */
function passing(one: FrameFollower, chunk: Uint8Array) {
  return { bytes: one.pass(chunk), fault: one.fault() };
}

test('whatever a sequence of frames is cut into, it passes as it is and ends between two messages', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(200_000), { maxLength: 12 }), (bytes, places) => {
      const one = follower();
      const passed = cut(bytes, places).map((chunk) => passing(one, chunk));
      assert.ok(passed.every(({ fault }) => fault === undefined));
      assert.ok(Buffer.concat(passed.map((part) => part.bytes)).equals(bytes));
      assert.ok(one.isBetween() && !one.isClosed());
    }),
    { numRuns: 200 },
  );
});

test('wherever a stream is broken off, its rest is filled up so that a frame of ours can follow', () => {
  fc.assert(
    fc.property(stream, fc.nat(200_000), (bytes, place) => {
      const one = follower();
      const [before = bytes] = cut(bytes, [place]);
      const { bytes: passed } = passing(one, before);
      const whole = Buffer.concat([passed, one.finish(MASK), textFrame('<close/>', MASK)]);
      const again = follower();
      const { bytes: all, fault } = passing(again, whole);
      assert.deepEqual([all.length, fault, again.isBetween()], [whole.length, undefined, true]);
      assert.equal(textsOf(createMessageReader(whole.length).read(whole)).at(-1), '<close/>');
    }),
    { numRuns: 200 },
  );
});

test('what fills up a broken stanza makes it no stanza', () => {
  const one = follower();
  const stanza = textFrame('<message to="a@b"/>', MASK);
  const { bytes } = passing(one, stanza.subarray(0, stanza.length - 3));
  const read = createMessageReader(100).read(Buffer.concat([bytes, one.finish(MASK)]));
  assert.deepEqual(textsOf(read), ['<message to="a@b   ']);
});

test('a frame whose header alone went on begins as XML begins', () => {
  const one = follower();
  const stanza = textFrame('xyz', MASK);
  const { bytes } = passing(one, stanza.subarray(0, 6));
  const read = createMessageReader(100).read(Buffer.concat([bytes, one.finish(MASK)]));
  assert.deepEqual(textsOf(read), ['<  ']);
});

const long = (second: number, ...lengths: readonly number[]) =>
  Uint8Array.of(0x81, second, ...lengths, 1, 2, 3, 4);
const FAULTS: readonly (readonly [string, Uint8Array, FrameFault])[] = [
  ['a reserved bit, as of a compressed message', odd(0xc1), 'reserved'],
  ['another reserved bit', odd(0x91), 'reserved'],
  ['an opcode nobody knows', odd(0x83), 'kind'],
  ['a control opcode nobody knows', odd(0x8b), 'kind'],
  ['a frame without a mask', frame(OPCODE.text, Uint8Array.of(1)), 'mask'],
  ['a ping in parts', odd(0x09), 'control'],
  ['a ping that is too long', odd(0x89, new Uint8Array(126)), 'control'],
  ['a continuation of nothing', odd(0x80), 'continuation'],
  ['a length in two bytes that one would hold', long(0xfe, 0, 125), 'length'],
  ['a length in eight bytes that two would hold', long(0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff), 'length'],
  ['a length no number holds', long(0xff, 0xff, 0, 0, 0, 0, 0, 0, 0), 'length'],
  ['a frame longer than it may be', long(0xff, 0, 0, 0, 0, 0, 0x20, 0, 0), 'length'],
];
for (const [what, bytes, fault] of FAULTS)
  test(`${what} goes nowhere, and nothing after it, however it was cut`, () => {
    for (let place = 0; place <= bytes.length; place += 1) {
      const one = follower();
      const good = textFrame('<a/>', MASK);
      const passed = [...cut(Buffer.concat([good, bytes]), [good.length + place]), good].map((chunk) =>
        passing(one, chunk),
      );
      assert.deepEqual(
        [Buffer.concat(passed.map((part) => part.bytes)), passed.at(-1)?.fault],
        [Buffer.from(good), fault],
      );
      assert.ok(one.isBetween());
    }
  });

test('a second message inside an unfinished one, and anything after a close frame, goes nowhere', () => {
  const first = odd(0x01);
  assert.equal(passing(follower(), Buffer.concat([first, textFrame('b', MASK)])).fault, 'continuation');
  const after = follower();
  assert.equal(
    passing(after, Buffer.concat([closeFrame(1000, MASK), textFrame('b', MASK)])).fault,
    'after-close',
  );
  assert.ok(after.isClosed());
});

test('frames of a server are followed as such, and one with a mask is none of them', () => {
  const one = createFollower({ masked: false, longest: Number.MAX_SAFE_INTEGER });
  assert.equal(passing(one, textFrame('<a/>')).fault, undefined);
  assert.equal(passing(one, textFrame('<a/>', MASK)).fault, 'mask');
});

test('whole messages are read wherever the bytes were cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 200 }), { maxLength: 6 }),
      fc.array(fc.nat(2000), { maxLength: 6 }),
      (texts, places) => {
        const bytes = Buffer.concat(texts.map((text) => textFrame(text, MASK)));
        const reader = createMessageReader(10_000);
        const read = cut(bytes, places).flatMap((chunk) => textsOf(reader.read(chunk)));
        assert.deepEqual(
          read,
          texts.map((text) => Buffer.from(text).toString()),
        );
      },
    ),
  );
});

test('a reader gives up at so many bytes in all, announced or said', () => {
  assert.equal(createMessageReader(100).read(textFrame('x'.repeat(101), MASK)), 'too-long');
  assert.equal(createMessageReader(100).read(long(0xfe, 1, 0)), 'too-long');
  const drop = createMessageReader(100);
  let said: unknown = [];
  for (let at = 0; at < 20; at += 1) said = drop.read(frame(OPCODE.ping, new Uint8Array(4), MASK));
  assert.equal(said, 'too-long');
});
