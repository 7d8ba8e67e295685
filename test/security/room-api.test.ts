/** Rooms for other applications: what one may do there is what it may make somebody there, and it proves who it is. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { APPS, basic, CRM_ORIGIN, CRM_SECRET, SHOP_SECRET } from '../support/apps.ts';
import { type HostingStage, startHostingStage } from '../support/hosting-stage.ts';
import { type Answer, PREFIX } from '../support/server-stage.ts';

let house: HostingStage;
before(async () => {
  house = await startHostingStage({ config: { apps: APPS, limits: { tokensPerApp: 50 } } });
});
after(() => house.stage.close());

const CRM = basic('crm', CRM_SECRET);
const SHOP = basic('shop', SHOP_SECRET);
const codeOf = ({ text }: Answer) => JSON.parse(text).code;

function get(room: string, headers: Readonly<Record<string, string>> = CRM): Promise<Answer> {
  return house.stage.ask(`${PREFIX}/api/room/${room}`, { headers: { accept: '*/*', ...headers } });
}

function post(
  room: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = CRM,
): Promise<Answer> {
  return house.stage.ask(`${PREFIX}/api/room/${room}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: '*/*', ...headers },
    body: String(new URLSearchParams(fields)),
  });
}

const PUBLIC_LINK = /^https:\/\/meet\.example\.org\/_ostiary\/invite\?code=[0-9a-z]{28}$/;

test('an application that may vouch for hosts lists who waits, lets in, turns away, puts out and takes back', async () => {
  const linus = await house.guest('Linus', 'crm-7');
  await house.guest('Mallory', 'crm-7');
  const seen = JSON.parse((await get('crm-7')).text);
  assert.equal(seen.room, 'crm-7');
  const idOf = (name: string) => seen.waiting.find((one: { name: string }) => one.name === name).person;
  const [good, bad] = [idOf('Linus'), idOf('Mallory')];
  assert.deepEqual(JSON.parse((await post('crm-7', { do: 'let-in', person: good })).text), {
    did: 'let-in',
    people: [good],
  });
  assert.equal((await house.joins(linus, 'crm-7')).status, 302);
  assert.equal((await post('crm-7', { do: 'turn-away', person: bad })).status, 200);
  const { out } = JSON.parse((await get('crm-7')).text);
  assert.deepEqual([out[0].person, out[0].by, out[0].turnedAway], [bad, 'app:crm', true]);
  assert.equal((await post('crm-7', { do: 'undo', person: bad })).status, 200);
  assert.equal((await post('crm-7', { do: 'put-out', person: good, for: '1h' })).status, 200);
  house.stage.clock.advance(2);
  assert.equal((await house.joins(linus, 'crm-7')).status, 403);
  const acts = (await house.stage.parts.records.list()).filter(({ by }) => by === 'app:crm');
  assert.deepEqual(
    acts.map(({ event, room }) => [event, room]).toSorted(),
    ['kick-undone', 'kicked', 'let-in', 'turned-away'].map((event) => [event, 'crm-7']),
  );
});

test('its invitations open the room, say by whom as it says, and are taken back', async () => {
  const made = JSON.parse(
    (await post('crm-8', { do: 'invite', by: 'Grace', role: 'host', until: '2h' })).text,
  );
  assert.match(made.link, PUBLIC_LINK);
  assert.deepEqual(
    [made.invitation.by, made.invitation.madeBy, made.invitation.uses, made.invitation.role],
    ['Grace', 'app:crm', 1, 'host'],
  );
  const path = made.link.slice('https://meet.example.org'.length);
  assert.match((await house.somebody().get(path)).text, /Grace<\/bdi><\/strong> invites you/);
  const { invitations } = JSON.parse((await get('crm-8')).text);
  assert.equal(invitations[0].id, made.invitation.id);
  assert.doesNotMatch(JSON.stringify(invitations), /seats|code/);
  assert.equal((await post('crm-8', { do: 'revoke', invitation: made.invitation.id })).status, 200);
  assert.equal((await house.somebody().get(path)).status, 404);
});

test('one that may vouch for participants alone invites them, takes back its own, and does nothing else', async () => {
  await house.guest('Linus', 'crm-open');
  const [waiting] = JSON.parse((await get('crm-open')).text).waiting;
  const theirs = JSON.parse((await post('crm-open', { do: 'invite' })).text).invitation.id;
  for (const [fields, code] of [
    [{ do: 'invite', role: 'host' }, 'client.role'],
    [{ do: 'let-in', person: waiting.person }, 'client.role'],
    [{ do: 'let-all-in' }, 'client.role'],
    [{ do: 'turn-away', person: waiting.person }, 'client.role'],
    [{ do: 'put-out', person: waiting.person }, 'client.role'],
    [{ do: 'undo', person: waiting.person }, 'client.role'],
    [{ do: 'revoke', invitation: theirs }, 'client.role'],
    [{ do: 'calendar' }, 'client.role'],
  ] as const)
    assert.equal(codeOf(await post('crm-open', fields, SHOP)), code, fields.do);
  assert.equal(codeOf(await get('crm-open', SHOP)), 'client.role');
  assert.equal(codeOf(await get('crm-open?only=waiting', SHOP)), 'client.role');
  const own = JSON.parse((await post('crm-open', { do: 'invite' }, SHOP)).text).invitation;
  assert.equal(own.role, 'participant');
  assert.equal((await post('crm-open', { do: 'revoke', invitation: own.id }, SHOP)).status, 200);
  assert.equal(JSON.parse((await get('crm-open')).text).invitations.length, 1);
});

test('rooms and tenants that are not its own, and those of whoever guesses, are closed', async () => {
  for (const [room, headers, status, code] of [
    ['standup', CRM, 400, 'client.room'],
    ['sales/crm-7', CRM, 400, 'client.room'],
    ['shop-1', CRM, 400, 'client.room'],
    ['crm-7', SHOP, 400, 'client.room'],
    ['crm-7', basic('crm', SHOP_SECRET), 401, 'client.unknown'],
    ['crm-7', basic('nobody', CRM_SECRET), 401, 'client.unknown'],
    ['crm-7', {}, 401, 'client.unknown'],
    ['crm-7', { authorization: 'Bearer x' }, 401, 'client.unknown'],
    ['crm-7', { ...CRM, origin: CRM_ORIGIN }, 400, 'client.not-allowed'],
    ['crm-7', { ...CRM, origin: 'https://meet.example.org' }, 400, 'client.not-allowed'],
    ['a/b/c', CRM, 404, 'request.not-found'],
  ] as const)
    for (const answer of [await get(room, headers), await post(room, { do: 'invite' }, headers)]) {
      assert.deepEqual([answer.status, codeOf(answer)], [status, code], room);
      assert.equal(answer.headers.get('content-type'), 'application/problem+json');
      assert.equal(answer.headers.get('www-authenticate') !== null, status === 401);
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
    }
  const refused = (await house.stage.lines).filter((line) => line.includes('audit.app-refused'));
  assert.ok(refused.length > 0 && refused.every((line) => !line.includes(CRM_SECRET)));
});

test('a session of a host is no proof here, and a proof is none on the page of hosts', async () => {
  const ada = await house.signedIn('ada');
  const answer = await house.stage.ask(`${PREFIX}/api/room/crm-7`, {
    headers: { accept: 'application/json', cookie: ada.cookieHeader() },
  });
  assert.equal(codeOf(answer), 'client.unknown');
  const page = await house.stage.ask(`${PREFIX}/room/crm-7`, {
    headers: { ...CRM, accept: 'application/json' },
  });
  assert.equal(codeOf(page), 'session.required');
});

test('two proofs, a field twice, and JSON are refused', async () => {
  const two = { do: 'invite', client_assertion: 'x', client_assertion_type: 'y' };
  assert.equal(codeOf(await post('crm-7', two)), 'request.malformed');
  for (const [type, body] of [
    ['application/json', '{"do":"invite"}'],
    ['application/x-www-form-urlencoded', 'do=invite&do=let-all-in'],
  ] as const) {
    const answer = await house.stage.ask(`${PREFIX}/api/room/crm-7`, {
      ...{ method: 'POST', body },
      headers: { ...CRM, 'content-type': type, accept: '*/*' },
    });
    assert.equal(codeOf(answer), 'request.malformed');
  }
});

test('the inner listener answers the same', async () => {
  const answer = await house.stage.ask(`${PREFIX}/api/room/crm-7`, {
    ...{ on: 'inner', headers: { ...CRM, accept: '*/*' } },
  });
  assert.equal(answer.status, 200);
});

test('an application asks so often in a minute, and who guesses its secret so often', async () => {
  let status = 200;
  for (let at = 0; at < 60 && status === 200; at += 1)
    status = (await post('crm-7', { do: 'let-all-in' })).status;
  assert.equal(status, 429);
  let guessed = 401;
  for (let at = 0; at < 100 && guessed === 401; at += 1)
    guessed = (await get('crm-7', { ...basic('crm', `guess-${at}`), 'x-forwarded-for': '198.51.100.77' }))
      .status;
  assert.equal(guessed, 429);
});
