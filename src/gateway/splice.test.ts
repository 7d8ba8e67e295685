/** Two real connections made one: what passes, what does not, and how they end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { hearing, socketPair } from '../../test/support/socket-pair.ts';
import { countingRandom } from '../base/random.ts';
import { closeFrame, createMessageReader, frame, OPCODE, textFrame } from './frames.ts';
import { type SpliceParts, splice } from './splice.ts';
import { CLOSE } from './xmpp-frames.ts';

const DOMAIN = 'meet.jitsi';
const MASK = 0x01020304;
const OPEN = textFrame(
  `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${DOMAIN}' version='1.0'/>`,
  MASK,
);
const openTo = (to: string) =>
  textFrame(`<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${to}' version='1.0'/>`, MASK);

/** Somebody has signed in, and begins their stream anew. */
const BEGUN = Buffer.concat([OPEN, textFrame('<auth/>', MASK), OPEN]);

/** Somebody who calls, Jitsi, and the gate between them. */
async function stage(t: TestContext, changes: Partial<SpliceParts> = {}) {
  const [outer, inner] = [await socketPair(t), await socketPair(t)];
  const faults: string[] = [];
  const closed = Promise.withResolvers<void>();
  const spliced = splice({
    client: outer.called,
    upstream: inner.caller,
    head: new Uint8Array(0),
    xmppDomain: DOMAIN,
    random: countingRandom(),
    fault: (fault, { why, to }) => faults.push([fault, why, to].join(' ').trim()),
    closed: closed.resolve,
    ...changes,
  });
  const jitsi = inner.called;
  return {
    spliced,
    faults,
    closed: closed.promise,
    caller: outer.caller,
    jitsi,
    atCaller: hearing(outer.caller),
    atJitsi: hearing(jitsi),
  };
}

/** What a server said, frame by frame: texts as they are, a close frame by its number. */
function said(bytes: Uint8Array): readonly string[] {
  const list: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at + 1] ?? 0;
    const wide = length === 126 ? 2 : 0;
    const size = wide === 2 ? (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0) : length;
    const payload = Buffer.from(bytes.subarray(at + 2 + wide, at + 2 + wide + size));
    list.push(
      ((bytes[at] ?? 0) & 15) === OPCODE.close ? `close ${payload.readUInt16BE()}` : payload.toString(),
    );
    at += 2 + wide + size;
  }
  return list;
}

/** What a client said, as its server reads it. */
function heardFrom(bytes: Uint8Array): readonly string[] {
  const read = createMessageReader(bytes.length).read(bytes);
  if (typeof read === 'string') assert.fail(read);
  return read.map(({ kind, payload }) => (kind === 'text' ? Buffer.from(payload).toString() : kind));
}

test('after its opening a stream passes byte for byte, both ways', async (t) => {
  const { caller, jitsi, atCaller, atJitsi, faults } = await stage(t);
  const stanza = textFrame(`<message>${'x'.repeat(70_000)}</message>`, MASK);
  caller.write(BEGUN);
  assert.deepEqual(await atJitsi.until(BEGUN.length), BEGUN);
  const answer = Buffer.from(textFrame('<open/>'));
  jitsi.write(answer);
  assert.deepEqual(await atCaller.until(answer.length), answer);
  caller.write(stanza);
  assert.deepEqual(await atJitsi.until(BEGUN.length + stanza.length), Buffer.concat([BEGUN, stanza]));
  assert.deepEqual(faults, []);
});

test('an opening that comes byte by byte opens the stream too', async (t) => {
  const { caller, atJitsi } = await stage(t);
  caller.setNoDelay(true);
  for (const byte of OPEN) {
    caller.write(Uint8Array.of(byte));
    await pause(0);
  }
  assert.deepEqual(await atJitsi.until(OPEN.length), Buffer.from(OPEN));
});

test('what Jitsi said behind its answer comes first, and not before the stream is opened', async (t) => {
  const head = textFrame('<early/>');
  const { caller, jitsi, atCaller } = await stage(t, { head });
  jitsi.write(textFrame('<late/>'));
  await pause(50);
  assert.equal(atCaller.bytes().length, 0);
  caller.write(OPEN);
  assert.deepEqual(said(await atCaller.until(19)), ['<early/>', '<late/>']);
});

