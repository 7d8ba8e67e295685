/**
 * Does Prosody take a token of ours, over the WebSocket and over BOSH?
 */
import { type Around, isHindered } from './around.ts';
import { type DoctorCheck, green, grey, red, type Verdict } from './check.ts';
import { explained, unreached } from './words.ts';

async function signIn(around: Around, over: 'websocket' | 'bosh'): Promise<Verdict> {
  const found = await around.signIn(over);
  const path = over === 'websocket' ? '/xmpp-websocket' : '/http-bind';
  const origin = isHindered(around.xmpp) ? '' : around.xmpp.origin;
  switch (found.kind) {
    case 'in':
      return green(`Prosody at ${origin}${path} takes a token of ours.`);
    case 'hindered':
      return grey(`Could not tell: ${found.why}.`, found.fix);
    case 'unreached': {
      const { says, fix } = unreached(found.problem, { path, origin });
      return red(says, fix);
    }
    case 'refused': {
      const { says, fix } = explained(found, around.config);
      return red(says, fix);
    }
  }
}

/** @see RFC 7395 */
export const checkWebSocket: DoctorCheck = {
  name: 'websocket',
  group: 'prosody',
  asks: 'Does somebody with a token of ours get in over the WebSocket?',
  docs: 'how-to/troubleshoot.md#jitsi-says-no-after-the-sign-in',
  run: (around) => signIn(around, 'websocket'),
};

/** @see XEP-0206 */
export const checkBosh: DoctorCheck = {
  name: 'bosh',
  group: 'prosody',
  asks: 'Does somebody with a token of ours get in over BOSH?',
  docs: 'how-to/troubleshoot.md#jitsi-says-no-after-the-sign-in',
  run: (around) => signIn(around, 'bosh'),
};
