/**
 * A coturn that is told of everybody by us, and a real Prosody whose module asks us for credentials: stock clients get
 * what allocates, by Jitsi's own ways, until their session ends.
 */
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { after, before, suite, type TestContext, test } from 'node:test';
import { turnserverText } from '../../src/config/turn-lines.ts';
import { freePort } from '../support/http-server.ts';
import { type Coturn, freeTurnPort, makeDatabase, namesIn, startCoturn } from '../support/real/coturn.ts';
import { privateDirectory } from '../support/real/program.ts';
import { APP_ID } from '../support/server-stage.ts';
import { allocate, type Shown } from '../support/turn-client.ts';
import { made, TURN_ADDRESS, turnSettings } from '../support/turn-stage.ts';
import { until } from '../support/until.ts';
import { startClient } from '../support/xmpp-client.ts';
import { muc, SECRET } from './gate-stage.ts';
import { forge, sharedSecret } from './minted.ts';
import {
  type Beside,
  openBeside,
  type Reporting,
  startReporting,
  straightTo,
  tokenFor,
} from './module-stage.ts';
import { DOMAIN } from './prosody.ts';
import { BIND, CREDENTIALS, offered, SERVICES, type Stream, stream } from './spoken.ts';
import { child, type Element } from './xml.ts';

/** A server of somebody else's, which shares a secret with Prosody. */
const ELSEWHERE = 'elsewhere.example.org';
const MORE = {
  modules: ['external_services'],
  whole: `
    external_services = {
      { type = "stun", transport = "udp", host = "${TURN_ADDRESS}", port = 3478 };
      { type = "turn", transport = "udp", host = "${TURN_ADDRESS}", port = 3478, restricted = true };
      { type = "turn", transport = "udp", host = "${ELSEWHERE}", port = 3478, secret = "what they share" };
    }`,
  hosts: `
    Component "metadata.${DOMAIN}" "ostiary_test_metadata"
    muc_component = "muc.${DOMAIN}"`,
};

/** Somebody past their sign-in, bound. */
async function bound(t: TestContext, reporting: Reporting, token: string): Promise<Stream> {
  const said = await stream(t, reporting, { token });
  assert.equal((await said.auth()).name, 'success');
  await said.wire.open();
  assert.equal((await said.ask(BIND, 'iq')).attributes['type'], 'result');
  return said;
}

/** What an answer holds for TURN at our server. */
function shownIn(iq: Element): Shown | undefined {
  const found = iq.children[0]?.children.find(
    ({ attributes: { type, host } }) => type === 'turn' && host === TURN_ADDRESS,
  );
  const { username, password } = found?.attributes ?? {};
  return username === undefined || password === undefined ? undefined : { username, password };
}

