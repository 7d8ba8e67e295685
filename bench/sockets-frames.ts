/**
 * The frames that go through when WebSockets are measured: 500 bytes, about what a presence in a meeting has.
 */
import { frame, OPCODE, textFrame } from '../src/gateway/frames.ts';

const MASK = 0x01020304;

/** What a frame carries. */
export const PAYLOAD = Buffer.from(`<presence>${'x'.repeat(479)}</presence>`);

/** A frame as a client sends it. */
export const SENT = Buffer.from(frame(OPCODE.text, PAYLOAD, MASK));

const BEGIN = textFrame(
  `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>`,
  MASK,
);

/** The beginning of a stream, as a client sends it: opened, signed in, begun anew. */
export const OPEN = Buffer.concat([
  BEGIN,
  textFrame(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>`, MASK),
  BEGIN,
]);
