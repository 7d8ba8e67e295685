/**
 * With our module nobody gets into a real Prosody without a verified token, by whatever host and in whatever order
 * things are said; and TURN servers open to nobody else, each in their own name.
 */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, suite, type TestContext, test } from 'node:test';
import { parseRoomPath } from '../../src/base/room.ts';
import { Secret } from '../../src/base/secret.ts';
import { turnCredentials } from '../../src/tokens/turn.ts';
import { APP_ID } from '../support/server-stage.ts';
import { until } from '../support/until.ts';
import { startClient } from '../support/xmpp-client.ts';
import { browserAt, isGone, letIn, muc, openGate, startMeetings } from './gate-stage.ts';
import { forge, sharedSecret } from './minted.ts';
import {
  type Beside,
  inside,
  openBeside,
  type Reporting,
  startReporting,
  straightTo,
  tokenFor,
} from './module-stage.ts';
import { DOMAIN, GUEST_DOMAIN } from './prosody.ts';
import { BIND, CREDENTIALS, offered, SASL, SERVICES, type Stream, stream } from './spoken.ts';
import type { Element } from './xml.ts';

const MACHINES = `recorder.${DOMAIN}`;
const TURN_SECRET = 'what coturn and Prosody share';
const OTHER_TURN_SECRET = 'what another coturn and Prosody share';
const ADDED_TURN_SECRET = 'what a coturn that a module added and Prosody share';
const REFUSED = { kind: 'failure', condition: 'not-allowed', text: 'token required' };

const MORE = {
  modules: ['external_services', 'turn_external'],
  whole: `
    turn_external_secret = ${JSON.stringify(ADDED_TURN_SECRET)}
    turn_external_host = "added.example.org"
    external_service_secret = ${JSON.stringify(TURN_SECRET)}
    external_services = {
      { type = "stun", transport = "udp", host = "stun.example.org", port = 3478 };
      { type = "turn", transport = "udp", host = "turn.example.org", port = 3478, secret = true, ttl = 86400 };
      { type = "turn", transport = "tcp", host = "other.example.org", port = 443, secret = ${JSON.stringify(OTHER_TURN_SECRET)} };
      { type = "turn", transport = "udp", host = "old.example.org", port = 3478, username = "all", password = "of-us" };
    }`,
  hosts: `
    VirtualHost "${MACHINES}"
    authentication = "ostiary_test_machines"
    Component "metadata.${DOMAIN}" "ostiary_test_metadata"
    muc_component = "muc.${DOMAIN}"`,
};

