/**
 * What our module in a real Prosody tells, and what it does on a word: heard and said by a stand-in for our server, so
 * that every word can be chosen.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, suite, type TestContext, test } from 'node:test';
import { parseRoomPath } from '../../src/base/room.ts';
import { freePort } from '../support/http-server.ts';
import { APP_ID } from '../support/server-stage.ts';
import { until } from '../support/until.ts';
import { startClient, type XmppClient } from '../support/xmpp-client.ts';
import { isGone, letIn, muc, SECRET, speaks } from './gate-stage.ts';
import { forge, sharedSecret } from './minted.ts';
import { MODULE_SECRET, type Reporting, startReporting, straightTo } from './module-stage.ts';
import { DOMAIN } from './prosody.ts';
import { BIND, stream } from './spoken.ts';
import { openBosh } from './wire.ts';

interface Told {
  readonly authorization: string | undefined;
  readonly body: {
    readonly from: string;
    readonly after?: string;
    readonly full?: true;
    readonly more?: true;
    readonly refuse?: string;
    readonly come?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly gone?: readonly string[];
  };
}

type Answer = Readonly<Record<string, unknown>> | { readonly status: number; readonly text?: string };

/** Somebody who is reported to: hears everything, and says what the test gives them to say, once. */
async function doorkeeper(t: TestContext, port: number) {
  const told: Told[] = [];
  const answers: Answer[] = [];
  let at = 0;
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    told.push({ authorization: request.headers.authorization, body: JSON.parse(text) });
    at += 1;
    const first = told.length === 1 ? { resync: true } : {};
    const answer = answers.shift() ?? {};
    if ('status' in answer) response.writeHead(Number(answer.status)).end(answer.text ?? '');
    else response.end(JSON.stringify({ after: `a${at}`, ...first, ...answer }));
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  /** Who is there, from all that was told since everything was. */
  const here = () => {
    const all = new Map<string, Readonly<Record<string, unknown>>>();
    for (const { body } of told.slice(1)) {
      if (body.full) all.clear();
      for (const id of body.gone ?? []) all.delete(id);
      for (const [id, one] of Object.entries(body.come ?? {})) all.set(id, one);
    }
    return [...all.values()];
  };
  const say = async (answer: Answer) => {
    answers.push(answer);
    await until(() => answers.length === 0);
    // Whoever reports again has heard it.
    const heard = told.length;
    await until(() => told.length > heard);
  };
  await until(() => told.length > 1);
  return { told, here, say };
}

const LATER = Math.floor(Date.now() / 1000) + 3600;
const key = sharedSecret(SECRET);

/** A token that Prosody believes, with these claims beside. */
const tokenOf = (person: string, room: string, more: object = {}) =>
  forge(key, {
    claims: {
      iss: APP_ID,
      aud: APP_ID,
      room,
      jti: `j-${person}`,
      context: { user: { id: person } },
      ...more,
    },
  });