for (const to of [`guest.${DOMAIN}`, `auth.${DOMAIN}`, 'MEET.JITSI', `${DOMAIN}.`, `${DOMAIN}/x`])
  test(`a stream to ${to} is refused in XMPP, and Jitsi hears no stanza [PROXY-28]`, async (t) => {
    const { caller, jitsi, atCaller, atJitsi, faults, closed } = await stage(t);
    caller.write(openTo(to));
    const [opened = '', error = '', ...rest] = said(await atCaller.all());
    assert.match(opened, /^<open .* from='meet\.jitsi' /);
    assert.match(error, /<host-unknown /);
    assert.deepEqual(rest, [CLOSE, 'close 1008']);
    caller.end();
    jitsi.end();
    await closed;
    assert.deepEqual(heardFrom(await atJitsi.all()), ['close']);
    assert.deepEqual(faults, [`stream-refused host-unknown ${to}`]);
  });

const ODD: readonly (readonly [string, Uint8Array])[] = [
  ['a stanza', textFrame('<iq/>', MASK)],
  ['bytes that are no text', frame(OPCODE.binary, OPEN, MASK)],
  ['a frame without a mask', textFrame(Buffer.from(OPEN).toString('latin1'))],
  ['too much', textFrame('x'.repeat(5000), MASK)],
  ['HTTP', Buffer.from('GET /http-bind HTTP/1.1\r\n\r\n')],
];
for (const [what, bytes] of ODD)
  test(`who begins with ${what} opens no stream`, async (t) => {
    const { caller, jitsi, atCaller, atJitsi, faults, closed } = await stage(t);
    caller.write(bytes);
    assert.match(said(await atCaller.all())[1] ?? '', /<policy-violation /);
    caller.end();
    jitsi.end();
    await closed;
    assert.deepEqual(heardFrom(await atJitsi.all()), ['close']);
    assert.match(faults.join(), /^stream-refused/);
  });

/** A text message in frames of these lengths. */
function inParts(message: string, ...lengths: readonly number[]): Uint8Array {
  const bytes = Buffer.from(message);
  const parts = [...lengths, bytes.length].map((_, at) =>
    bytes.subarray(lengths[at - 1] ?? 0, lengths[at] ?? bytes.length),
  );
  return Buffer.concat(
    parts.map((part, at) => {
      const one = frame(at === 0 ? OPCODE.text : OPCODE.continuation, part, MASK);
      if (at < parts.length - 1) one[0] = (one[0] ?? 0) & 0x7f;
      return one;
    }),
  );
}

const FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing';
const GUEST = `<open xmlns='${FRAMING}' to='guest.${DOMAIN}' version='1.0'/>`;
const LATER: readonly (readonly [string, Uint8Array])[] = [
  ['as the first was', textFrame(GUEST, MASK)],
  ['under a prefix', textFrame(`<x:open xmlns:x='${FRAMING}' to='guest.${DOMAIN}'/>`, MASK)],
  ['behind a declaration', textFrame(`<?xml version='1.0'?>${GUEST}`, MASK)],
  ['behind a comment', textFrame(`<!-- x -->${GUEST}`, MASK)],
  ['behind blanks', textFrame(`\r\n \t${GUEST}`, MASK)],
  ['behind many blanks', textFrame(`${' '.repeat(500)}${GUEST}`, MASK)],
  ['behind a byte order mark', textFrame(`\ufeff${GUEST}`, MASK)],
  ['under a very long prefix', textFrame(`<${'x'.repeat(500)}:open to='guest.${DOMAIN}'/>`, MASK)],
  ['with a line end behind its name', textFrame(GUEST.replace('open ', 'open\r\n'), MASK)],
  ['twice, the second time elsewhere', textFrame(`${Buffer.from(OPEN).toString('latin1')}${GUEST}`, MASK)],
  ['with two hosts', textFrame(GUEST.replace(' version', ` to='${DOMAIN}' version`), MASK)],
  ['too long to be read', textFrame(GUEST.replace('open ', `open${' '.repeat(5000)}`), MASK)],
  ['in two frames', inParts(GUEST, 10)],
  ['in frames that begin with nothing', inParts(GUEST, 0, 1, 2)],
  ['in frames that part its name', inParts(GUEST, 3)],
];
for (const [what, bytes] of LATER)
  test(`a stream that is begun anew with another host, ${what}, is closed, and Jitsi hears nothing of it [PROXY-28]`, async (t) => {
    for (const step of [bytes.length, 1]) {
      const { caller, jitsi, atJitsi, faults, closed } = await stage(t);
      caller.write(OPEN);
      caller.write(textFrame('<auth/>', MASK));
      await atJitsi.until(OPEN.length + 13);
      if (step === 1) caller.setNoDelay(true);
      for (let at = 0; at < bytes.length && !caller.destroyed; at += step) {
        caller.write(bytes.subarray(at, at + step));
        if (step === 1) await pause(0);
        if (at > 700) break;
      }
      const heard = await atJitsi.all();
      caller.end();
      jitsi.end();
      await closed;
      assert.deepEqual(heardFrom(heard).slice(2), [CLOSE, 'close'], what);
      assert.match(faults.join(), /^stream-refused /);
    }
  });

