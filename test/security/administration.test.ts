/**
 * What stands where other software has its administration: the page of hosts, the interfaces for applications, what the
 * machine room asks. Read from the table of routes itself, so that a new line is judged as soon as it is there.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fixedClock } from '../../src/base/clock.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { inPlace, placeOf, type Route } from '../../src/web/routes.ts';
import { ROUTES } from '../../src/web/table.ts';
import { APPS, basic, CRM_SECRET, SHOP_SECRET } from '../support/apps.ts';
import { type HostingStage, pageOf, startHostingStage } from '../support/hosting-stage.ts';
import { startMutableOp } from '../support/mutable-op.ts';
import { PREFIX, type Sent } from '../support/server-stage.ts';
import { directoryFor } from '../support/store-directory.ts';
import type { Visitor } from '../support/visitor.ts';

const CONFIG = {
  apps: APPS.map((app) => ({ ...app, roomTimes: true })),
  limits: { appGuessesPerAddress: 100_000 },
};
const TYPED = { 'content-type': 'application/x-www-form-urlencoded' };
const CRM = basic('crm', CRM_SECRET);

let house: HostingStage;
let people: Readonly<Record<'nobody' | 'guest' | 'member' | 'host', Visitor>>;
before(async () => {
  house = await startHostingStage({ config: CONFIG });
  people = {
    nobody: house.somebody(),
    guest: await house.guest('Linus'),
    member: await house.signedIn('grace'),
    host: await house.signedIn('ada'),
  };
});
after(() => house.stage.close());

/** The table as it is mounted; what it is made of is looked at by no line before a request comes. */
function lines(): readonly Route[] {
  const { prefix } = { prefix: PREFIX };
  const places = { prefix, publicUrl: '', origins: new Set<string>(), jitsiUrl: '' };
  return inPlace(
    ROUTES.flatMap((routes) => routes({ places, appSites: new Map() } as never)),
    places,
  );
}

/** The address of a line, of this room. */
function addressOf(route: Route, room = 'standup'): string {
  return placeOf(route, PREFIX).replace(':tenant', 'sales').replace(/:room/, room).replace(/:\w+/, 'x');
}

const forHosts = () => lines().filter(({ path }) => path.startsWith('/room/'));
const forApplications = () => lines().filter(({ from }) => from === 'an application');
const forMachines = () => lines().filter(({ from }) => from === 'the machine room');

test('ADM-01 there are such lines, and each is of one of three kinds', () => {
  assert.deepEqual([...new Set(forHosts().map(({ method }) => method))].sort(), ['GET', 'POST']);
  assert.ok(forApplications().length >= 6 && forMachines().length >= 3);
});

test('ADM-01 what is for hosts is for the hosts of that room and tenant alone: everybody else sees and does nothing', async () => {
  for (const route of forHosts()) {
    const inTenant = route.path.includes(':tenant');
    for (const [who, visitor] of Object.entries(people))
      for (const room of ['standup', 'elsewhere']) {
        const target = addressOf(route, room);
        const answer =
          route.method === 'GET'
            ? await visitor.get(target, { accept: 'application/json' })
            : await visitor.post(target, { do: 'invite', role: 'guest' }, { accept: 'application/json' });
        const leads = room === 'standup' && !inTenant && who === 'host';
        assert.equal(answer.status < 300, leads, `${who}: ${route.method} ${target} ${answer.status}`);
      }
  }
});

test('ADM-01 what is for applications is for one that proves itself, of its own rooms, and for no person', async () => {
  for (const route of forApplications()) {
    const target = addressOf(route, 'crm-7');
    const fields = {
      room: 'crm-7',
      do: 'invite',
      times: 'mon',
      grant_type: 'client_credentials',
      subject_id: '1',
    };
    const ask = (headers: Sent['headers'], at = target, more: object = {}) =>
      house.stage.ask(at, {
        method: route.method,
        headers: { accept: '*/*', ...(route.method === 'POST' && TYPED), ...headers },
        ...(route.method === 'POST' && { body: String(new URLSearchParams({ ...fields, ...more })) }),
      });
    for (const [who, visitor] of Object.entries(people)) {
      const { status } = await ask({ cookie: visitor.cookieHeader() });
      assert.ok(status >= 400, `${who}: ${route.method} ${target} ${status}`);
    }
    const foreign = { ...CRM, origin: 'https://crm.example.net' };
    for (const proof of [basic('crm', SHOP_SECRET), basic('nobody', CRM_SECRET), foreign]) {
      const { status } = await ask(proof);
      assert.ok(status >= 400, `${route.method} ${target} ${status}`);
    }
    // What an application said of times itself is about no room.
    if (!route.path.endsWith('/list'))
      for (const [proof, room] of [
        [basic('shop', SHOP_SECRET), 'crm-7'],
        [CRM, 'board'],
      ] as const) {
        const { status } = await ask(proof, addressOf(route, room), { room });
        assert.ok(status >= 400, `${route.method} ${route.path} ${room} ${status}`);
      }
    if (!route.path.includes(':tenant')) {
      const { status, text } = await ask(CRM);
      assert.ok(status === 200, `${route.method} ${target} ${status} ${text}`);
    }
  }
});