suite('what our module tells and does', () => {
  let reporting: Reporting;
  before(async () => {
    reporting = await startReporting({}, { ostiary_report_size: 2 });
  });
  after(() => reporting.prosody.stop());

  async function enters(person: string, room: string, more: object = {}): Promise<XmppClient> {
    const client = letIn(await startClient(straightTo(reporting, room, tokenOf(person, room, more))));
    assert.equal(await client.join(muc(`/${room}`), person), 'joined');
    return client;
  }

  test('it shows the secret, tells everything when asked to, and afterwards what changed', async (t) => {
    const { told, here } = await doorkeeper(t, reporting.port);
    const user = { id: 'sso#ada', affiliation: 'owner', moderator: true };
    const one = await enters('ada', 'told', { sid: 's1', context: { user } });
    await until(() => here().some(({ rooms }) => Array.isArray(rooms)));
    assert.deepEqual(here(), [
      {
        ...{ iss: APP_ID, sid: 's1', jti: 'j-ada', person: 'sso#ada', room: 'told' },
        ...{ host: true, rooms: ['told'] },
      },
    ]);
    await one.leave();
    await until(() => here().length === 0);
    const [first, second, ...later] = told;
    assert.ok(told.every(({ authorization }) => authorization === `Bearer ${MODULE_SECRET}`));
    assert.deepEqual([first?.body.full, second?.body.full, second?.body.after], [true, true, 'a1']);
    assert.ok(later.every(({ body }, at) => body.after === `a${at + 2}` && body.full === undefined));
  });

  test('a token of a tenant names its room as the MUC does', async (t) => {
    const { here } = await doorkeeper(t, reporting.port);
    const client = letIn(
      await startClient(straightTo(reporting, 'r', tokenOf('ada', 'r', { sub: 'sales_berlin' }))),
    );
    assert.equal(await client.join(muc('/sales.berlin/r'), 'ada'), 'joined');
    await until(() => here().some(({ rooms }) => Array.isArray(rooms)));
    assert.deepEqual([here()[0]?.['room'], here()[0]?.['rooms']], ['[sales_berlin]r', ['[sales_berlin]r']]);
    await client.leave();
  });

  test('who leaves a room and stays connected is told to be in none', async (t) => {
    const { here } = await doorkeeper(t, reporting.port);
    const said = await stream(t, reporting, { token: tokenOf('lea', 'left') });
    await said.auth();
    await said.wire.open();
    await said.ask(BIND, 'iq');
    const enter = `<x xmlns='http://jabber.org/protocol/muc'/>`;
    const at = `xmlns='jabber:client' to='${muc('/left')}/lea'`;
    for (let time = 0; time < 2; time += 1) {
      await said.wire.send(`<presence ${at}>${enter}</presence>`);
      await until(() => here().some(({ rooms }) => Array.isArray(rooms) && rooms[0] === 'left'));
      await said.wire.send(`<presence ${at} type='unavailable'/>`);
      await until(() => here().some(({ person, rooms }) => person === 'lea' && rooms === undefined));
    }
  });

  test('more people than one report holds are told in several', async (t) => {
    const { here, told } = await doorkeeper(t, reporting.port);
    const people = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => enters(name, 'many')));
    await until(() => here().length === 5);
    assert.ok(told.every(({ body }) => Object.keys(body.come ?? {}).length + (body.gone ?? []).length <= 2));
    assert.ok(told.some(({ body }) => body.more === true));
    await Promise.all(people.map((one) => one.leave()));
    await until(() => here().length === 0);
  });

  for (const [by, word] of [
    ['the token’s id', { jti: 'j-ada' }],
    ['the session', { iss: APP_ID, sid: 's1' }],
    ['the person', { iss: APP_ID, person: 'ada' }],
    ['the person and the room', { person: 'ada', room: 'word' }],
  ] as const)
    test(`who is named by ${by} is out, others stay, and the token opens nothing more`, async (t) => {
      const { say } = await doorkeeper(t, reporting.port);
      const ada = await enters('ada', 'word', { sid: 's1' });
      const bob = await enters('bob', 'word', { sid: 's2' });
      await say({ end: [{ ...word, why: 'session-ended', until: LATER }] });
      await bob.until(() => isGone(bob, 'ada'));
      assert.ok(bob.isOpen());
      const again = await startClient(straightTo(reporting, 'word', tokenOf('ada', 'word', { sid: 's1' })));
      assert.equal(again.kind, 'failure');
      await Promise.all([ada.leave(), bob.leave()]);
      // For the tests that follow: what was said once holds as long as was said, and its end can be said.
      await say({ end: [{ ...word, why: 'session-ended', until: 1 }] });
    });

  test('a room that is named is emptied, and no other', async (t) => {
    const { say } = await doorkeeper(t, reporting.port);
    const inside = await Promise.all([enters('carol', 'closed'), enters('dave', 'closed')]);
    const elsewhere = await enters('erin', 'open');
    await say({ refuse: { tag: 't', words: [{ room: 'closed', why: 'kicked', until: LATER }] } });
    await Promise.all(inside.map((one) => one.closed));
    assert.equal(
      (await startClient(straightTo(reporting, 'closed', tokenOf('frank', 'closed')))).kind,
      'failure',
    );
    await say({ refuse: { tag: 'u', words: [] } });
    const frank = await enters('frank', 'closed');
    await speaks(elsewhere, { room: '/open', others: [], text: 'still here' });
    await Promise.all([frank.leave(), elsewhere.leave()]);
  });

  test('a token for every room is put out of the one that is named, and kept out of it', async (t) => {
    const { say } = await doorkeeper(t, reporting.port);
    const client = letIn(await startClient(straightTo(reporting, 'any', tokenOf('gil', '*', { sub: '*' }))));
    await say({ refuse: { tag: 'g', words: [{ person: 'gil', room: 'any', why: 'kicked', until: LATER }] } });
    assert.equal(await client.join(muc('/any'), 'gil'), 'not-allowed');
    assert.equal(await client.join(muc('/other'), 'gil'), 'joined');
    await say({ refuse: { tag: 'h', words: [] } });
    await client.leave();
  });

  test('a word that names nobody, or is over, ends nobody; nor does an answer that is none', async (t) => {
    const { say } = await doorkeeper(t, reporting.port);
    const ada = await enters('hana', 'calm', { sid: 's9' });
    const senseless: Answer[] = [
      {
        end: [
          { why: 'session-ended', until: LATER },
          { iss: APP_ID, why: 'session-ended', until: LATER },
        ],
      },
      { end: [{ jti: 'j-hana', why: 'session-ended', until: 1 }] },
      { end: 'everybody', refuse: 7 },
      { end: [7, 'all'], refuse: { words: ['all'] } },
      { status: 500 },
      { status: 200, text: '[' },
      { status: 200, text: 'null' },
    ];
    for (const answer of senseless) await say(answer);
    await speaks(ada, { room: '/calm', others: [], text: 'nothing happened' });
    await ada.leave();
  });

  test('a sentence that no stream can hold keeps nobody in, not even whom it is for', async (t) => {
    const { say } = await doorkeeper(t, reporting.port);
    const watcher = await enters('kim', 'odd');
    const names = ['l1', 'l2', 'l3', 'l4'];
    for (const name of names) await enters(name, 'odd', { sid: name });
    const why = 'session-ended';
    await say({
      end: [
        { sid: 'l1', why, until: LATER, text: 'a\u0000b\u0001\u001f' },
        { sid: 'l2', why, until: LATER, text: '\u202e' },
        { sid: 'l3', why: { no: 'word' }, until: LATER, text: ['x'] },
        { sid: 'l4', why, until: LATER, text: '<stream:error/>]]>&' },
      ],
    });
    for (const name of names) await watcher.until(() => isGone(watcher, name));
    assert.ok(watcher.isOpen());
    await watcher.leave();
  });

  test('whose token holds what is no text is told of all the same, and so are others', async (t) => {
    const { here } = await doorkeeper(t, reporting.port);
    const odd = await enters('mia', 'strange', {
      context: { user: { id: '<&"\u0000\u202e' } },
      sid: '\u0001',
    });
    const other = await enters('ned', 'strange');
    await until(() => here().some(({ person }) => person === 'ned'));
    assert.ok(here().some(({ jti, rooms }) => jti === 'j-mia' && Array.isArray(rooms)));
    await Promise.all([odd.leave(), other.leave()]);
  });

  test('by BOSH it is the same', async (t) => {
    const { say, here } = await doorkeeper(t, reporting.port);
    const watcher = await enters('ivy', 'bosh');
    const query = `?room=bosh&token=${tokenOf('joe', 'bosh', { sid: 'by-bosh' })}`;
    const wire = await openBosh({ origin: reporting.prosody.origin, domain: DOMAIN, query, headers: {} });
    await wire.open();
    await wire.next();
    await wire.send(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>`);
    assert.equal((await wire.next()).name, 'success');
    await wire.open();
    await wire.send(
      `<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`,
    );
    await wire.send(
      `<presence xmlns='jabber:client' to='${muc('/bosh')}/joe'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
    await watcher.until(() => watcher.seen.some(({ nick, is }) => nick === 'joe' && is === 'here'));
    await until(() => here().some(({ sid }) => sid === 'by-bosh'));
    await say({ end: [{ sid: 'by-bosh', why: 'session-ended', until: LATER }] });
    await watcher.until(() => isGone(watcher, 'joe'));
    await watcher.leave();
  });
});

