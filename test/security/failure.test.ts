/** What fails around us: providers, disk, settings, the other node. Nobody gets in by it, and nobody is thrown out. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fixedClock } from '../../src/base/clock.ts';
import { roomFromPath, roomOf } from '../../src/base/room.ts';
import { makePass } from '../../src/identity/pass.ts';
import { WORDS } from '../../src/pages/words/language.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { createFickleStore, type FickleStore } from '../support/fickle-store.ts';
import { startMutableOp } from '../support/mutable-op.ts';
import { readHtml } from '../support/read-html.ts';
import { type Answer, PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import { directoryFor } from '../support/store-directory.ts';
import { openTerminal } from '../support/terminal.ts';

const path = (below: string) => `${PREFIX}${below}`;
const isInRoom = ({ headers }: Answer) => /#jwt=/.test(headers.get('location') ?? '');

test('with one of two providers down the page names it and leads back to the list, and the other one lets people in [FAIL-04]', async (t) => {
  const clock = fixedClock();
  const other = await startMutableOp({ issuer: 'https://other.example.org', clock });
  const stage = await startStage({
    clock,
    others: [{ id: 'other', op: other }],
    provider: { name: 'Acme <sign-in>' },
  });
  t.after(() => stage.close());
  stage.op.bend.hangsUp = true;
  const stranger = stage.visitor();
  const chooser = await stranger.get(path('/sign-in?to=/standup'));
  assert.match(chooser.text, /value="sso"[\s\S]*value="other"/);
  const refused = await stranger.post(path('/sign-in'), { provider: 'sso', to: '/standup' });
  assert.equal(refused.status, 502);
  assert.match(refused.text, /href="\/_ostiary\/sign-in\?auto=0&amp;to=%2Fstandup"/);
  assert.match(refused.text, /<h1><bdi>Acme &lt;sign-in&gt;<\/bdi> does not answer at the moment<\/h1>/);
  const [, leads = ''] = /class="primary" href="([^"]+)">Choose another/.exec(refused.text) ?? [];
  const list = await stranger.get(leads.replaceAll('&amp;', '&'));
  assert.match(list.text, /value="sso"[\s\S]*value="other"/, 'and nothing is chosen for anybody');
  assert.doesNotMatch(list.text, /<script/);
  const away = await stranger.leave('/standup', 'other');
  const back = await stranger.get(stranger.callbackOf(away, other));
  assert.ok(isInRoom(await stranger.get(back.headers.get('location') ?? '')));
});

for (const words of Object.values(WORDS))
  test(`in ${words.language} a provider that goes down while somebody is there is named when they come back [FAIL-04]`, async (t) => {
    const stage = await startStage({ provider: { name: 'Acme' } });
    t.after(() => stage.close());
    const person = stage.visitor({ 'accept-language': words.language });
    const callback = person.callbackOf(await person.leave());
    stage.op.bend.hangsUp = true;
    const { status, text } = await person.get(callback);
    const heading = readHtml(text).find(({ tag }) => tag === 'h1')?.text;
    const { named } = words.problems['provider.unreachable'];
    assert.deepEqual([status, heading], [502, named.replace('{provider}', 'Acme')]);
    assert.ok(text.includes(words.problem.retry), 'there is no other to choose');
  });

test('a provider that is down at the start keeps nobody from starting, and is back without anybody’s doing [FAIL-04]', async (t) => {
  const clock = fixedClock();
  const op = await startMutableOp({ clock });
  op.bend.hangsUp = true;
  const stage = await startStage({ clock, op });
  t.after(async () => {
    await stage.close();
    await op.close();
  });
  await stage.app.warm();
  const ready = await stage.ask(path('/ready'), { on: 'inner' });
  assert.deepEqual([ready.status, JSON.parse(ready.text).providers.sso.up], [200, false]);
  const visitor = stage.visitor();
  assert.equal((await visitor.leave()).answer.status, 502);
  op.bend = {};
  clock.advance(120);
  assert.equal((await visitor.signIn()).status, 302);
});

test('a provider that is away for the hourly look throws nobody out [FAIL-04]', async (t) => {
  const stage = await startStage();
  t.after(() => stage.close());
  const person = stage.visitor();
  await person.signIn();
  stage.op.bend.hangsUp = true;
  for (let hour = 0; hour < 5; hour += 1) {
    stage.clock.advance(3700);
    assert.ok(isInRoom(await person.get(path(`/join?room=hour-${hour}`))));
  }
});

test('who can be asked about through the browser alone is not sent to a provider that is away, but on into the room [FAIL-04]', async (t) => {
  const stage = await startStage();
  t.after(() => stage.close());
  stage.op.bend.tokens = ({ refresh_token: _, ...rest }) => rest;
  const person = stage.visitor();
  await person.signIn();
  stage.clock.advance(3601);
  const fields = { to: '/standup', provider: 'sso', silent: '1' };
  stage.op.bend.hangsUp = true;
  const away = await person.post(path('/sign-in'), fields);
  assert.deepEqual([away.status, away.headers.get('location')], [303, path('/join?to=%2Fstandup')]);
  assert.ok(isInRoom(await person.get(path('/join?to=%2Fstandup'))));
  stage.clock.advance(301);
  stage.op.bend.hangsUp = false;
  const asked = await person.post(path('/sign-in'), fields);
  assert.equal(new URL(asked.headers.get('location') ?? '').searchParams.get('prompt'), 'none');
});

/** A server, somebody signed in, and a store that can be filled. */
async function withFickleStore(): Promise<{ readonly stage: Stage; readonly fickle: FickleStore }> {
  let fickle: FickleStore | undefined;
  const stage = await startStage({
    store: (clock) => {
      fickle = createFickleStore(clock);
      return fickle.store;
    },
  });
  assert.ok(fickle);
  return { stage, fickle };
}

