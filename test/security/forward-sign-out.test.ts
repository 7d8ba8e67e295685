/** Who signs out is told whether a call that is open goes on, in every door. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PREFIX, startStage } from '../support/server-stage.ts';

const GOES_ON = /A meeting that is open in another tab or app goes on/;

for (const [what, config, goesOn] of [
  ['a proxy asks us', { forwardAuth: { enabled: true } }, true],
  [
    'a proxy asks us, and our module is in Prosody',
    { forwardAuth: { enabled: true }, prosodyModule: { secret: 'x'.repeat(43) } },
    false,
  ],
  ['Jitsi sends people here for a token', {}, true],
  [
    'Jitsi sends people here, and our module is in Prosody',
    { prosodyModule: { secret: 'x'.repeat(43) } },
    false,
  ],
  ['we stand in front', { upstream: { url: 'http://127.0.0.1:9' } }, false],
] as const)
  test(`where ${what}, the pages for signing out ${goesOn ? 'say' : 'do not say'} that a call goes on`, async (t) => {
    const stage = await startStage({ config: { trustedProxies: ['127.0.0.1'], ...config } });
    t.after(() => stage.close());
    const ada = stage.visitor();
    await ada.signIn();
    for (const path of ['/sign-out', '/signed-out'])
      assert.equal(GOES_ON.test((await ada.get(`${PREFIX}${path}`)).text), goesOn, path);
  });
