/**
 * The password of a room, which a rule says: it reaches Prosody with the beginning of a stream, and nobody who looks
 * at a page, a ticket, a log, the audit or what else goes up to Jitsi.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ORIGIN, PREFIX } from '../support/server-stage.ts';
import { startUpstream, type UpstreamStandIn } from '../support/upstream.ts';
import { type GateStage, startGate, XMPP } from './gate-stage.ts';

const PASSWORD = 'open-sesame-canary';
const RULES = [
  { name: 'lectures', when: { rooms: ['standup'] }, then: 'participant', password: PASSWORD },
  { name: 'others', then: 'participant' },
];

let gate: GateStage;
let jitsi: UpstreamStandIn;
before(async () => {
  jitsi = await startUpstream();
  gate = await startGate({ config: { rules: RULES } });
});
after(async () => {
  await gate.close();
  await jitsi.close();
});

/** Every text that stands in this one, JWTs read. */
function read(text: string): string {
  const tokens = text.match(/[\w-]{10,}\.[\w-]{10,}\.[\w-]+/g) ?? [];
  const inside = tokens.map((token) => Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return [text, decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25')), ...inside].join('\n');
}

async function streamOf(room: string, cookie: string): Promise<string> {
  const target = XMPP.replace('standup', room);
  const { result, upgrades } = await gate.reaching(() =>
    gate.at({ target, headers: { Origin: ORIGIN, Cookie: cookie } }),
  );
  assert.equal(result.status, 101);
  const [bearer = ''] = upgrades[0]?.header('authorization') ?? [];
  assert.equal(read(upgrades[0]?.target ?? '').includes(PASSWORD), false);
  result.socket.destroy();
  return read(bearer);
}

test('the beginning of a stream into the room of the rule tells Prosody its password, that into another tells nothing', async () => {
  const { cookie } = await gate.person('ada');
  assert.match(await streamOf('standup', cookie), /"room":\{"password":"open-sesame-canary"\}/);
  assert.ok(!(await streamOf('other', cookie)).includes(PASSWORD));
});

test('no page, no ticket, no answer, no line of the log and no record of the audit holds the password of a room [SEC-01]', async () => {
  const ada = await gate.person('eve');
  await streamOf('standup', ada.cookie);
  assert.ok(!read(await gate.ticketFor(ada, '/standup')).includes(PASSWORD));
  for (const path of ['/standup', `${PREFIX}/join?to=%2Fstandup`, `${PREFIX}/whoami`, '/config.js']) {
    const answer = await gate.stage.ask(path, { headers: { cookie: ada.cookie, accept: 'text/html' } });
    assert.ok(!read(`${[...answer.headers].join()}${answer.text}`).includes(PASSWORD), path);
  }
  const kept = (await gate.stage.parts.store.list('')).map(({ value }) => value);
  assert.ok(kept.length > 0 && gate.stage.lines.length > 0);
  assert.ok(!read([...kept, ...gate.stage.lines].join('\n')).includes(PASSWORD));
});

test('the page of the meeting and the request for a conference are told no password', async () => {
  const other = await startGate({ config: { rules: RULES, upstream: { url: jitsi.url } } });
  try {
    const { cookie } = await other.person('ada');
    const page = await other.stage.ask('/standup', { headers: { cookie, accept: 'text/html' } });
    assert.equal(page.status, 200);
    const shown = read(page.text);
    assert.match(shown, /"room":"standup"/);
    assert.ok(!shown.includes(PASSWORD));
    jitsi.arrived.length = 0;
    await other.stage.ask('/conference-request/v1?room=standup', {
      method: 'POST',
      headers: { cookie, origin: ORIGIN, 'content-type': 'application/json' },
      body: '{"room":"standup@conference.meet.example.org"}',
    });
    const [asked] = jitsi.arrived;
    const bearer = read(asked?.headers.authorization ?? '');
    assert.match(bearer, /"room":"standup"/);
    assert.ok(!bearer.includes(PASSWORD));
  } finally {
    await other.close();
  }
});
