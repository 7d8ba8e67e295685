/**
 * What applications are given at the token endpoint, as tickets through the gateway, on a real Prosody.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { APPS, askToken, SOMEBODY, tokenOf } from '../support/apps.ts';
import { startClient } from '../support/xmpp-client.ts';
import { appAt, browserAt, type Gate, letIn, muc, openGate, speaks, startMeetings } from './gate-stage.ts';
import type { Prosody } from './prosody.ts';

suite('applications at the token endpoint', () => {
  let prosody: Prosody;
  before(async () => {
    prosody = await startMeetings();
  });
  after(() => prosody.stop());

  const ticketFor = async ({ stage }: Gate, room: string, id: string) =>
    tokenOf(await askToken(stage, { ...SOMEBODY, room, subject_id: id, subject_name: id }));

  test('somebody in a frame with a cookie and somebody by the ticket alone are in one meeting; Prosody itself takes no ticket', async (t) => {
    const gate = await openGate(t, prosody, { config: { apps: APPS } });
    const { cookies } = await gate.stage.ask(`/crm-7?jwt=${await ticketFor(gate, 'crm-7', 'grace')}`);
    const cookie = cookies[0]?.split(';', 1)[0] ?? assert.fail('the ticket opened nothing');
    const inFrame = letIn(await startClient(browserAt(gate, { cookie }, '/crm-7')));
    const ticket = await ticketFor(gate, 'crm-7', 'edsger');
    const byTicket = letIn(await startClient(appAt(gate, '/crm-7', ticket)));
    assert.equal(await inFrame.join(muc('/crm-7'), 'grace'), 'joined');
    assert.equal(await byTicket.join(muc('/crm-7'), 'edsger'), 'joined');
    await speaks(inFrame, { room: '/crm-7', others: [byTicket], text: 'in a frame' });
    await Promise.all([inFrame.leave(), byTicket.leave()]);
    const direct = await startClient({ ...appAt(gate, '/crm-7', ticket), origin: prosody.origin });
    assert.equal(direct.kind, 'failure');
  });

  test('a ticket leads into no other room, whatever is asked of Prosody afterwards', async (t) => {
    const gate = await openGate(t, prosody, { config: { apps: APPS } });
    const ticket = await ticketFor(gate, 'crm-1', 'grace');
    const client = letIn(await startClient(appAt(gate, '/crm-1', ticket)));
    assert.notEqual(await client.join(muc('/crm-2'), 'grace'), 'joined');
    await client.leave();
    assert.notEqual((await startClient(appAt(gate, '/crm-2', ticket))).kind, 'in');
  });

  test('whose ticket was taken back comes in by it no more', async (t) => {
    const gate = await openGate(t, prosody, { config: { apps: APPS } });
    const ticket = await ticketFor(gate, 'crm-3', 'grace');
    const client = letIn(await startClient(appAt(gate, '/crm-3', ticket)));
    assert.equal(await client.join(muc('/crm-3'), 'grace'), 'joined');
    await gate.stage.parts.sessions.endAllOf('app:crm#grace', 'operator');
    assert.notEqual((await startClient(appAt(gate, '/crm-3', ticket))).kind, 'in');
  });
});