/** Binds and joins: how far that came. */
async function goesOn({ wire, ask }: Stream, room: string): Promise<string> {
  await wire.open();
  const bound = await ask(BIND, 'iq', 'stream:error', 'close');
  if (bound.attributes['type'] !== 'result') return 'not bound';
  const joined = await ask(
    `<presence xmlns='jabber:client' to='${muc(`/${room}`)}/mallory'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    'presence',
    'stream:error',
  );
  return joined.name === 'presence' && joined.attributes['type'] !== 'error' ? 'inside' : 'not inside';
}

/** Ways to sign in by another host's rules. Each ends with what the last of it was answered. */
const CONFUSIONS: Readonly<Record<string, (said: Stream) => Promise<Element>>> = {
  'SASL is addressed to the guest host': async ({ auth }) => {
    await auth('', 'PLAIN');
    return auth(` to='${GUEST_DOMAIN}'`);
  },
  'SASL is begun at the guest host and ended here': async ({ auth, ask }) => {
    await ask(`<abort xmlns='${SASL}'/>`, 'failure');
    await auth(` to='${GUEST_DOMAIN}'`, 'PLAIN');
    return auth();
  },
  'SASL is begun at the machines’ host and ended here': async ({ auth, ask }) => {
    await ask(`<abort xmlns='${SASL}'/>`, 'failure');
    await auth(` to='${MACHINES}'`, 'PLAIN');
    return auth();
  },
};

suite('the doors of a Prosody with our module', () => {
  let reporting: Reporting;
  before(async () => {
    reporting = await startReporting({ more: MORE, allowEmpty: true });
  });
  after(() => reporting.prosody.stop());
  const open = (t: TestContext) => openBeside(t, reporting, { config: { access: 'members', hosts: [] } });

  test('without a token nobody gets past the first step, where Jitsi itself would let in anybody', async () => {
    assert.deepEqual(await startClient(straightTo(reporting, 'standup')), REFUSED);
    const guest = { ...straightTo(reporting, 'standup'), domain: GUEST_DOMAIN };
    assert.deepEqual(await startClient(guest), REFUSED);
  });

  test('with a token for one room nobody enters another by the guest host', async (t) => {
    const beside = await open(t);
    const token = await tokenFor(beside, await beside.person('ada'), 'mine');
    const guest = { ...straightTo(reporting, 'theirs', token), domain: GUEST_DOMAIN };
    assert.deepEqual(await startClient(guest), REFUSED);
  });

  test('a token that nobody verified opens nothing', async () => {
    for (const token of ['junk', 'a.b.c', forge(sharedSecret('another secret, of more than 32 bytes'))])
      assert.equal((await startClient(straightTo(reporting, 'standup', token))).kind, 'failure', token);
  });

  for (const [name, confuse] of Object.entries(CONFUSIONS))
    test(`nobody comes in where ${name}`, async (t) => {
      const beside = await open(t);
      const forged = forge(sharedSecret('another secret, of more than 32 bytes'), {
        claims: { iss: APP_ID, aud: APP_ID, context: { user: { id: 'sso#ada', moderator: true } } },
      });
      const said = await stream(t, reporting, { token: forged });
      const answer = await confuse(said);
      assert.ok(answer.name === 'failure' || (await goesOn(said, 'standup')) !== 'inside');
      assert.equal(beside.stage.parts.presence.isHostThere(parseRoomPath('/standup')), false);
    });

  test('of those ways at least one leads into a Prosody without our module', async (t) => {
    const bare = await startMeetings({ more: MORE });
    t.after(() => bare.stop());
    const came: string[] = [];
    for (const confuse of Object.values(CONFUSIONS)) {
      const said = await stream(t, { prosody: bare });
      const answer = await confuse(said);
      came.push(answer.name === 'failure' ? 'failure' : await goesOn(said, 'standup'));
    }
    t.diagnostic(came.join(', '));
    assert.ok(came.some((how) => how !== 'failure'));
  });

  test('machines with accounts go in and out as ever, and are no people to report', async (t) => {
    const beside = await open(t);
    const ada = await beside.person('ada');
    const recorder = letIn(await startClient({ ...straightTo(reporting, 'recorded'), domain: MACHINES }));
    const one = await inside(beside, ada, 'recorded');
    await until(() => beside.stage.parts.reports.state().heard[0]?.connections === 1);
    assert.ok(recorder.isOpen());
    await Promise.all([recorder.leave(), one.leave()]);
  });

  test('who gives themselves another role or name in a presence is reported by their token', async (t) => {
    const beside = await openBeside(t, reporting, { config: { access: 'members', hosts: ['staff'] } });
    const bob = await beside.person('bob');
    const token = await tokenFor(beside, bob, 'forged');
    const said = await stream(t, reporting, { ...(token !== undefined && { token }) });
    await said.auth();
    await said.wire.open();
    await said.ask(BIND, 'iq');
    await said.ask(
      `<presence xmlns='jabber:client' to='${muc('/forged')}/bob'><x xmlns='http://jabber.org/protocol/muc'/>
        <x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner' role='moderator'/></x>
        <identity><user><id>sso#ada</id><moderator>true</moderator></user></identity></presence>`,
      'presence',
    );
    await until(() => beside.stage.parts.reports.state().heard[0]?.connections === 1);
    assert.equal(beside.stage.parts.presence.isHostThere(parseRoomPath('/forged')), false);
    const ada = await beside.person('ada', ['staff']);
    const leader = await inside(beside, ada, 'forged');
    await until(() => beside.stage.parts.presence.isHostThere(parseRoomPath('/forged')));
    await beside.stage.parts.sessions.end(bob.handle, 'signed-out');
    await leader.until(() => isGone(leader, 'bob'));
    assert.ok(leader.isOpen(), 'whom he named is not who was put out');
    await leader.leave();
  });

  async function asked(t: TestContext, to: string, token?: string) {
    const said = await stream(t, reporting, { to, ...(token !== undefined && { token }) });
    assert.equal((await said.auth()).name, 'success');
    await said.wire.open();
    await said.ask(BIND, 'iq');
    return {
      said,
      services: offered(await said.ask(SERVICES(to), 'iq')),
      credentials: offered(await said.ask(CREDENTIALS(to), 'iq')),
    };
  }

  test('TURN credentials are in the name of whoever showed a token, for their room, as we make them ourselves', async (t) => {
    const beside = await open(t);
    const ada = await beside.person('ada');
    const token = (await tokenFor(beside, ada, encodeURIComponent('gr%C3%B6%C3%9Fe'))) ?? assert.fail();
    const { said, services, credentials } = await asked(t, DOMAIN, token);
    const before = Math.floor(Date.now() / 1000);
    for (const [host, secret] of [
      ['turn.example.org', TURN_SECRET],
      ['other.example.org', OTHER_TURN_SECRET],
      ['added.example.org', ADDED_TURN_SECRET],
    ] as const) {
      const { username = '', password } = services.get(host) ?? {};
      const expires = Number(username.split(':', 1)[0]);
      assert.ok(Math.abs(expires - before - 43_200) < 10, username);
      const room = parseRoomPath('/gr%C3%B6%C3%9Fe');
      const ours = turnCredentials({ id: 'sso#ada', room, expires }, new Secret(secret));
      assert.deepEqual([username, password], [ours.username, ours.password.reveal()]);
    }
    assert.equal(services.get('stun.example.org')?.['username'], undefined);
    assert.equal(services.get('old.example.org')?.['password'], 'of-us');
    assert.match(credentials.get('turn.example.org')?.['username'] ?? '', /^\d+:sso%23ada@/);
    const metadata = await said.entering('/gr%C3%B6%C3%9Fe');
    const turn = metadata.services.find(({ host }: { host: string }) => host === 'turn.example.org');
    assert.match(turn.username, /^\d+:sso%23ada@/);
    assert.equal(turn.password, createHmac('sha1', TURN_SECRET).update(turn.username).digest('base64'));
    assert.deepEqual(metadata.lists, [], 'an empty list is still one');
  });

  test('machines get what they always got', async (t) => {
    const { services } = await asked(t, MACHINES);
    assert.match(services.get('turn.example.org')?.['username'] ?? '', /^\d+$/);
  });
});

