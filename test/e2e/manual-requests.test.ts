/** The requests and commands that the manual shows are sent and run as they stand there, and answer as it says. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { BLOCKS } from '../house/manual.ts';
import { CRM_SECRET, told } from '../support/apps.ts';
import { gatewayStageFor } from '../support/gateway-stage.ts';
import { startHostingStage } from '../support/hosting-stage.ts';
import { linkClaims, linkToken, MOODLE } from '../support/links.ts';
import { type Stage, startStage } from '../support/server-stage.ts';

/** What the manual leaves to the reader: the pair of name and secret, and the token that is exchanged. */
function sent(mark: string, stage: Stage) {
  const text = BLOCKS.find((block) => block.mark === `request: ${mark}`)?.text ?? assert.fail(mark);
  const [head = '', body = ''] = text.split('\n\n');
  const [line = '', ...headers] = head.split('\n');
  const [method = '', target = ''] = line.split(' ');
  const own = (value: string) =>
    value
      .replace('base64(crm:secret)', Buffer.from(`crm:${CRM_SECRET}`).toString('base64'))
      .replace('eyJ…', linkToken(linkClaims(stage.clock, { room: 'crm-7' })));
  const named = headers.map((one) => one.split(': ')).map(([name = '', value = '']) => [name, own(value)]);
  const request = { method, headers: Object.fromEntries(named), body: own(body.replaceAll('\n', '')) };
  return stage.ask(target, request);
}

/** The settings of the same page, with a secret that the tests know. */
function applications() {
  const [block] = BLOCKS.filter(
    ({ path, language }) => path.endsWith('/embedding.md') && language === 'yaml',
  );
  const { apps } = parse(block?.text ?? '');
  return apps.map((app: object) => ({ ...app, secret: CRM_SECRET }));
}

for (const [mark, person] of [
  ['a token', 'app:crm#4711'],
  ['an exchange', 'moodle#17'],
] as const)
  test(`the manual’s request for ${mark} is answered with a token for the one room and person`, async (t) => {
    const stage = await startStage({
      config: { apps: applications(), issuers: [{ ...MOODLE, rooms: ['crm-*'] }], access: 'members' },
    });
    t.after(() => stage.close());
    const answer = await sent(mark, stage);
    assert.equal(answer.status, 200, answer.text);
    const { access_token: token, token_type, room } = told(answer);
    assert.deepEqual([typeof token, token_type, room], ['string', 'Bearer', 'crm-7']);
    const [entry] = await stage.parts.records.list({ person });
    assert.deepEqual([entry?.event, entry?.room], ['entered', 'crm-7']);
  });

test('the manual’s request for the times of a room is taken, and shuts the room until then', async (t) => {
  const [block] = BLOCKS.filter(
    ({ path, language, text }) =>
      path.endsWith('/room-times.md') && language === 'yaml' && /^apps/.test(text),
  );
  const { apps } = parse(block?.text ?? '');
  const stage = await startStage({
    config: { apps: apps.map((app: object) => ({ ...app, secret: CRM_SECRET })), access: 'open' },
  });
  t.after(() => stage.close());
  const answer = await sent('times', stage);
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(told(answer)['times'], ['2036-12-01T09:00..2036-12-01T10:00 Europe/Berlin']);
  const visitor = stage.visitor();
  await visitor.get(`/_ostiary/sign-in?to=%2Fcrm-7`);
  await visitor.post('/_ostiary/guest', { to: '/crm-7', name: 'Ada' });
  const early = await visitor.get('/_ostiary/join?room=crm-7', { accept: 'application/json' });
  assert.equal(told(early)['code'], 'entry.early');
});