suite('a coturn that knows everybody by a row, and clients that ask Prosody', () => {
  let reporting: Reporting;
  let coturn: Coturn;
  let settings: Readonly<Record<string, unknown>>;
  let database: string;
  before(async () => {
    reporting = await startReporting({ more: MORE });
    database = join(await privateDirectory('turndb'), 'turndb');
    makeDatabase(database);
    const port = await freeTurnPort();
    settings = turnSettings(port, { database });
  });
  after(async () => {
    await coturn?.stop();
    await reporting.prosody.stop();
  });

  async function open(t: TestContext): Promise<Beside> {
    const beside = await openBeside(t, reporting, {
      config: { access: 'members', hosts: [], turn: settings },
    });
    await beside.stage.app.warm();
    const { config } = beside.stage;
    coturn ??= await startCoturn(turnserverText(config, 'bridges-only'), {
      address: TURN_ADDRESS,
      port: config.turn.port,
    });
    return beside;
  }

  test('what XEP-0215 says of it allocates, once for a connection by whatever way it is asked, and no more after the session', async (t) => {
    const beside = await open(t);
    const [ada, bob] = [await beside.person('ada'), await beside.person('bob')];
    const said = await bound(t, reporting, (await tokenFor(beside, ada, 'standup')) ?? assert.fail());
    const services = await said.ask(SERVICES(DOMAIN), 'iq');
    const shown = shownIn(services) ?? assert.fail('no credentials');
    assert.match(shown.username, /^\d+:sso%23ada@standup~[\w-]{12}$/);
    assert.deepEqual(namesIn(database), [shown.username]);
    made(await allocate({ shown, server: coturn.at })).close();
    const turn = services.children[0]?.children.find(({ attributes: { type } }) => type === 'turn');
    assert.equal(
      Math.floor(Date.parse(turn?.attributes['expires'] ?? '') / 1000),
      Number(shown.username.split(':')[0]),
    );
    for (const again of [
      await said.ask(SERVICES(DOMAIN, 1), 'iq'),
      await said.ask(CREDENTIALS(DOMAIN, TURN_ADDRESS), 'iq'),
    ])
      assert.deepEqual(shownIn(again), shown);
    assert.match(offered(services).get(ELSEWHERE)?.['username'] ?? '', /^\d+:sso%23ada@standup$/);

    const other = await bound(t, reporting, (await tokenFor(beside, bob, 'standup')) ?? assert.fail());
    const others = shownIn(await other.ask(SERVICES(DOMAIN), 'iq')) ?? assert.fail();
    await beside.stage.parts.sessions.end(ada.handle, 'signed-out');
    await until(() => !namesIn(database).includes(shown.username));
    assert.equal(await allocate({ shown, server: coturn.at }), 401);
    made(await allocate({ shown: others, server: coturn.at })).close();
    const given = await beside.stage.parts.records.list({ person: 'sso#ada' });
    assert.ok(given.some(({ event, room }) => event === 'turn-given' && room === 'standup'));
  });

  test('the metadata of a room say the same, to whoever enters it', async (t) => {
    const beside = await open(t);
    const ada = await beside.person('ada');
    const token = (await tokenFor(beside, ada, encodeURIComponent('größe'))) ?? assert.fail();
    const said = await bound(t, reporting, token);
    const metadata = await said.entering('/gr%C3%B6%C3%9Fe');
    const { username, password } = metadata.services.find(
      ({ type, host }: { type: string; host: string }) => type === 'turn' && host === TURN_ADDRESS,
    );
    assert.match(username, /:sso%23ada@gr%25c3%25b6%25c3%259fe~/);
    made(await allocate({ shown: { username, password }, server: coturn.at })).close();
    assert.deepEqual(shownIn(await said.ask(SERVICES(DOMAIN), 'iq')), { username, password });
  });

  test('what somebody in the room says of TURN servers is passed on as they said it: nobody’s password is put into it', async (t) => {
    const beside = await open(t);
    const token = async (name: string) =>
      (await tokenFor(beside, await beside.person(name), 'talk')) ?? assert.fail();
    const [ada, eve] = [
      await bound(t, reporting, await token('ada')),
      await bound(t, reporting, await token('eve')),
    ];
    await ada.entering('/talk', 'ada');
    await eve.entering('/talk', 'eve');
    const services = [{ type: 'turn', host: TURN_ADDRESS, port: '3478', transport: 'udp' }];
    const text = JSON.stringify({ type: 'room_metadata', metadata: { services } });
    await eve.wire.send(
      `<message xmlns='jabber:client' type='groupchat' to='${muc('/talk')}'><json-message xmlns='http://jitsi.org/jitmeet'>${text}</json-message><body>x</body></message>`,
    );
    for (const one of [ada, eve]) {
      const heard = await one.hears(
        ({ name, attributes: { from = '' }, children }) =>
          name === 'message' && from.includes('@') && children.length > 1,
      );
      assert.equal(child(heard, 'json-message')?.text, text);
    }
  });

  test('whoever holds a token without a session of ours is told of no password, and no row is written', async (t) => {
    await open(t);
    const token = forge(sharedSecret(SECRET), {
      claims: { iss: 'another-app', aud: APP_ID, room: 'standup', context: { user: { id: 'x' } } },
    });
    assert.equal((await startClient(straightTo(reporting, 'standup', token))).kind, 'failure');
    const ours = forge(sharedSecret(SECRET), {
      claims: { iss: APP_ID, aud: APP_ID, room: 'standup', context: { user: { id: 'x' } } },
    });
    const said = await bound(t, reporting, ours);
    assert.equal(shownIn(await said.ask(SERVICES(DOMAIN), 'iq')), undefined);
    assert.ok(!namesIn(database).some((name) => name.includes(':x@')));
  });
});

