/**
 * Who passes while nothing is guarded is told apart by what they show, decided on as if we guarded, and counted once;
 * whoever would be let in is not in the report at all.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ObservedKind, readObserved } from '../../src/admission/observed.ts';
import { SESSION_COOKIE } from '../../src/web/cookies.ts';
import { type GatewayStage, startGatewayStage } from '../support/gateway-stage.ts';
import { linkClaims, linkToken, MOODLE } from '../support/links.ts';
import { ORIGIN } from '../support/server-stage.ts';

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/138.0 Safari/537.36';
const NAVIGATES = { 'user-agent': CHROME, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const BOSH = "<body xmlns='http://jabber.org/protocol/httpbind' rid='4711' to='meet.jitsi'/>";

let on: GatewayStage;
before(async () => {
  on = await startGatewayStage({
    config: {
      insecureObserveOnly: '2026-03-16',
      issuers: [MOODLE],
      machines: [{ name: 'probe', networks: ['10.0.0.9'], reaches: ['assets', 'page'] }],
      trustedProxies: ['127.0.0.1'],
      rules: [
        { name: 'the vault is shut', when: { rooms: ['vault'], signedIn: true }, then: 'refuse' },
        { name: 'members', when: { signedIn: true }, then: 'participant' },
      ],
    },
  });
});
after(() => on.close());

/** What is new in the report after this. */
async function seenBy(act: () => Promise<{ readonly status: number }>): Promise<readonly ObservedKind[]> {
  const all = async () => {
    await on.stage.app.settled();
    return readObserved(on.stage.parts.store, 0);
  };
  const before = new Set((await all()).map((kind) => JSON.stringify(kind)));
  assert.equal((await act()).status, 200);
  return (await all()).filter((kind) => !before.has(JSON.stringify(kind)));
}

const about = (kinds: readonly ObservedKind[]) => kinds.map(({ seenAs, code, room }) => [seenAs, code, room]);
const page = (path: string, headers: Record<string, string> = {}) =>
  on.stage.ask(path, { headers: { ...NAVIGATES, ...headers } });
const bosh = (room: string, headers: Record<string, string>, query = '') =>
  on.stage.ask(`/http-bind?room=${room}${query}`, { method: 'POST', headers, body: BOSH });

test('a browser at a room, and one at the front page', async () => {
  assert.deepEqual(about(await seenBy(() => page('/one'))), [['page', 'sign-in', 'one']]);
  const [front] = await seenBy(() => page('/'));
  assert.deepEqual([front?.seenAs, front?.path], ['page', '/']);
});

test('a meeting in the frame of another site', async () => {
  const frame = { 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'cross-site' };
  const seen = await seenBy(() => page('/framed', frame));
  assert.deepEqual(about(seen), [['site', 'outside', 'framed']]);
});

test('an app, and a machine that no page began, with where it is', async () => {
  assert.deepEqual(about(await seenBy(() => bosh('two', { 'user-agent': 'okhttp/4.12.0' }))), [
    ['app', 'no-token', 'two'],
  ]);
  const jigasi = { 'user-agent': 'Java-http-client/17', 'x-forwarded-for': '192.0.2.9' };
  const [seen] = await seenBy(() => bosh('three', jigasi));
  assert.deepEqual([seen?.seenAs, seen?.addresses], ['recorder', ['192.0.2.9']]);
});

test('somebody who connects from a page of ours without a token, and no address of theirs', async () => {
  const [seen] = await seenBy(() => bosh('four', { 'user-agent': CHROME, origin: ORIGIN }));
  assert.deepEqual([seen?.seenAs, seen?.code, seen?.addresses], ['guest', 'no-token', undefined]);
});

test('a link of an application that is known is no matter, one of another is, with the name it gives itself', async () => {
  const good = linkToken(linkClaims(on.stage.clock, { room: 'five' }));
  assert.deepEqual(await seenBy(() => page(`/five?jwt=${good}`)), []);
  assert.deepEqual(
    await seenBy(() => bosh('five', { 'user-agent': CHROME, origin: ORIGIN }, `&token=${good}`)),
    [],
  );
  const bad = linkToken(linkClaims(on.stage.clock, { room: 'five', iss: 'old-portal' }), {
    secret: 'x'.repeat(40),
  });
  const [link] = await seenBy(() => page(`/five?jwt=${bad}`));
  assert.deepEqual([link?.seenAs, link?.issuer, link?.room], ['link', 'old-portal', 'five']);
  const [stream] = await seenBy(() =>
    bosh('five', { 'user-agent': CHROME, origin: ORIGIN }, `&token=${bad}`),
  );
  assert.deepEqual(
    [stream?.seenAs, stream?.code, stream?.issuer],
    ['link', 'ticket.unacceptable', 'old-portal'],
  );
  const other = linkToken(linkClaims(on.stage.clock, { room: 'six' }));
  assert.equal((await seenBy(() => page(`/seven?jwt=${other}`)))[0]?.seenAs, 'link');
});

test('somebody whom a rule turns away, by that rule; in any other room they are no matter', async () => {
  const cookie = on.ada.cookieHeader();
  const [seen] = await seenBy(() => page('/vault', { cookie }));
  assert.deepEqual([seen?.seenAs, seen?.code, seen?.rule], ['person', 'entry.refused', 'the vault is shut']);
  assert.deepEqual(await seenBy(() => page('/eight', { cookie })), []);
  assert.deepEqual(await seenBy(() => on.stage.ask('/libs/app.js', { headers: { cookie } })), []);
});

test("a machine of the operator's list, and what is open to strangers, are no matter", async () => {
  const from = { 'x-forwarded-for': '10.0.0.9' };
  assert.deepEqual(await seenBy(() => on.stage.ask('/nine', { headers: from })), []);
  assert.deepEqual(await seenBy(() => on.stage.ask('/external_api.js')), []);
});

test('no person, no cookie and no token stands in anything that was written', async () => {
  await on.stage.app.settled();
  const text = JSON.stringify(await readObserved(on.stage.parts.store, 0));
  const id = on.ada.cookieHeader().split(`${SESSION_COOKIE}=`)[1]?.split(';')[0] ?? '?';
  assert.ok(!text.includes(id) && !/eyJ|ada|grace@/i.test(text), text);
  assert.ok(
    !on.stage.lines.some((line) => line.includes('audit.link-followed')),
    'nothing was done beside deciding',
  );
});
