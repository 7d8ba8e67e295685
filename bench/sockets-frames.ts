/**
 * The frames that go through when WebSockets are measured: 500 bytes, about what a presence in a meeting has.
 */
import { frame, OPCODE, textFrame } from '../src/gateway/frames.ts';

const MASK = 0x01020304;

/** What a frame carries. */
export const PAYLOAD = Buffer.from(`<presence>${'x'.repeat(479)}</presence>`);

/** A frame as a client sends it. */
export const SENT = Buffer.from(frame(OPCODE.text, PAYLOAD, MASK));

/** The opening of a stream, as a client sends it. */
export const OPEN = Buffer.from(
  textFrame(`<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>`, MASK),
);