test('the manual’s question to the log, who still uses the old secret, finds its links and no others', async (t) => {
  const page = BLOCKS.filter(({ path }) => path.endsWith('links-from-other-applications.md'));
  const [question] = page.filter(({ language }) => language === 'sh');
  const old = page.find(({ text }) => text.includes('iss: my-jitsi'))?.text ?? '';
  const secrets = [
    'the one that all of them share, of 32 bytes',
    'one of its own, of thirty-two bytes',
  ] as const;
  const { stage } = await gatewayStageFor(t, {
    config: {
      issuers: [
        { ...parse(old).issuers[0], secret: secrets[0] },
        { iss: 'moodle', secret: secrets[1] },
      ],
    },
  });
  for (const [iss, secret] of [
    ['my-jitsi', secrets[0]],
    ['moodle', secrets[1]],
  ] as const)
    await stage.ask(`/standup?jwt=${linkToken(linkClaims(stage.clock, { iss }), { secret })}`);
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-log-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'log'), stage.lines.join(''));
  const command = question?.text.replace('journalctl -u ostiary', 'cat log') ?? '';
  const found = execFileSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' }).trim().split('\n');
  assert.deepEqual(
    found.map((line) => JSON.parse(line)).map(({ event, provider }) => [event, provider]),
    [['audit.link-followed', 'my-jitsi']],
  );
});

/** The command under this mark, run by a shell as it stands; name and TLS of the manual's server are those of the stage. */
function curl(
  mark: string,
  stage: Stage,
  { own, env }: { readonly own: (text: string) => string; readonly env: Readonly<Record<string, string>> },
) {
  const text = BLOCKS.find((block) => block.mark === `curl: ${mark}`)?.text ?? assert.fail(mark);
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-curl-'));
  try {
    const stand = `#!/bin/bash
exec -a curl "$(PATH="$REAL" command -v curl)" -H 'Host: meet.example.org' "\${@/#https:\\/\\/meet.example.org\\/_/http://127.0.0.1:${stage.ports.public}/_}"
`;
    writeFileSync(join(folder, 'curl'), stand, { mode: 0o755 });
    const PATH = process.env['PATH'] ?? '';
    const run = promisify(execFile);
    return run('sh', ['-c', own(text)], {
      env: { ...env, PATH: `${folder}:${PATH}`, REAL: PATH },
    }).then(({ stdout }) => {
      rmSync(folder, { recursive: true });
      return JSON.parse(stdout);
    });
  } catch (thrown) {
    rmSync(folder, { recursive: true });
    throw thrown;
  }
}

test('the manual’s commands for a room list who waits, let in, invite, take back and put out', async (t) => {
  const [block] = BLOCKS.filter(({ mark }) => mark === 'config: applications of hosts');
  const apps = parse(block?.text ?? '').apps.map((app: object) => ({ ...app, secret: CRM_SECRET }));
  const house = await startHostingStage({ config: { apps } });
  t.after(() => house.stage.close());
  const linus = await house.guest('Linus', 'crm-7');
  const env = { CRM_SECRET };
  let [person, id] = ['', ''];
  const own = (text: string) => text.replace('guest#WuW0…', person).replace('K7QF-2M9X', id);
  const run = (mark: string) => curl(mark, house.stage, { own, env });
  const seen = await run('the room');
  const shown = BLOCKS.find(({ text }) => text.includes('"mark"'))?.text ?? '';
  assert.deepEqual(Object.keys(seen), Object.keys(JSON.parse(shown)));
  assert.deepEqual(Object.keys(seen.waiting[0]), Object.keys(JSON.parse(shown).waiting[0]));
  person = seen.waiting[0].person;
  assert.deepEqual(await run('let in'), { did: 'let-in', people: [person] });
  assert.equal((await house.joins(linus, 'crm-7')).status, 302);
  const made = await run('invite');
  assert.match(made.link, /^https:\/\/meet\.example\.org\/_ostiary\/invite\?code=/);
  assert.deepEqual(
    [made.invitation.uses, made.invitation.about, made.invitation.by],
    [5, 'Budget 2027', 'Grace Hopper'],
  );
  id = made.invitation.id;
  assert.equal((await run('take back')).invitation.id, id);
  assert.equal((await run('put out')).person, person);
  house.stage.clock.advance(2);
  assert.equal((await house.joins(linus, 'crm-7')).status, 403);
});

test('the manual’s command of a host who is signed in lets in who waits', async (t) => {
  const house = await startHostingStage();
  t.after(() => house.stage.close());
  const linus = await house.guest('Linus');
  const ada = await house.signedIn('ada');
  const SESSION = ada.session() ?? '';
  const done = await curl('as a host', house.stage, { own: (text) => text, env: { SESSION } });
  assert.deepEqual([done.did, done.people.length], ['let-all-in', 1]);
  assert.equal((await house.joins(linus)).status, 302);
});