test('on a full disk whoever is signed in stays so, and what must be written down is answered by a page that says when to come back [FAIL-07]', async (t) => {
  const { stage, fickle } = await withFickleStore();
  t.after(() => stage.close());
  const person = stage.visitor();
  await person.signIn();
  await stage.ask(path('/jwks.json'));
  const stranger = stage.visitor();
  const callback = stranger.callbackOf(await stranger.leave());
  const code = (
    await makePass({ room: roomOf(roomFromPath('crisis')), role: 'host', for: 600 }, stage.parts)
  ).code.reveal();
  fickle.mood = 'full';
  stage.clock.advance(90);

  assert.equal((await person.get(path('/session'))).status, 200);
  assert.equal((await stage.ask(path('/jwks.json'))).status, 200);
  assert.equal((await stage.visitor().leave()).answer.status, 303, 'a stranger writes nothing');
  const asked = stage.op.count('/token');
  for (const answer of [
    await stranger.get(callback),
    await stage.visitor().post(path('/pass'), { code, name: 'x' }),
    await person.get(path('/join?room=standup')),
  ]) {
    assert.equal(answer.status, 503);
    assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
    assert.match(answer.text, /^<!doctype html>/);
    assert.deepEqual(answer.cookies, []);
  }
  assert.equal(stage.op.count('/token'), asked, 'no code was redeemed for nothing');

  fickle.mood = 'good';
  assert.ok(isInRoom(await person.get(path('/join?room=standup'))));
  assert.equal((await stranger.get(callback)).status, 302, 'the sign-in goes on where it stood');
  assert.equal(
    (await stage.visitor().post(path('/pass'), { code, name: 'x' })).status,
    303,
    'no entry was lost',
  );
});

test('a store that is gone lets nobody in and signs nobody out [FAIL-07]', async (t) => {
  const { stage, fickle } = await withFickleStore();
  t.after(() => stage.close());
  const person = stage.visitor();
  await person.signIn();
  for (const mood of ['gone', 'bug'] as const) {
    fickle.mood = mood;
    stage.clock.advance(2);
    for (const below of ['/session', '/join?room=standup', '/sign-in', '/sign-out']) {
      const answer = await person.get(path(below));
      assert.deepEqual(
        [answer.status, answer.cookies],
        [mood === 'gone' ? 503 : 500, []],
        `${mood} ${below}`,
      );
    }
    assert.equal((await stage.ask(path('/ready'), { on: 'inner' })).status, 503);
    fickle.mood = 'good';
    assert.ok(await person.isSignedIn());
  }
});

