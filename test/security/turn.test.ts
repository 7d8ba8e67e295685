/**
 * The TURN server is for those who are let into a room, towards its bridges: credentials by our rules, and a real
 * coturn with the file that we print.
 */
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { after, before, test } from 'node:test';
import { fixedClock } from '../../src/base/clock.ts';
import { parseRoomPath } from '../../src/base/room.ts';
import { Secret } from '../../src/base/secret.ts';
import { turnCredentials } from '../../src/tokens/turn.ts';
import { APPS, askToken, tokenOf } from '../support/apps.ts';
import { withSecrets } from '../support/real/coturn.ts';
import { PREFIX } from '../support/server-stage.ts';
import type { Shown } from '../support/turn-client.ts';
import {
  BRIDGE,
  made,
  openPeer,
  type Peer,
  shownIn,
  startTurnStage,
  TURN_ADDRESS,
  TURN_SECRET,
  type TurnStage,
} from '../support/turn-stage.ts';

let turn: TurnStage;
let bridge: Peer;
before(async () => {
  turn = await startTurnStage({
    turn: { allocationsPerPerson: 5 },
    config: {
      access: undefined,
      rules: [
        { name: 'closed', when: { rooms: ['closed'] }, then: 'refuse' },
        { name: 'sign in', when: { signedIn: false }, then: 'sign-in' },
        { name: 'members', when: {}, then: 'participant' },
      ],
    },
  });
  bridge = await openPeer(BRIDGE);
});
after(async () => {
  bridge?.close();
  await turn?.close();
});

/** There and back, so many times. */
async function exchange(shown: Shown, times: number): Promise<void> {
  const mine = made(await turn.allocate({ shown }));
  assert.equal(await mine.permit(bridge.at), 200);
  for (let at = 0; at < times; at += 1) {
    const coming = bridge.next();
    mine.send(bridge.at, `to the bridge ${at}`);
    const { data, from } = await coming;
    assert.deepEqual([data, from], [`to the bridge ${at}`, mine.relayed]);
    bridge.say(from, `to the person ${at}`);
    assert.equal((await mine.received()).data, `to the person ${at}`);
  }
  assert.equal(await mine.bind(bridge.at), 200);
  const coming = bridge.next();
  mine.sendByChannel(bridge.at, 'by channel');
  assert.equal((await coming).data, 'by channel');
}

test('TURN-01: who is let into a room comes to its bridge by TURN; with nothing shown, nobody does', async () => {
  await exchange(await turn.shown('ada'), 10);
  assert.equal(await turn.allocate({}), 401);
});

test('TURN-01: credentials are no good any more once their time is over', async () => {
  const early = fixedClock(Date.now() - 12 * 3_600_000 + 60_000);
  const other = await startTurnStage({ clock: early });
  try {
    made(await other.allocate({ shown: await other.shown('ada') }));
    early.advance(-120);
    assert.equal(await other.allocate({ shown: await other.shown('bob') }), 401);
  } finally {
    await other.close();
  }
});

test('TURN-02: credentials with another time, person, room, hash or secret are none', async () => {
  const { username, password } = await turn.shown('ada');
  const [expires = '', who = ''] = username.split(':');
  const changed = password.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'));
  const stranger = turnCredentials(
    { id: 'sso#ada', room: parseRoomPath('/standup'), expires: Number(expires) },
    new Secret('another secret of the same length as ours'.replaceAll(' ', '-')),
  );
  for (const shown of [
    { username: `${Number(expires) + 1}:${who}`, password },
    { username: username.replace('ada', 'eve'), password },
    { username: username.replace('standup', 'board'), password },
    { username: expires, password },
    { username: who, password },
    { username, password: changed },
    { username, password: '' },
    { username: stranger.username, password: stranger.password.reveal() },
  ])
    assert.equal(await turn.allocate({ shown }), 401, shown.username);
  made(await turn.allocate({ shown: { username, password } }));
});