suite('with two places to report to', () => {
  test('the next is asked where one does not answer, and told everything', async (t) => {
    const other = await freePort();
    const nobody = await freePort();
    const reporting = await startReporting(
      {},
      { ostiary_url: [`http://127.0.0.1:${nobody}/_ostiary`, `http://127.0.0.1:${other}/_ostiary`] },
    );
    t.after(() => reporting.prosody.stop());
    const { told } = await doorkeeper(t, other);
    assert.ok(told.every(({ body }) => body.from === told[0]?.body.from));
    assert.equal(told[1]?.body.full, true);
    assert.match(reporting.prosody.log(), /mod_ostiary\s+warn\tOstiary did not take a report \(0\)/);
  });

  test('a secret that is not taken is told once in Prosody’s log, and never shown there', async (t) => {
    const reporting = await startReporting();
    t.after(() => reporting.prosody.stop());
    const { say } = await doorkeeper(t, reporting.port);
    for (let time = 0; time < 3; time += 1) await say({ status: 401 });
    const log = reporting.prosody.log();
    assert.equal(log.match(/does not take our secret/g)?.length, 1);
    assert.ok(!log.includes(MODULE_SECRET));
  });
});

test('a room is called by the same name on both sides', () =>
  assert.equal(muc('/sales.berlin/r'), `[sales_berlin]${parseRoomPath('/r').claim}@muc.${DOMAIN}`));