for (const [what, text, hint] of [
  ['an unknown key', '{ "publicURL": "https://meet.example.org" }', /Did you mean "publicUrl"/],
  ['a value of another type', '{ "publicUrl": ["https://meet.example.org"] }', /publicUrl/],
  [
    'options that contradict each other',
    '{ "session": { "idle": "10d", "absolute": "1d" } }',
    /session\.idle/,
  ],
  ['nothing in it', '', /publicUrl/],
  ['a tag of YAML', 'publicUrl: !!js/function "x"', /Right would be/],
  ['ten megabytes', `# ${'x'.repeat(10_000_000)}`, /megabyte/],
  ['no YAML', '{ "publicUrl": ', /Right would be/],
  ['a key twice', 'publicUrl: https://a.example\npublicUrl: https://b.example', /publicUrl|twice|unique/i],
] as const)
  test(`with a configuration that has ${what} nothing is started, opened or made, and the complaint says where and what would be right [FAIL-12]`, async (t) => {
    const terminal = openTerminal(t);
    writeFileSync(join(terminal.folder, 'ostiary.yaml'), text, { mode: 0o600 });
    const { code, out, err } = await terminal.run('serve');
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, hint);
    assert.match(err, /Right would be: /);
    assert.deepEqual(readdirSync(terminal.folder), ['ostiary.yaml']);
  });

test('one callback brought to two nodes at the same moment, three hundred times, signs in exactly once each time [MULTI-01]', {
  timeout: 60_000,
}, async (t) => {
  const clock = fixedClock();
  const op = await startMutableOp({ clock });
  const file = join(directoryFor(t), 'ostiary.sqlite');
  const config = { limits: { signInsPerBrowser: 1_000_000, signInsPerAddress: 1_000_000 } };
  const node = () => startStage({ clock, op, config, store: () => createSqliteStore({ path: file, clock }) });
  const nodes = [await node(), await node()] as const;
  t.after(async () => {
    for (const one of nodes) await one.close();
    await op.close();
  });
  assert.ok(existsSync(file));
  const wonBy = new Set<Stage>();
  for (let race = 0; race < 300; race += 1) {
    const [here, there] = race % 2 === 0 ? nodes : [nodes[1], nodes[0]];
    const visitor = here.visitor();
    const callback = visitor.callbackOf(await visitor.leave());
    const headers = { cookie: visitor.cookieHeader() };
    const before = op.count('/token');
    const order = race % 3 === 0 ? [here, there] : [there, here];
    const answers = await Promise.all(order.map((one) => one.ask(callback, { headers })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [302, 400], `race ${race}`);
    assert.equal(op.count('/token'), before + 1);
    for (const [at, { status }] of answers.entries()) if (status === 302 && order[at]) wonBy.add(order[at]);
  }
  assert.equal(wonBy.size, 2, 'each node wins now and then');
  // A person has two hundred sessions at the most; the others made room.
  assert.equal((await nodes[0].parts.sessions.list()).length, 200);
});

test('who signed in at a provider that tells no groups is turned away, and `ostiary why` knows who it was and for want of what', async (t) => {
  const terminal = openTerminal(t);
  terminal.configure({});
  const { store } = await terminal.server();
  const stage = await startStage({ store: () => store, provider: { userinfo: 'never' } });
  t.after(() => stage.close());
  stage.op.bend.claims = ({ groups: _, ...claims }) => claims;
  const stranger = stage.visitor();
  const refused = await stranger.signIn('/standup');
  assert.equal(refused.status, 502);
  const [reference = ''] = /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(refused.text) ?? [];
  const { code, out } = await terminal.run('why', reference);
  assert.equal(code, 0, out);
  assert.match(out, /^what: +sign-in-failed: The sign-in service did not send the groups$/m);
  assert.match(out, /^who: +sso#ada$/m);
});