/** What somebody might try, and what each of it is. */
const ELSEWHERE: readonly string[] = [
  ...[TURN_ADDRESS, '127.0.0.3', '127.255.255.254', '0.0.0.0', '0.1.2.3', '255.255.255.255'],
  ...['10.0.0.1', '172.16.0.1', '172.31.255.254', '192.168.1.1', '100.64.0.1', '169.254.169.254'],
  ...['192.0.0.192', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '240.0.0.1'],
  ...['224.0.0.1', '239.255.255.250', '8.8.8.8', '1.1.1.1'],
  ...['::1', '::', '::ffff:127.0.0.1', '::ffff:127.0.0.2', '::ffff:10.0.0.1', '::ffff:169.254.169.254'],
  ...['::127.0.0.1', '::ffff:0:127.0.0.1', '64:ff9b::127.0.0.1', '64:ff9b:1::127.0.0.1'],
  ...['fc00::1', 'fd00::1', 'fd00:ec2::254', 'fe80::1', 'fec0::1', 'ff02::1', 'ff05::2', '100::1'],
  ...['2002:7f00:1::', '2001:0:7f00:1::', '2001:db8::1', '2001:4860:4860::8888', '2606:4700:4700::1111'],
];

function ownAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.map(({ address }) => address.replace(/%.*$/, '')).filter((address) => address !== BRIDGE);
}

/** Sends to each by every way there is; which of them were permitted, and what reached this machine by it. */
async function tryAll(stage: TurnStage, addresses: readonly string[]) {
  const sinks = [await openPeer('0.0.0.0'), await openPeer('::')];
  const permitted: string[] = [];
  try {
    // One a family: an IPv4 address in the clothes of IPv6 is an address of IPv6.
    const [four, six] = [4, 6] as const;
    const shown = await stage.shown('mallory');
    const mine = {
      [four]: made(await stage.allocate({ shown, family: four })),
      [six]: made(await stage.allocate({ shown, family: six })),
    };
    for (const address of addresses) {
      const family = address.includes(':') ? six : four;
      const peers = sinks.map(({ at }) => ({ address, port: at.port }));
      for (const peer of peers) {
        mine[family].send(peer, `unasked to ${address}`);
        mine[family].sendByChannel(peer, `unbound to ${address}`);
      }
      for (const peer of peers) {
        const codes = [await mine[family].permit(peer), await mine[family].bind(peer)];
        mine[family].send(peer, `to ${address}`);
        mine[family].sendByChannel(peer, `by channel to ${address}`);
        if (codes.some((code) => code !== 403)) permitted.push(`${address} ${codes}`);
      }
    }
    // What is asked after all that is answered after all that.
    assert.equal(await mine[four].permit(bridge.at), 200);
    assert.equal(await mine[six].refresh(600), 200);
    for (const sink of sinks) await sink.settled();
    return { permitted, heard: sinks.flatMap((sink) => sink.heard) };
  } finally {
    for (const sink of sinks) sink.close();
  }
}

test('TURN-04: nothing but the bridge is a peer: not this machine, no inner network, no IPv4 written as IPv6, nobody outside', async () => {
  const addresses = [...new Set([...ELSEWHERE, ...ownAddresses()])];
  assert.ok(addresses.length >= 40);
  assert.deepEqual(await tryAll(turn, addresses), { permitted: [], heard: [] });
});

test('it is the printed lists that keep people from this machine: without them the same is let through', async () => {
  const open = await startTurnStage({ file: (text) => text.replace(/^denied-peer-ip=.*$/gm, '') });
  try {
    const { permitted, heard } = await tryAll(open, [TURN_ADDRESS, '::1', '::ffff:127.0.0.1']);
    assert.ok(permitted.length > 0);
    assert.ok(heard.includes(`to ${TURN_ADDRESS}`) && heard.includes('to ::1'), heard.join('\n'));
    assert.ok(!heard.some((data) => data.startsWith('un')), 'nothing passes without a permission');
  } finally {
    await open.close();
  }
});

/** With `relay` they are open: coturn relays from one, the bridge is the other, and these are outside. */
const OUTSIDE = ['8.8.8.8', '1.1.1.1', '2001:4860:4860::8888', '2606:4700:4700::1111'];

test('TURN-04: with relay people reach each other and what is outside, and still no inner network, nor this machine', async () => {
  const open = await startTurnStage({ profile: 'relay' });
  try {
    const shut = [...ELSEWHERE, ...ownAddresses()].filter(
      (address) => ![...OUTSIDE, TURN_ADDRESS, '::1'].includes(address),
    );
    assert.deepEqual(await tryAll(open, [...new Set(shut)]), { permitted: [], heard: [] });
    const [one, other] = [
      made(await open.allocate({ shown: await open.shown('ada') })),
      made(await open.allocate({ shown: await open.shown('bob') })),
    ];
    for (const address of OUTSIDE.filter((each) => !each.includes(':')))
      assert.equal(await one.permit({ address, port: 9 }), 200, address);
    const six = made(await open.allocate({ shown: await open.shown('ada'), family: 6 }));
    for (const address of OUTSIDE.filter((each) => each.includes(':')))
      assert.equal(await six.permit({ address, port: 9 }), 200, address);
    assert.deepEqual([await one.permit(other.relayed), await other.permit(one.relayed)], [200, 200]);
    one.send(other.relayed, 'from place to place');
    const { data, from } = await other.received();
    assert.deepEqual([data, from], ['from place to place', one.relayed]);
  } finally {
    await open.close();
  }
});