test('through the gate none of those ways leads into another room, with our module or without [PROXY-28]', async (t) => {
  const bare = await startMeetings({ more: MORE, domainVerification: false });
  t.after(() => bare.stop());
  const gate = await openGate(t, bare);
  const ada = await gate.person('ada');
  for (const [name, confuse] of Object.entries(CONFUSIONS)) {
    const said = await stream(t, { prosody: bare }, { by: browserAt(gate, ada, '/mine') });
    const last = await confuse(said).catch((thrown: Error) => thrown.message);
    assert.ok(
      last === 'Prosody said nothing more' || (typeof last !== 'string' && last.name !== 'success'),
      `${name}: ${typeof last === 'string' ? last : last.name}`,
    );
  }
});

suite('a host where people need no token', () => {
  let reporting: Reporting;
  before(async () => {
    reporting = await startReporting(
      { more: MORE, domainVerification: false },
      { ostiary_without_token: [GUEST_DOMAIN] },
    );
  });
  after(() => reporting.prosody.stop());

  test('guests come in there, nowhere else, and no TURN server opens to them', async (t) => {
    assert.deepEqual(await startClient(straightTo(reporting, 'standup')), REFUSED);
    const said = await stream(t, reporting, { to: GUEST_DOMAIN });
    assert.equal((await said.auth()).name, 'success');
    await said.wire.open();
    await said.ask(BIND, 'iq');
    const services = await said.ask(
      `<iq xmlns='jabber:client' type='get' id='s' to='${GUEST_DOMAIN}'><services xmlns='urn:xmpp:extdisco:2'/></iq>`,
      'iq',
    );
    const hosts = services.children[0]?.children.map(({ attributes }) => attributes['host']);
    assert.deepEqual(hosts, ['stun.example.org', 'added.example.org']);
    const metadata = await said.entering('/standup');
    assert.deepEqual(
      metadata.services.map(({ host }: { host: string }) => host),
      ['stun.example.org'],
    );
  });
});

suite('a key that leaked', () => {
  let reporting: Reporting;
  before(async () => {
    reporting = await startReporting((port) => {
      const asap = `http://127.0.0.1:${port}/_ostiary/asap`;
      const from = { asap, jwks: '', nothing: '', asked: [], close: async () => {} };
      return { keys: { fetch: 'asap', from } };
    });
  });
  after(() => reporting.prosody.stop());

  test('is forgotten by Prosody without a restart: who came by it is out, and the next key is good', async (t) => {
    const config = { access: 'members', hosts: [], tokens: { appId: APP_ID } };
    const beside: Beside = await openBeside(t, reporting, { config });
    const { storedKeys } = beside.stage.parts;
    const [ada, bob] = [await beside.person('ada'), await beside.person('bob')];
    const one = await inside(beside, ada, 'leak');
    const token = (await tokenFor(beside, ada, 'leak')) ?? assert.fail();
    const { kid } = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
    await storedKeys?.revoke(kid);
    await until(async () => (await startClient(straightTo(beside, 'leak', token))).kind !== 'in');
    await until(() => !one.isOpen());
    // Handed out again for half a minute, whatever key is revoked.
    beside.stage.clock.advance(31);
    const other = await inside(beside, bob, 'leak');
    await other.leave();
  });
});
