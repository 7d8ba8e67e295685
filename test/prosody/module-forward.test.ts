/**
 * Behind an nginx that asks, on a real Prosody: whose session ends stays in the call, unless our module is in Prosody.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { freePort } from '../support/http-server.ts';
import { startFrontNginx } from '../support/real/front.ts';
import { ORIGIN } from '../support/server-stage.ts';
import { startClient, type XmppClient } from '../support/xmpp-client.ts';
import { letIn, muc, speaks, startMeetings } from './gate-stage.ts';
import {
  type Beside,
  MODULE_SECRET,
  openBeside,
  type Reporting,
  type Someone,
  startReporting,
} from './module-stage.ts';
import { DOMAIN } from './prosody.ts';

interface Meeting {
  readonly all: Beside;
  readonly enter: (person: Someone) => Promise<XmppClient>;
}

async function meeting(t: TestContext, reporting: Reporting, reports: boolean): Promise<Meeting> {
  t.after(() => reporting.prosody.stop());
  const config = {
    ...{ forwardAuth: { enabled: true }, trustedProxies: ['127.0.0.1'], access: 'members', hosts: [] },
    prosodyModule: reports ? { secret: MODULE_SECRET } : {},
  };
  const all = await openBeside(t, reporting, { config }, { reports });
  const { stage, prosody } = all;
  const front = await startFrontNginx({ behind: 'debian', stage, prosody: prosody.origin });
  t.after(() => front.stop());
  return {
    all,
    enter: async ({ name, headers }) => {
      const more = { origin: ORIGIN, host: new URL(ORIGIN).host, cookie: headers.cookie };
      const client = letIn(
        await startClient({ origin: front.origin, query: 'room=standup', headers: more, domain: DOMAIN }),
      );
      assert.equal(await client.join(muc('/standup'), name), 'joined');
      return client;
    },
  };
}

test('without the module somebody whose session ended goes on in the call, and enters none again', async (t) => {
  const { all, enter } = await meeting(t, { prosody: await startMeetings(), port: await freePort() }, false);
  const [ada, bob] = [await all.person('Ada'), await all.person('Bob')];
  const [one, other] = [await enter(ada), await enter(bob)];
  await all.stage.parts.sessions.end(ada.handle, 'operator');
  all.stage.clock.advance(2);
  await speaks(one, { room: '/standup', others: [other], text: 'still here' });
  await assert.rejects(enter(ada));
  await Promise.all([one.leave(), other.leave()]);
});

test('with the module their call ends', async (t) => {
  const { all, enter } = await meeting(t, await startReporting(), true);
  const ada = await all.person('Ada');
  const client = await enter(ada);
  await all.stage.parts.sessions.end(ada.handle, 'operator');
  await client.closed;
  assert.equal(client.isOpen(), false);
});