test('behind NAT people are told the address outside, in its own family alone, and reach the bridge by it', async () => {
  const outside = '203.0.113.9';
  const nat = await startTurnStage({ turn: { externalAddress: outside } });
  try {
    const shown = await nat.shown('ada');
    const mine = made(await nat.allocate({ shown, family: 4 }));
    assert.equal(mine.relayed.address, outside);
    assert.equal(made(await nat.allocate({ shown, family: 6 })).relayed.address, '::1');
    assert.equal(await mine.permit(bridge.at), 200);
    const coming = bridge.next();
    mine.send(bridge.at, 'from behind NAT');
    const { data, from } = await coming;
    assert.deepEqual([data, from], ['from behind NAT', { address: TURN_ADDRESS, port: mine.relayed.port }]);
  } finally {
    await nat.close();
  }
});

test('nobody is given TCP towards anybody', async () => {
  assert.equal(await turn.allocate({ shown: await turn.shown('ada'), transport: 6 }), 442);
});

test('TURN-06: a secret is rotated while people are in meetings: nothing of theirs ends, and the old one is good until it is taken out', async () => {
  const [old, next] = ['old', 'next'].map((name) => `${TURN_SECRET}-${name}`) as [string, string];
  const before = await startTurnStage({ turn: { secret: old, otherSecret: next } });
  const after = await startTurnStage({ turn: { secret: next, otherSecret: old } });
  try {
    const shown = await before.shown('ada');
    const mine = made(await before.allocate({ shown }));
    assert.equal(await mine.permit(bridge.at), 200);
    // The server is told of another order; coturn knew both all along.
    const fresh = await after.shown('bob');
    made(await before.allocate({ shown: fresh }));
    made(await before.allocate({ shown }));
    assert.equal(await mine.refresh(600), 200);
    const coming = bridge.next();
    mine.send(bridge.at, 'still here');
    assert.equal((await coming).data, 'still here');
    await before.coturn.restart(withSecrets(before.file, [next]).replace('static-auth-secret=\n', '\n'));
    assert.equal(await before.allocate({ shown }), 401);
    made(await before.allocate({ shown: fresh }));
  } finally {
    await before.close();
    await after.close();
  }
});

test('a file in which the secret was forgotten lets nobody in, not even by the words that stand there', async () => {
  const forgotten = await startTurnStage({ file: (text) => text.replace(/^static-auth-secret/m, '#$&') });
  try {
    assert.equal(await forgotten.allocate({ shown: await forgotten.shown('ada') }), 401);
    for (const secret of ['', 'static-auth-secret', '#static-auth-secret=']) {
      const { username, password } = turnCredentials(
        { id: 'x', room: parseRoomPath('/y'), expires: Math.floor(Date.now() / 1000) + 60 },
        new Secret(secret),
      );
      assert.equal(await forgotten.allocate({ shown: { username, password: password.reveal() } }), 401);
    }
  } finally {
    await forgotten.close();
  }
});

test('TURN-08: who opens a hundred allocations gets as many as one person may have, whatever credentials they fetched; others get theirs', async () => {
  let granted = 0;
  for (let at = 0; at < 100; at += 1) {
    turn.stage.clock.advance(at % 10 === 0 ? 1 : 0);
    const answer = await turn.allocate({ shown: await turn.shown('greedy') });
    if (answer === 486) continue;
    made(answer);
    granted += 1;
  }
  assert.equal(granted, 5);
  made(await turn.allocate({ shown: await turn.shown('modest') }));
});