test('ADM-01 what is for the machine room is nowhere on the public listener, whoever asks', async () => {
  for (const route of forMachines())
    for (const visitor of Object.values(people)) {
      const headers = { cookie: visitor.cookieHeader(), ...CRM };
      const { status } = await house.stage.ask(addressOf(route), { method: route.method, headers });
      assert.equal(status, 404, `${route.method} ${route.path}`);
    }
});

/** What stands in the drawer about rooms: all that an act could change. */
async function standing() {
  const { bookings, kicks, store } = house.stage.parts;
  const invites = (await store.list('invite/')).map(({ key, value }) => [key, value]);
  return JSON.stringify([await bookings.list(), await kicks.list(), invites]);
}

test('ADM-02 every form of ours that comes from another site, or does not say from where, is refused before it does anything', async () => {
  const { host } = people;
  const before = await standing();
  for (const route of lines().filter(({ from }) => from === 'our own form'))
    for (const headers of [
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      { origin: 'null', 'sec-fetch-site': 'cross-site' },
      { origin: 'https://meet.example.org.evil.example', 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      const answer = await house.stage.ask(addressOf(route), {
        method: 'POST',
        headers: { cookie: host.cookieHeader(), accept: 'application/json', ...TYPED, ...headers },
        body: 'do=invite&role=host&to=%2Fstandup&name=Eve',
      });
      assert.deepEqual(
        [answer.status, JSON.parse(answer.text).code],
        [403, 'request.cross-site'],
        `${route.path} ${JSON.stringify(headers)}`,
      );
    }
  assert.equal(await standing(), before);
});

test('ADM-02 no GET and no HEAD changes anything, whatever stands in its address', async () => {
  const { host } = people;
  const before = await standing();
  const query = 'do=put-out&person=sso%23grace&for=1h&role=host&room=crm-7&times=mon&how=leave&code=x';
  for (const route of [...forHosts(), ...forApplications()])
    for (const method of ['GET', 'HEAD'])
      for (const room of ['standup', 'crm-7'])
        await house.stage.ask(`${addressOf(route, room)}?${query}`, {
          method,
          headers: { cookie: host.cookieHeader(), ...CRM },
        });
  assert.equal(await standing(), before);
});

/** What somebody may call themselves, a room, or a meeting. */
const NASTY = [
  '<script>alert(1)</script>',
  '{{7*7}}${7*7}',
  '=HYPERLINK("http://evil.example","x")',
  '"><img src=x onerror=alert(1)>',
];

test('ADM-04 names of people and meetings, and what a provider says went wrong, stand on pages as they were written and run nowhere', async () => {
  const shown = (text: string, name: string) => {
    assert.ok(!/<script>alert|<img src=x/.test(text), name);
    assert.ok(!text.includes('49$49') && !text.includes('>49<'), name);
  };
  for (const name of NASTY) {
    const visitor = await house.guest(name);
    shown((await visitor.get(`${PREFIX}/session`, { accept: 'text/html' })).text, name);
    const page = await people.host.get(pageOf());
    assert.ok(
      page.text.includes(
        name
          .replaceAll('&', '&amp;')
          .replaceAll('<', '&lt;')
          .replaceAll('>', '&gt;')
          .replaceAll('"', '&quot;'),
      ),
      `${name} stands on the host's page`,
    );
    shown(page.text, name);
    await people.host.post(pageOf(), { do: 'invite', about: name, by: name });
    shown((await people.host.get(pageOf())).text, name);
    const away = await house.somebody().leave('/standup');
    const error = new URLSearchParams({ error: name, error_description: name, state: away.state });
    shown(
      (
        await house.stage.ask(`${PREFIX}/callback/sso?${error}`, {
          headers: { accept: 'text/html', 'user-agent': name.replace(/[^ -~]/g, '') },
        })
      ).text,
      name,
    );
    const room = await house.stage.ask(`/${PREFIX.slice(1)}/join?room=${encodeURIComponent(name)}`, {
      headers: { accept: 'text/html' },
    });
    shown(room.text, name);
    await house.stage.ask(`${PREFIX}/room-times`, {
      method: 'POST',
      headers: { ...TYPED, ...CRM },
      body: String(new URLSearchParams({ room: 'crm-early', times: '2036-01-01..2036-01-02', title: name })),
    });
    house.stage.clock.advance(2);
    const early = await people.member.get(`${PREFIX}/join?room=crm-early`, { accept: 'text/html' });
    assert.equal(early.status, 403);
    shown(early.text, name);
  }
});

test('ADM-06 no answer for hosts, applications or machines holds a secret, a session, or the code of an invitation that is not its own', async () => {
  const { host } = people;
  const made = await host.post(pageOf(), { do: 'invite', about: 'Here' }, { accept: 'application/json' });
  const code = /code=([0-9a-z]{28})/.exec(made.text)?.[1] ?? assert.fail(made.text);
  const answers = [
    await host.get(pageOf()),
    await host.get(pageOf(), { accept: 'application/json' }),
    await house.stage.ask(`${PREFIX}/api/room/crm-7`, { headers: { ...CRM, accept: '*/*' } }),
    await house.stage.ask(`${PREFIX}/room-times/list`, {
      method: 'POST',
      headers: { ...CRM, ...TYPED },
      body: '',
    }),
    ...(await Promise.all(
      ['health', 'ready', 'metrics'].map((name) => house.stage.ask(`${PREFIX}/${name}`, { on: 'inner' })),
    )),
  ];
  assert.ok(
    answers.every(({ status }) => status < 300),
    answers.map(({ status }) => status).join(),
  );
  const sessions = await house.stage.parts.sessions.list();
  const secrets = [
    ...[CRM_SECRET, SHOP_SECRET, code],
    ...Object.values(people).flatMap((visitor) =>
      [...visitor.jar.values()].filter((value) => value.length > 20),
    ),
    ...sessions.map(({ handle }) => handle),
    'PRIVATE KEY',
  ];
  for (const { text } of answers)
    for (const secret of secrets)
      assert.ok(!text.includes(secret), `${secret.slice(0, 6)}… in ${text.slice(0, 80)}`);
});

test('ADM-07 each act leaves a record that outlives a restart, and no name forges another', async (t) => {
  const clock = fixedClock();
  const op = await startMutableOp({ clock });
  t.after(() => op.close());
  const path = join(directoryFor(t), 'store.sqlite');
  const start = () =>
    startHostingStage({ clock, op, config: CONFIG, store: () => createSqliteStore({ path, clock }) });
  const first = await start();
  const forged = 'Linus\n{"level":"info","event":"audit.kicked","person":"sso#ada"}\r\nEve';
  await first.guest(forged);
  const ada = await first.signedIn('ada');
  const [{ person } = assert.fail('nobody waits')] = (await first.seen(ada)).waiting;
  const acts = [
    { do: 'let-in', person },
    { do: 'put-out', person, for: '1h' },
    { do: 'undo', person },
    { do: 'invite', about: forged },
  ];
  for (const fields of acts) assert.ok((await first.does(ada, fields)).status < 400, fields.do);
  const [invitation] = (await first.seen(ada)).invitations;
  await first.does(ada, { do: 'revoke', invitation: invitation?.id ?? '' });
  const form = new URLSearchParams({ room: 'crm-7', times: 'mon', title: forged });
  for (const way of ['', '/remove'])
    await first.stage.ask(`${PREFIX}/room-times${way}`, {
      method: 'POST',
      headers: { ...CRM, ...TYPED },
      body: String(form),
    });
  for (const line of first.stage.lines) {
    assert.equal(line.trimEnd().split(/[\r\n]/).length, 1, line);
    assert.ok(JSON.parse(line).event !== undefined);
  }
  assert.equal(first.stage.lines.filter((line) => JSON.parse(line).event === 'audit.kicked').length, 1);
  await first.stage.close();
  const again = await start();
  t.after(() => again.stage.close());
  const kept = (await again.stage.parts.records.list()).filter(({ by }) => by !== undefined);
  assert.deepEqual(kept.map(({ event, by }) => `${event} ${by?.split('#')[0]}`).sort(), [
    ...['invite-made sso', 'invite-revoked sso', 'kick-undone sso', 'kicked sso', 'let-in sso'],
    ...['room-times-removed app:crm', 'room-times-set app:crm'],
  ]);
});