const SASL = `xmlns='urn:ietf:params:xml:ns:xmpp-sasl'`;
const ELSEWHERE: Readonly<Record<string, string>> = {
  'with another host': `<auth ${SASL} mechanism='ANONYMOUS' to='guest.${DOMAIN}'/>`,
  'with its own host': `<auth ${SASL} to='${DOMAIN}'/>`,
  'with a host in a line of its own': `<auth ${SASL}\n\tto='guest.${DOMAIN}'></auth>`,
  'with blanks around the sign': `<auth ${SASL} to = 'guest.${DOMAIN}'/>`,
  'under a prefix': `<x:auth xmlns:x='urn:ietf:params:xml:ns:xmpp-sasl' to='guest.${DOMAIN}'/>`,
  'behind another element': `<abort ${SASL}/><auth ${SASL} to='guest.${DOMAIN}'/>`,
  'behind a stanza': `<iq xmlns='jabber:client'/><auth ${SASL} to='guest.${DOMAIN}'/>`,
  'behind a declaration': `<?xml version='1.0'?><auth ${SASL} to='guest.${DOMAIN}'/>`,
  'as its answer': `<response ${SASL} to='guest.${DOMAIN}'>YQ==</response>`,
  'as its end': `<abort ${SASL} to='guest.${DOMAIN}'/>`,
  'with a stanza in its place': `<iq xmlns='jabber:client' to='guest.${DOMAIN}'/>`,
};
for (const [what, text] of Object.entries(ELSEWHERE))
  test(`who signs in ${what} is closed, and Jitsi hears nothing of it [PROXY-28]`, async (t) => {
    const { caller, jitsi, atJitsi, faults, closed } = await stage(t);
    caller.write(Buffer.concat([OPEN, textFrame(text, MASK)]));
    const heard = await atJitsi.all();
    caller.end();
    jitsi.end();
    await closed;
    assert.deepEqual(heardFrom(heard).slice(1), [CLOSE, 'close']);
    assert.match(faults.join(), /^stream-refused /);
  });

test('who signs in here, at once or in several steps, goes on', async (t) => {
  const { caller, atJitsi, faults } = await stage(t);
  const texts = [
    `<abort ${SASL}/>`,
    `<auth ${SASL} mechanism="SCRAM-SHA-1">biwsbj1h</auth>`,
    `<response ${SASL}>Yz1i</response>`,
    `<response ${SASL}></response>`,
  ];
  const all = Buffer.concat([OPEN, ...texts.map((text) => textFrame(text, MASK)), OPEN]);
  caller.write(all);
  assert.deepEqual(await atJitsi.until(all.length), all);
  assert.deepEqual(faults, []);
});

