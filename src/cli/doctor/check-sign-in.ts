/**
 * Does Prosody take a token of ours, over the WebSocket and over BOSH?
 */
import { type Around, isHindered } from './around.ts';
import { type DoctorCheck, green, grey, hindered, red, type Verdict, waiting } from './check.ts';
import { WEB_SERVER, webServerAway } from './check-web-server.ts';
import { explained, unreached } from './words.ts';

const OF_DEMO = grey(
  'This is the demo: a stand-in is where Prosody would be, and speaks no XMPP. Nothing is wrong with that.',
  'What concerns Prosody is told at a Jitsi: ostiary doctor with settings of your own.',
);

async function signIn(around: Around, over: 'websocket' | 'bosh'): Promise<Verdict> {
  const found = await around.signIn(over);
  const path = over === 'websocket' ? '/xmpp-websocket' : '/http-bind';
  const origin = isHindered(around.xmpp) ? '' : around.xmpp.origin;
  switch (found.kind) {
    case 'in':
      return green(`Prosody at ${origin}${path} takes a token of ours.`);
    case 'stand-in':
      return over === 'bosh' ? waiting(OF_DEMO.says, 'websocket') : OF_DEMO;
    case 'hindered':
      // That nobody gets there from here is told by the first of the two; what is wrong with our keys, by theirs.
      if (isHindered(around.xmpp)) return hindered(found, over === 'bosh' ? 'websocket' : undefined);
      return hindered(found, 'keys');
    case 'unreached': {
      if (origin === around.wanted.origin && (await webServerAway(around)) !== undefined)
        return waiting('Could not tell: the web server does not answer.', WEB_SERVER);
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
