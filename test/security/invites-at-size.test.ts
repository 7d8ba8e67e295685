/**
 * Invitations under a crowd: a thousand races between two nodes, a million guesses, every program that fetches a link
 * before its reader does, and two nodes that must agree at once.
 */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { type InviteWish, makeInvite, readInvite, revokeInvite } from '../../src/admission/invite.ts';
import { fixedClock, systemClock } from '../../src/base/clock.ts';
import { isProblem } from '../../src/base/problem.ts';
import { systemRandom } from '../../src/base/random.ts';
import { parseRoomPath } from '../../src/base/room.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { startMutableOp } from '../support/mutable-op.ts';
import { PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import { directoryFor } from '../support/store-directory.ts';

const ROOM = parseRoomPath('/standup');
const CHILD = join(import.meta.dirname, '../support/invite-child.ts');

function wishOf(now: number, more: Partial<InviteWish> = {}): InviteWish {
  return { room: ROOM, role: 'participant', until: Math.floor(now / 1000) + 3600, uses: 1, ...more };
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** A node of its own, and the next line it says. */
function node(t: TestContext, path: string, browsers: number) {
  const child: Child = spawn(process.execPath, [CHILD, path, String(browsers)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    next: async () => String((await lines.next()).value),
    tell: (line: string) => void child.stdin.write(`${line}\n`),
    end: () => void child.stdin.end(),
  };
}

test('INV-02 a hundred browsers press at once at two nodes, a thousand times: exactly one of them gets in each time', async (t) => {
  const path = join(directoryFor(t), 'store.sqlite');
  const store = createSqliteStore({ path, clock: systemClock });
  t.after(() => store.close());
  const nodes = [node(t, path, 50), node(t, path, 50)];
  for (const one of nodes) assert.equal(await one.next(), 'ready');
  const won = [0, 0];
  for (let round = 0; round < 1000; round += 1) {
    const { code } = await makeInvite(
      wishOf(systemClock.now()),
      { role: 'host' },
      { store, clock: systemClock, random: systemRandom },
    );
    for (const one of nodes) one.tell(code.reveal());
    const said = await Promise.all(nodes.map((one) => one.next()));
    const counts = said.map((line) => line.split(' ').map(Number));
    assert.equal(
      counts.reduce((sum, [into = 0]) => sum + into, 0),
      1,
      `round ${round}: ${said.join(', ')}`,
    );
    assert.equal(
      counts.reduce((sum, [, used = 0]) => sum + used, 0),
      99,
      `round ${round}: ${said.join(', ')}`,
    );
    for (const [at, [into = 0]] of counts.entries()) won[at] = (won[at] ?? 0) + into;
  }
  for (const one of nodes) one.end();
  // Were one of them always late, there would have been no race.
  assert.ok(
    won.every((times) => times > 0),
    won.join(' to '),
  );
});

test('INV-04 a million codes, by chance and one after the other, find none of a thousand invitations', async () => {
  const clock = fixedClock();
  const parts = { store: createMemoryStore({ clock }), clock, random: systemRandom };
  const codes: string[] = [];
  for (let at = 0; at < 1000; at += 1)
    codes.push((await makeInvite(wishOf(clock.now()), { role: 'host' }, parts)).code.reveal());
  const isOne = async (code: string): Promise<boolean> => {
    try {
      await readInvite(code, () => undefined, parts);
      return true;
    } catch (thrown) {
      if (isProblem(thrown, 'invite.unknown')) return false;
      throw thrown;
    }
  };
  for (const code of codes) assert.ok(await isOne(code));
  const letters = '0123456789abcdefghjkmnpqrstvwxyz';
  const [start = ''] = codes;
  let hits = 0;
  for (let at = 1; at <= 1_000_000; at += 1) {
    let guess = '';
    if (at % 2 === 0) for (const byte of systemRandom.bytes(28)) guess += letters[byte % 32];
    else {
      // Beside one that is known to be good: its last letters are counted up.
      let rest = at;
      let end = '';
      for (let place = 27; place >= 24; place -= 1) {
        const value = letters.indexOf(start[place] ?? '0') + rest;
        end = `${letters[value % 32]}${end}`;
        rest = Math.floor(value / 32);
      }
      guess = start.slice(0, 24) + end;
    }
    if (guess !== start && (await isOne(guess))) hits += 1;
  }
  assert.equal(hits, 0);
});

test('INV-04 who tries two thousand of them is stopped after a few, at the page and at the button, and nobody else is', async (t) => {
  const stage = await startStage({ config: { trustedProxies: ['127.0.0.1'] } });
  t.after(() => stage.close());
  const { code } = await makeInvite(wishOf(stage.clock.now()), { role: 'host' }, stage.parts);
  const guesser = stage.visitor({ 'x-forwarded-for': '198.51.100.7' });
  // With one good link in hand, so that the button is not refused for want of a cookie.
  await guesser.get(`${PREFIX}/invite?code=${code.reveal()}`);
  const statuses = new Map<number, number>();
  for (let at = 0; at < 2000; at += 1) {
    const guess = at.toString(32).padStart(28, '0');
    const answer =
      at % 2 === 0
        ? await guesser.get(`${PREFIX}/invite?code=${guess}`)
        : await guesser.post(`${PREFIX}/invite`, { code: guess, name: 'Eve' });
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
  }
  assert.deepEqual(
    [...statuses.keys()].filter((status) => status < 400),
    [],
  );
  assert.ok((statuses.get(429) ?? 0) >= 1950, JSON.stringify([...statuses]));
  const known = await guesser.get(`${PREFIX}/invite?code=${code.reveal()}`);
  assert.equal(known.status, 429);
  const other = await stage
    .visitor({ 'x-forwarded-for': '203.0.113.7' })
    .get(`${PREFIX}/invite?code=${code.reveal()}`);
  assert.equal(other.status, 200);
});

test('INV-04 whoever carries the file of the store away finds no code in it, however it is written', async (t) => {
  const folder = directoryFor(t);
  const clock = fixedClock();
  const store = createSqliteStore({ path: join(folder, 'store.sqlite'), clock });
  const made = await Promise.all(
    Array.from({ length: 20 }, () =>
      makeInvite(wishOf(clock.now()), { role: 'host' }, { store, clock, random: systemRandom }),
    ),
  );
  const dumped = () =>
    readdirSync(folder)
      .map((file) => readFileSync(join(folder, file)).toString('latin1'))
      .join('\n');
  const before = dumped();
  await store.close();
  for (const dump of [before, dumped()]) {
    assert.ok(
      made.every(({ invite }) => dump.includes(invite.id)),
      'the records themselves are there',
    );
    for (const { code } of made) {
      const plain = code.reveal();
      const spoken = plain.toUpperCase().replace(/.{4}(?=.)/g, '$&-');
      for (const way of [
        plain,
        plain.toUpperCase(),
        spoken,
        Buffer.from(plain).toString('base64url'),
        Buffer.from(plain).toString('hex'),
      ])
        assert.ok(!dump.includes(way));
    }
  }
});

/** Programs that fetch what stands in a mail or a chat before anybody reads it. */
const FETCHERS = [
  'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  'Twitterbot/1.0',
  'WhatsApp/2.23.20.0',
  'TelegramBot (like TwitterBot)',
  'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)',
  'Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Edge/18.18363 BingPreview/1.0b',
  'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; ms-office; MSOffice 16)',
  'BarracudaCentral',
  'Mimecast-URL-Protect/1.0',
  'Synapse (bot; +https://github.com/matrix-org/synapse)',
  'Mozilla/5.0 (compatible; Nextcloud Server Crawler)',
  '',
] as const;

test('INV-02 whatever fetches a link before its reader spends nothing: previews, mail scanners, every method but the button', async (t) => {
  const stage = await startStage({ config: { trustedProxies: ['127.0.0.1'] } });
  t.after(() => stage.close());
  const { code, invite } = await makeInvite(wishOf(stage.clock.now()), { role: 'host' }, stage.parts);
  const target = `${PREFIX}/invite?code=${code.reveal()}`;
  const fetched = async (agent: string, method: string, more: object = {}) =>
    (
      await stage.ask(target, {
        method,
        headers: { ...(agent !== '' && { 'user-agent': agent }), accept: '*/*', ...more },
      })
    ).status;
  for (const agent of FETCHERS) {
    assert.deepEqual([await fetched(agent, 'GET'), await fetched(agent, 'HEAD')], [200, 200], agent);
    // A link check, a sharing service, and one that follows every form without what a browser shows.
    for (const method of ['OPTIONS', 'PROPFIND', 'PUT', 'POST'])
      assert.ok(
        (await fetched(agent, method, { origin: 'https://scanner.example.net' })) >= 400,
        `${agent} ${method}`,
      );
  }
  assert.deepEqual(
    (await stage.parts.sessions.list()).filter(({ person }) => person.invite?.id === invite.id),
    [],
  );
  const visitor = stage.visitor();
  await visitor.get(target);
  assert.equal((await visitor.post(`${PREFIX}/invite`, { code: code.reveal(), name: 'Ada' })).status, 303);
});

async function twoNodes(t: TestContext, config: Readonly<Record<string, unknown>> = {}) {
  const clock = fixedClock(Date.parse('2026-12-01T08:00Z'));
  const op = await startMutableOp({ clock });
  t.after(() => op.close());
  const path = join(directoryFor(t), 'store.sqlite');
  const start = () =>
    startStage({
      ...{ clock, op, store: () => createSqliteStore({ path, clock }) },
      config: { trustedProxies: ['127.0.0.1'], access: 'members', ...config },
    });
  const [one, other] = [await start(), await start()];
  t.after(async () => {
    await one.close();
    await other.close();
  });
  return { clock, one, other };
}

/** Presses the button; the visitor then shows the same cookies at another node. */
async function pressed(stage: Stage, code: string) {
  const visitor = stage.visitor();
  const page = await visitor.get(`${PREFIX}/invite?code=${code}`);
  const answer = await visitor.post(`${PREFIX}/invite`, { code, name: 'Ada' });
  return { visitor, page, answer };
}

async function joinsAt(stage: Stage, cookie: string) {
  const answer = await stage.ask(`${PREFIX}/join?room=standup`, {
    headers: { cookie, accept: 'application/json' },
  });
  if (answer.status === 403) return String(JSON.parse(answer.text).code);
  return answer.headers.get('location')?.includes('/sign-in?') ? 'sign-in' : 'in';
}

test('INV-05 taken back at one node, it opens nothing at the other from then on, and who came by it there is out', async (t) => {
  const { clock, one, other } = await twoNodes(t);
  const { code, invite } = await makeInvite(wishOf(clock.now(), { uses: 5 }), { role: 'host' }, one.parts);
  const { visitor } = await pressed(other, code.reveal());
  assert.equal(await joinsAt(other, visitor.cookieHeader()), 'in');
  await revokeInvite(invite.id, one.parts);
  assert.equal((await pressed(other, code.reveal())).page.status, 404);
  clock.advance(2);
  assert.equal(await joinsAt(other, visitor.cookieHeader()), 'sign-in');
  assert.equal(await joinsAt(one, visitor.cookieHeader()), 'sign-in');
});

test('INV-05 in the second it ends it is over at both nodes', async (t) => {
  const { clock, one, other } = await twoNodes(t);
  const { code } = await makeInvite(wishOf(clock.now(), { uses: 5 }), { role: 'host' }, one.parts);
  const { visitor } = await pressed(one, code.reveal());
  clock.advance(3599);
  assert.equal(await joinsAt(other, visitor.cookieHeader()), 'in');
  clock.advance(1);
  for (const stage of [one, other]) {
    assert.equal((await pressed(stage, code.reveal())).page.status, 410);
    assert.equal(await joinsAt(stage, visitor.cookieHeader()), 'sign-in');
  }
});

test('INV-05 one for a meeting that is over, or not yet open, lets nobody in, though it is good itself', async (t) => {
  const rooms = [{ names: ['standup'], times: ['2026-12-01T09:30..2026-12-01T10:00 Europe/Berlin'] }];
  const { clock, one, other } = await twoNodes(t, { rooms });
  const { code } = await makeInvite(
    wishOf(clock.now(), { uses: 5, until: clock.now() / 1000 + 86_400 }),
    { role: 'host' },
    one.parts,
  );
  const { visitor, answer } = await pressed(one, code.reveal());
  assert.equal(answer.status, 303);
  for (const [seconds, said] of [
    [0, 'entry.early'],
    [1800, 'in'],
    [1800, 'entry.closed'],
  ] as const) {
    clock.advance(seconds);
    for (const stage of [one, other]) assert.equal(await joinsAt(stage, visitor.cookieHeader()), said);
  }
  assert.equal(
    await joinsAt(one, (await pressed(one, code.reveal())).visitor.cookieHeader()),
    'entry.closed',
  );
});

test('INV-07 a code and a session of another installation are nothing here', async (t) => {
  const [here, there] = [await startStage(), await startStage()];
  t.after(async () => {
    await here.close();
    await there.close();
  });
  const { code } = await makeInvite(wishOf(there.clock.now()), { role: 'host' }, there.parts);
  const { visitor, answer } = await pressed(there, code.reveal());
  assert.equal(answer.status, 303);
  assert.equal(await joinsAt(there, visitor.cookieHeader()), 'in');
  assert.equal(await joinsAt(here, visitor.cookieHeader()), 'sign-in');
  assert.equal((await pressed(here, code.reveal())).page.status, 404);
});
