/**
 * Links of an application whose secret Prosody does not know, through the gateway, on a real Prosody.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { linkClaims, linkToken, MOODLE } from '../support/links.ts';
import { startClient } from '../support/xmpp-client.ts';
import { appAt, browserAt, type Gate, letIn, muc, openGate, speaks, startMeetings } from './gate-stage.ts';
import { DOMAIN, type Prosody } from './prosody.ts';

suite('links of other applications', () => {
  let prosody: Prosody;
  before(async () => {
    prosody = await startMeetings();
  });
  after(() => prosody.stop());

  const tokenFor = ({ stage }: Gate, room: string, id: string) =>
    linkToken(linkClaims(stage.clock, { room, sub: DOMAIN, context: { user: { id, name: id } } }));

  /** The cookie of a browser that followed a link. */
  async function followed(gate: Gate, room: string, id: string): Promise<string> {
    const { cookies } = await gate.stage.ask(`/${room}?jwt=${tokenFor(gate, room, id)}`);
    return cookies[0]?.split(';', 1)[0] ?? assert.fail('the link opened nothing');
  }

  test('who came by a page and who came by an app are in one meeting, and Prosody knows neither token', async (t) => {
    const gate = await openGate(t, prosody, {
      config: { issuers: [MOODLE], jitsi: { roles: 'enforced', xmppDomain: DOMAIN } },
    });
    const byPage = letIn(
      await startClient(browserAt(gate, { cookie: await followed(gate, 'linked', 'grace') }, '/linked')),
    );
    const byApp = letIn(await startClient(appAt(gate, '/linked', tokenFor(gate, 'linked', 'edsger'))));
    assert.equal(await byPage.join(muc('/linked'), 'grace'), 'joined');
    assert.equal(await byApp.join(muc('/linked'), 'edsger'), 'joined');
    await speaks(byPage, { room: '/linked', others: [byApp], text: 'by a link' });
    await Promise.all([byPage.leave(), byApp.leave()]);
    const direct = await startClient({
      ...appAt(gate, '/linked', tokenFor(gate, 'linked', 'mallory')),
      origin: prosody.origin,
    });
    assert.equal(direct.kind, 'failure', 'the application’s secret is none of Prosody’s');
  });

  test('a link leads into no other room, whatever is asked of Prosody afterwards', async (t) => {
    const gate = await openGate(t, prosody, { config: { issuers: [MOODLE] } });
    const token = tokenFor(gate, 'mine', 'grace');
    const client = letIn(await startClient(appAt(gate, '/mine', token)));
    assert.notEqual(await client.join(muc('/theirs'), 'grace'), 'joined');
    await client.leave();
    assert.notEqual((await startClient(appAt(gate, '/theirs', token))).kind, 'in');
    const cookie = await followed(gate, 'mine', 'grace');
    assert.notEqual((await startClient(browserAt(gate, { cookie }, '/theirs'))).kind, 'in');
  });
});