/** A stand-in for our server that says what a test gives it to say when it is asked for credentials. */
async function standIn(t: TestContext, port: number, say: (response: ServerResponse, body: string) => void) {
  let reports = 0;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (request.url?.endsWith('/prosody/turn')) return say(response, body);
    reports += 1;
    return response.end(
      JSON.stringify({ after: `a${reports}`, turn: [TURN_ADDRESS], ...(reports === 1 && { resync: true }) }),
    );
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await until(() => reports > 1);
}

suite('where the answer is late, or none', () => {
  let reporting: Reporting;
  before(async () => {
    reporting = await startReporting({ more: MORE });
  });
  after(() => reporting.prosody.stop());

  const tokenOf = (person: string) =>
    forge(sharedSecret(SECRET), {
      claims: {
        ...{ iss: APP_ID, aud: APP_ID, room: 'standup', sid: `s-${person}` },
        context: { user: { id: person } },
      },
    });
  const PING = `<iq xmlns='jabber:client' type='get' id='p' to='${DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>`;

  test('nobody waits for it but the question: not who asked, nor anybody else', async (t) => {
    const held: ServerResponse[] = [];
    await standIn(t, reporting.port, (response) => held.push(response));
    const [ada, bob] = [await bound(t, reporting, tokenOf('ada')), await bound(t, reporting, tokenOf('bob'))];
    await ada.wire.send(SERVICES(DOMAIN));
    // What was said after the question is answered before it.
    for (const { ask } of [ada, bob]) assert.equal((await ask(PING, 'iq')).attributes['id'], 'p');
    await until(() => held.length === 2);
    for (const response of held)
      response.end(JSON.stringify({ username: '1:x@y~z', password: 'cGFzcw==', expires: 4_000_000_000 }));
    const answer = await ada.hears(({ attributes }) => attributes['id'] === 's');
    assert.deepEqual(shownIn(answer), { username: '1:x@y~z', password: 'cGFzcw==' });
  });

  test('an answer that is none, or holds what may not stand in a stream, is no credentials, and ends nothing', async (t) => {
    const good = { username: '1:x@y~z', password: 'cGFzcw==', expires: 4_000_000_000 };
    const answers: readonly (readonly [number, string])[] = [
      [404, '{}'],
      [403, JSON.stringify(good)],
      [200, ''],
      [200, '['],
      [200, 'null'],
      [200, '{}'],
      [200, JSON.stringify({ ...good, username: `x'/><evil a='` })],
      [200, JSON.stringify({ ...good, username: 'a\u0000b' })],
      [200, JSON.stringify({ ...good, username: { $: 'x' } })],
      [200, JSON.stringify({ ...good, password: '\u0007' })],
      [200, JSON.stringify({ ...good, expires: 'soon' })],
      [200, JSON.stringify(good).replace('4000000000', '1e999')],
    ];
    const left = [...answers];
    await standIn(t, reporting.port, (response) => {
      const [status, text] = left.shift() ?? assert.fail();
      response.writeHead(status).end(text);
    });
    for (const [status, text] of answers) {
      const said = await bound(t, reporting, tokenOf('eve'));
      const services = await said.ask(SERVICES(DOMAIN), 'iq', 'stream:error');
      assert.equal(services.name, 'iq', text);
      assert.deepEqual(
        services.children[0]?.children.map(({ attributes }) => attributes['host']),
        [TURN_ADDRESS, ELSEWHERE],
        `${status} ${text}`,
      );
      assert.equal(shownIn(services), undefined, text);
      assert.equal((await said.ask(PING, 'iq')).attributes['type'], 'result');
    }
    assert.equal(left.length, 0);
  });
});