test('a stream is begun anew with its own host, and what only looks like an opening passes', async (t) => {
  const { caller, atJitsi, faults } = await stage(t);
  const texts = [
    '<opens/>',
    '<o/>',
    `<x:iq xmlns:x='y'/>`,
    '<iq><open/></iq>',
    '<openopen>',
    '<a.open-b/>',
    '',
  ];
  const all = Buffer.concat([
    OPEN,
    textFrame('<auth/>', MASK),
    OPEN,
    ...texts.map((text) => textFrame(text, MASK)),
    inParts(`<message>${'x'.repeat(200)}</message>`, 9, 100),
    frame(OPCODE.binary, Buffer.from(GUEST), MASK),
    OPEN,
  ]);
  caller.write(all);
  assert.deepEqual(await atJitsi.until(all.length), all);
  assert.deepEqual(faults, []);
});

test('a ping before the opening does no harm, and goes on with it', async (t) => {
  const { caller, atJitsi } = await stage(t);
  caller.write(frame(OPCODE.ping, Uint8Array.of(1), MASK));
  caller.write(OPEN);
  assert.equal(heardFrom(await atJitsi.until(OPEN.length + 7)).length, 2);
});

test('who says nothing is let go', async (t) => {
  const { atCaller, faults } = await stage(t, { patience: 0.05 });
  assert.equal(said(await atCaller.all()).at(-1), 'close 1008');
  assert.deepEqual(faults, ['slow nothing said']);
});

test('an ended stream is closed towards Jitsi, and both connections with it', async (t) => {
  const { caller, jitsi, spliced, atCaller, atJitsi } = await stage(t);
  caller.write(OPEN);
  await atJitsi.until(OPEN.length);
  jitsi.on('end', () => jitsi.end());
  const ended = spliced.end();
  await atJitsi.until(OPEN.length + textFrame(CLOSE, MASK).length + closeFrame(1000, MASK).length);
  assert.deepEqual(heardFrom(atJitsi.bytes()).slice(1), [CLOSE, 'close']);
  jitsi.end(Buffer.concat([textFrame(CLOSE), closeFrame(1000)]));
  assert.deepEqual(said(await atCaller.all()), [CLOSE, 'close 1000'], 'what Jitsi answers is heard');
  caller.end();
  await ended;
});

test('who stops in the middle of a frame is ended as well', async (t) => {
  const { caller, spliced, atJitsi } = await stage(t);
  const stanza = textFrame('<message>half', MASK).subarray(0, -4);
  caller.write(Buffer.concat([BEGUN, stanza]));
  await atJitsi.until(BEGUN.length + stanza.length);
  void spliced.end();
  const [half, ...rest] = heardFrom(await atJitsi.all()).slice(3);
  assert.deepEqual([half, ...rest], ['<message>    ', CLOSE, 'close']);
});

test('who announces a megabyte and says little of it is ended as well, and who says nothing of it announced nothing', async (t) => {
  const payload = Buffer.alloc(1 << 20, '<iq ');
  for (const [said, heard] of [
    ['<iq ', 3],
    ['', 2],
  ] as const) {
    const { caller, spliced, atJitsi } = await stage(t);
    caller.write(BEGUN);
    await atJitsi.until(BEGUN.length);
    const begun = frame(OPCODE.text, payload, MASK).subarray(0, 14 + said.length);
    caller.write(begun);
    if (said === '') await pause(50);
    else await atJitsi.until(BEGUN.length + begun.length);
    void spliced.end();
    const messages = heardFrom(await atJitsi.all());
    assert.deepEqual([messages.length, ...messages.slice(-2)], [heard + 3, CLOSE, 'close']);
  }
});

test('who leaves a message unfinished is ended as well', async (t) => {
  const { caller, spliced, atJitsi } = await stage(t);
  const part = textFrame('<message>', MASK);
  part[0] = OPCODE.text;
  caller.write(Buffer.concat([BEGUN, part]));
  await atJitsi.until(BEGUN.length + part.length);
  void spliced.end();
  assert.deepEqual(heardFrom(await atJitsi.all()).slice(3), ['<message>', CLOSE, 'close']);
});