test('TURN-08: where coturn is told of everybody it is the same, however often somebody asks anew', async () => {
  const eighth = 43_200 / 8;
  const clock = fixedClock(Date.now() - (Date.now() % (eighth * 1000)));
  const config = { access: 'members', session: { recheck: '12h' } };
  const known = await startTurnStage({ database: 'alone', clock, config, turn: { allocationsPerPerson: 5 } });
  try {
    const cookie = await known.person('greedy');
    const names = new Set<string>();
    let granted = 0;
    for (let at = 0; at < 40; at += 1) {
      clock.advance(40);
      const shown = shownIn(await known.ask('standup', { cookie }));
      names.add(shown.username);
      const answer = await known.allocate({ shown });
      if (answer === 486) continue;
      made(answer);
      granted += 1;
    }
    assert.deepEqual([granted, names.size], [5, 1]);
    clock.advance(eighth);
    assert.ok(!names.has(shownIn(await known.ask('standup', { cookie })).username));
    made(await known.allocate({ shown: await known.shown('modest') }));
  } finally {
    await known.close();
  }
});

test('names that no TURN name may hold, and those coturn takes for an attack, get in all the same, each as somebody else', async () => {
  const names = ["o'neil", 'a b', 'ada:1', 'ada@x', 'Zoë', 'union select', 'UNION', 'a'.repeat(250), '"\\\t'];
  const seen = new Set<string>();
  for (const name of names) {
    const shown = await turn.shown(name, 'trade-union-select');
    assert.match(shown.username, /^\d+:[A-Za-z0-9._%-]+@[A-Za-z0-9._%-]+$/);
    made(await turn.allocate({ shown }));
    seen.add(shown.username.replace(/^\d+/, ''));
  }
  assert.equal(seen.size, names.length);
});

test('the answer says it in the draft’s words and in those of browsers, and nobody keeps it', async () => {
  const answer = await turn.ask('Stand-Up', { cookie: await turn.person('ada') });
  const now = Math.floor(turn.stage.clock.now() / 1000);
  const told = JSON.parse(answer.text);
  const { username, password, ...rest } = told;
  assert.equal(username, `${now + 43_200}:sso%23ada@stand-up`);
  const urls = turn.stage.config.turn.urls;
  assert.deepEqual(rest, {
    ttl: 43_200,
    uris: urls,
    iceServers: [{ urls, username, credential: password }],
  });
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(answer.headers.get('access-control-allow-origin'), null);
});

test('a room of a tenant is named as Prosody names it; the page’s own address will do for its name', async () => {
  const cookie = await turn.person('ada');
  for (const query of [
    'tenant=Sales.EU&room=Gr%C3%B6%C3%9Fe',
    `to=${encodeURIComponent('/sales.eu/Gr%C3%B6%C3%9Fe#config.startSilent=true')}`,
  ]) {
    const answer = await turn.stage.ask(`${PREFIX}/turn?${query}`, { headers: { cookie } });
    const { username } = shownIn(answer);
    assert.equal(username.split('@')[1], '%5bsales_eu%5dgr%25c3%25b6%25c3%259fe');
  }
});

test('nobody else is given any: not a stranger, not whom the rules refuse, not who was put out, not another site’s page', async () => {
  const cookie = await turn.person('ada');
  await turn.stage.parts.kicks.add({ person: 'sso#ada', room: parseRoomPath('/left'), seconds: 3600 });
  turn.stage.clock.advance(2);
  const asked: readonly (readonly [string, Readonly<Record<string, string>>, number, string])[] = [
    ['standup', {}, 401, 'session.required'],
    ['standup', { cookie: '__Host-ostiary=made-up' }, 401, 'session.required'],
    ['closed', { cookie }, 403, 'entry.refused'],
    ['left', { cookie }, 403, 'entry.kicked'],
    ['', { cookie }, 400, 'room.missing'],
    ['*', { cookie }, 400, 'room.missing'],
    ['standup', { cookie, origin: 'https://evil.example' }, 403, 'request.cross-site'],
    ['standup', { cookie, 'sec-fetch-site': 'cross-site' }, 403, 'request.cross-site'],
    ['standup', { cookie, authorization: 'Bearer made.up.token' }, 401, 'ticket.unacceptable'],
    ['standup', { authorization: `Bearer ${TURN_SECRET}` }, 401, 'ticket.unacceptable'],
  ];
  for (const [room, headers, status, code] of asked) {
    const answer = await turn.ask(room, headers);
    assert.deepEqual([answer.status, JSON.parse(answer.text).code], [status, code], `${room} ${code}`);
    assert.ok(!answer.text.includes('credential'), code);
  }
});

test('the token for Jitsi opens its own room to TURN as long as its session stands, on the inner listener too; no other token does', async () => {
  const cookie = await turn.person('petra');
  const { location } = Object.fromEntries(
    (await turn.stage.ask(`${PREFIX}/join?room=standup`, { headers: { cookie } })).headers,
  );
  const token = JSON.parse(decodeURIComponent(/#jwt=([^&]+)/.exec(location ?? '')?.[1] ?? '""'));
  const bearer = (shown: string) => ({ authorization: `Bearer ${shown}` });
  const answer = await turn.ask('standup', bearer(token));
  assert.match(shownIn(answer).username, /:sso%23petra@standup$/);
  made(await turn.allocate({ shown: shownIn(answer) }));
  const inner = await turn.stage.ask(`${PREFIX}/turn?room=standup`, { headers: bearer(token), on: 'inner' });
  assert.equal(inner.status, 200);
  const [head = '', body = ''] = token.split('.');
  const display = `${head}.${body}.${Buffer.from('display').toString('base64url')}`;
  for (const [room, shown] of [
    ['board', token],
    ['closed', token],
    ['standup', display],
    ['standup', `${head}.${body}.`],
    ['standup', `${token}x`],
  ] as const) {
    const refused = await turn.ask(room, bearer(shown));
    assert.deepEqual([refused.status, JSON.parse(refused.text).code], [401, 'ticket.unacceptable'], shown);
  }
  const tenant = await turn.stage.ask(`${PREFIX}/turn?room=standup&tenant=sales`, {
    headers: { accept: 'application/json', ...bearer(token) },
  });
  assert.equal(tenant.status, 401);
  await turn.stage.parts.sessions.endAllOf('sso#petra', 'operator');
  turn.stage.clock.advance(2);
  assert.equal((await turn.ask('standup', bearer(token))).status, 401);
});

test('a token that an application fetched for somebody opens its own room to TURN, until that is taken back', async (t) => {
  const other = await startTurnStage({ config: { access: 'members', apps: APPS } });
  t.after(() => other.close());
  const token = tokenOf(await askToken(other.stage));
  const bearer = { authorization: `Bearer ${token}` };
  const shown = shownIn(await other.ask('crm-7', bearer));
  assert.match(shown.username, /^\d+:app%3acrm%234711@crm-7$/);
  made(await other.allocate({ shown }));
  // It is good for no longer than the application may have its people in a room.
  const expires = Number(shown.username.split(':')[0]);
  assert.equal(expires, Math.floor(other.stage.clock.now() / 1000) + 21_600);
  for (const room of ['crm-8', 'standup']) {
    const refused = await other.ask(room, bearer);
    assert.deepEqual([refused.status, JSON.parse(refused.text).code], [401, 'ticket.unacceptable'], room);
  }
  await other.stage.parts.sessions.endAllOf('app:crm#4711', 'operator');
  other.stage.clock.advance(2);
  assert.equal((await other.ask('crm-7', bearer)).status, 401);
});

test('revoked: whose session has ended gets no more; what was handed out holds until its time is over, which is why there is a database', async () => {
  const cookie = await turn.person('leaver');
  const shown = shownIn(await turn.ask('standup', { cookie }));
  const { handle } = (await turn.stage.parts.sessions.read(cookie.split('=')[1] ?? '')) ?? assert.fail();
  await turn.stage.parts.sessions.end(handle, 'signed-out');
  turn.stage.clock.advance(2);
  assert.equal((await turn.ask('standup', { cookie })).status, 401);
  made(await turn.allocate({ shown }));
});

test('the audit says who was given credentials for which room and until when, and who was not; no log holds a credential', async () => {
  const cookie = await turn.person('ines');
  const { password } = shownIn(await turn.ask('standup', { cookie }));
  const until = Math.floor(turn.stage.clock.now() / 1000) * 1000 + 43_200_000;
  turn.stage.clock.advance(1);
  await turn.ask('closed', { cookie });
  const entries = await turn.stage.parts.records.list({ person: 'sso#ines' });
  assert.deepEqual(
    entries.map(({ event, room, role, rule, code, until: over }) => [event, room, role, rule, code, over]),
    [
      ['turn-given', 'standup', 'participant', 'members', undefined, until],
      ['turn-refused', 'closed', undefined, 'closed', 'entry.refused', undefined],
    ],
  );
  const all = turn.stage.lines.join('\n');
  assert.ok(!all.includes(password) && !all.includes(TURN_SECRET));
});