test('a frame that breaks the rules goes nowhere, and the stream is closed before it', async (t) => {
  const { caller, faults, atJitsi, atCaller } = await stage(t);
  caller.write(BEGUN);
  await atJitsi.until(BEGUN.length);
  caller.write(Buffer.concat([textFrame('<a/>', MASK), textFrame('<unmasked/>'), textFrame('<b/>', MASK)]));
  assert.deepEqual(heardFrom(await atJitsi.all()).slice(3), ['<a/>', CLOSE, 'close']);
  assert.deepEqual(said(await atCaller.all()), []);
  assert.deepEqual(faults, ['protocol mask']);
});

test('nothing follows the close frame of a caller', async (t) => {
  const { caller, spliced, atJitsi } = await stage(t);
  caller.write(Buffer.concat([OPEN, closeFrame(1000, MASK)]));
  await atJitsi.until(OPEN.length + 8);
  void spliced.end();
  assert.deepEqual(heardFrom(await atJitsi.all()).slice(1), ['close']);
});

test('a caller who is in the middle of hearing a frame is cut off in it', async (t) => {
  const { caller, jitsi, spliced, atCaller, atJitsi } = await stage(t);
  caller.write(OPEN);
  await atJitsi.until(OPEN.length);
  const half = textFrame('<message/>').subarray(0, 6);
  jitsi.write(half);
  await atCaller.until(half.length);
  void spliced.end();
  assert.deepEqual(await atCaller.all(), Buffer.from(half));
});

test('a dropped stream is not closed: Jitsi hears nothing more', async (t) => {
  const { caller, spliced, atJitsi, atCaller, closed } = await stage(t);
  caller.write(OPEN);
  await atJitsi.until(OPEN.length);
  spliced.drop();
  await closed;
  assert.deepEqual(await atJitsi.all(), Buffer.from(OPEN));
  assert.equal((await atCaller.all()).length, 0);
});

test('when one side ends, the other does, with all that was on its way', async (t) => {
  const { caller, jitsi, atCaller, atJitsi, closed } = await stage(t);
  caller.write(OPEN);
  await atJitsi.until(OPEN.length);
  const last = Buffer.from(textFrame('y'.repeat(1_000_000)));
  jitsi.end(last);
  assert.deepEqual(await atCaller.all(), last);
  caller.end();
  await closed;
});

test('a caller that vanishes takes its connection to Jitsi along', async (t) => {
  const { caller, atJitsi, closed } = await stage(t);
  caller.write(OPEN);
  await atJitsi.until(OPEN.length);
  caller.resetAndDestroy();
  await atJitsi.all();
  await closed;
});

test('who does not read is not read for: the other side waits', async (t) => {
  const { caller, jitsi, atJitsi } = await stage(t);
  caller.write(OPEN);
  await atJitsi.until(OPEN.length);
  caller.pause();
  const chunk = Buffer.from(textFrame('z'.repeat(60_000)));
  let sent = 0;
  while (sent < 100_000_000 && jitsi.writableLength < 5_000_000) {
    jitsi.write(chunk);
    sent += chunk.length;
    await pause(0);
  }
  assert.ok(sent < 100_000_000, 'a hundred megabytes were taken from Jitsi for nobody');
  caller.resume();
  await once(jitsi, 'drain');
});

test('another service than XMPP says what it likes in frames, and ends by a close frame', async (t) => {
  const [outer, inner] = [await socketPair(t), await socketPair(t)];
  const spliced = splice({
    client: outer.called,
    upstream: inner.caller,
    head: textFrame('hello'),
    random: countingRandom(),
  });
  const [atCaller, atJitsi] = [hearing(outer.caller), hearing(inner.called)];
  outer.caller.write(frame(OPCODE.binary, Uint8Array.of(1, 2), MASK));
  await atJitsi.until(8);
  assert.deepEqual(said(await atCaller.until(7)), ['hello']);
  void spliced.end();
  assert.deepEqual(heardFrom(await atJitsi.all()), ['binary', 'close']);
  assert.deepEqual(said(await atCaller.all()), ['hello']);
});
