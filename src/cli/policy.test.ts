import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTerminal } from '../../test/support/terminal.ts';

test('a decision is shown with every rule that was asked on the way', async (context) => {
  const { out } = await openTerminal(context).run(
    'policy',
    'explain',
    '--room',
    'Standup',
    '--groups',
    'a, staff',
  );
  assert.match(out, /^standup: host, by rule "hosts"\n/);
  assert.match(
    out,
    /^ {2}silent {2}sign in first -> sign-in {2}\(signedIn no, invited yes\)\n(?: {2}silent {2}invited as .*\n){3} {2}speaks {2}hosts -> host {2}\(groups yes\)$/m,
  );
});

test('without a word about the person it is somebody who has not signed in', async (context) => {
  const { out } = await openTerminal(context).run('policy', 'explain', '--room', 'standup');
  assert.match(out, /^standup: sign-in, by rule "sign in first"$/m);
  assert.match(
    out,
    /^ {2}as participant by rule "members": would have to sign in; rule "sign in first" speaks before it$/m,
  );
});

test('of whom nothing is said of groups they are taken to be in none, and that is told', async (context) => {
  const terminal = openTerminal(context);
  const said = async (...words: readonly string[]) =>
    (await terminal.run('policy', 'explain', '--room', 'standup', ...words)).err;
  assert.match(await said('--person', 'idp#ada'), /^Nothing was said of groups.*--groups.*$/);
  assert.match(await said('--email', 'ada@example.org'), /^Nothing was said of groups/);
  assert.equal(await said('--person', 'idp#ada', '--groups', 'staff'), '');
  assert.equal(await said(), '');
  for (const [person, told] of [
    [{ id: 'idp#ada', groups: [] }, /^$/],
    [{ id: 'idp#ada' }, /^Nothing was said of groups/],
  ] as const) {
    writeFileSync(join(terminal.folder, 'ada.json'), JSON.stringify(person));
    assert.match(await said('--person', 'ada.json'), told);
  }
});

test('an address given to the rules counts as verified', async (context) => {
  const terminal = openTerminal(context);
  terminal.configure({ hosts: ['ada@example.org'] });
  const told = await terminal.json<{ outcome: string }>(
    'policy',
    'explain',
    '--room',
    'x',
    '--email',
    'Ada@Example.org',
  );
  assert.equal(told.outcome, 'host');
});

const QUESTIONS = `standup  ana/staff  => host  (hosts)
standup  -          => sign-in
`;

test('a file of rules and questions is answered by its own rules', async (context) => {
  const terminal = openTerminal(context);
  writeFileSync(join(terminal.folder, 'own.case'), `rules\n  nobody -> refuse\n----------\n${QUESTIONS}`);
  const { code, out } = await terminal.run('policy', 'test', 'own.case');
  assert.equal(code, 1);
  assert.match(out, /^line 4: standup {2}ana\/staff.*\n {2}says refuse \(nobody\)$/m);
  assert.match(out, /2 questions, 2 answered otherwise\.$/);
});

test('questions without rules are put to the configuration', async (context) => {
  const terminal = openTerminal(context);
  writeFileSync(join(terminal.folder, 'site.case'), `----------\n${QUESTIONS}`);
  assert.deepEqual(await terminal.run('policy', 'test', 'site.case'), {
    code: 0,
    out: '2 questions, 0 answered otherwise.',
    err: '',
  });
  terminal.configure({ hosts: [] });
  assert.equal((await terminal.run('policy', 'test', 'site.case')).code, 1);
});

test('a file that cannot be read, or makes no sense, is told with its line', async (context) => {
  const terminal = openTerminal(context);
  assert.match((await terminal.run('policy', 'test', 'none.case')).err, /^none\.case cannot be read\.\n/);
  writeFileSync(join(terminal.folder, 'odd.case'), '----------\nwhat\n');
  const { code, err } = await terminal.run('policy', 'test', 'odd.case');
  assert.equal(code, 1);
  assert.match(err, /^odd\.case:2: /);
});

test('the hour, the address and how somebody signed in are facts like the others', async (context) => {
  const terminal = openTerminal(context);
  terminal.configure({
    hosts: [],
    rules: [
      { name: 'office hours', when: { times: ['mon-fri 08:00-18:00 Europe/Berlin'] }, then: 'participant' },
      { name: 'the house', when: { networks: ['192.0.2.0/24'] }, then: 'guest' },
      { name: 'two factors', when: { acr: ['mfa'] }, then: 'host' },
    ],
  });
  const outcome = async (...words: readonly string[]) =>
    (
      await terminal.json<{ outcome: string }>(
        'policy',
        'explain',
        '--room',
        'x',
        '--groups',
        'staff',
        ...words,
      )
    ).outcome;
  assert.equal(await outcome('--at', '2026-12-01T09:00+01:00'), 'participant');
  const sunday = ['--at', '2026-12-06T09:00Z'];
  assert.equal(await outcome(...sunday), 'refuse');
  assert.equal(await outcome(...sunday, '--address', '192.0.2.7'), 'guest');
  assert.equal(await outcome(...sunday, '--acr', 'mfa'), 'host');
  const { code, err } = await terminal.run('policy', 'explain', '--room', 'x', '--at', 'tomorrow');
  assert.deepEqual([code, /tomorrow is no time/.test(err)], [1, true]);
});

test('a person may stand in a file, and words beside it count more', async (context) => {
  const terminal = openTerminal(context);
  terminal.configure({
    providers: [{ id: 'kc', issuer: 'https://id.example.org', clientId: 'x', attributes: { unit: 'unit' } }],
    rules: [{ name: 'law', when: { attributes: { unit: ['law'] }, groups: ['staff'] }, then: 'host' }],
  });
  const write = (person: unknown) => writeFileSync(join(terminal.folder, 'ada.json'), JSON.stringify(person));
  write({ id: 'kc#1', groups: ['staff'], attributes: { unit: ['law'] } });
  const ask = (...words: readonly string[]) =>
    terminal.json<{ outcome: string }>('policy', 'explain', '--room', 'x', '--person', 'ada.json', ...words);
  assert.equal((await ask()).outcome, 'host');
  assert.equal((await ask('--groups', 'students')).outcome, 'refuse');
  for (const [person, wrong] of [
    [[], /holds no JSON object/],
    [{ groups: 'staff' }, /groups that are no list/],
    [{ id: 7 }, /where a text belongs/],
    [{ attributes: { unit: 'law' } }, /attributes that are no lists/],
  ] as const) {
    write(person);
    const { code, err } = await terminal.run('policy', 'explain', '--room', 'x', '--person', 'ada.json');
    assert.equal(code, 1);
    assert.match(err, wrong);
  }
});

test('whom another application vouches for is asked about as the door sees them: by its word, and no higher', async (context) => {
  const terminal = openTerminal(context);
  terminal.configure({
    upstream: { url: 'http://127.0.0.1:9' },
    apps: [{ name: 'crm', secret: 'a secret of thirty-two bytes, or of some more', rooms: ['crm-*'] }],
    issuers: [{ iss: 'moodle', secret: 'another secret of thirty-two bytes, or of more', role: 'guest' }],
    rules: [{ name: 'staff', when: { groups: ['staff'] }, then: 'host' }],
  });
  const outcome = async (provider: string) =>
    (
      await terminal.json<{ outcome: string }>(
        ...['policy', 'explain', '--room', 'crm-7', '--provider', provider],
      )
    ).outcome;
  assert.deepEqual(
    [await outcome('app:crm'), await outcome('moodle'), await outcome('idp')],
    ['participant', 'guest', 'refuse'],
  );
});

test('what the rule says beside the role is shown, and of its password that there is one', async (context) => {
  const terminal = openTerminal(context);
  terminal.configure({
    upstream: { url: 'https://jitsi.internal' },
    rules: [
      {
        name: 'lectures',
        then: 'host',
        when: { groups: ['staff'] },
        ...{ features: { recording: true }, lobby: { room: true }, password: 'open-sesame', group: 'north' },
      },
    ],
  });
  const asked = ['policy', 'explain', '--room', 'x', '--groups', 'staff'];
  const { out } = await terminal.run(...asked);
  assert.match(
    out,
    /^x: host, by rule "lectures"\n {2}with feature.recording=true room-lobby=true group=north password$/m,
  );
  const { out: machine } = await terminal.run(...asked, '--json');
  assert.ok(!`${out}${machine}`.includes('open-sesame'));
  assert.equal(JSON.parse(machine).decision.beside.features.recording, true);
});

test('a question may ask what the rule says beside the role, and all of it', async (context) => {
  const terminal = openTerminal(context);
  const rules = 'rules\n  staff groups=staff -> host feature.flip=true password=open-sesame\n----------\n';
  const ask = async (question: string) => {
    writeFileSync(join(terminal.folder, 'own.case'), `${rules}${question}\n`);
    return terminal.run('policy', 'test', 'own.case');
  };
  assert.equal((await ask('x ana/staff => host (staff) with feature.flip=true password')).code, 0);
  const { code, out } = await ask('x ana/staff => host (staff) with feature.flip=true');
  assert.equal(code, 1);
  assert.match(out, /says host \(staff\) with feature.flip=true password$/m);
  assert.ok(!out.includes('open-sesame'));
  const { err } = await ask('x ana/staff => host with feature.flip=perhaps');
  assert.match(err, /own.case:4: "feature.flip=perhaps" is nothing a rule can say/);
});

test('before a room with times it is told when it opens, and within them when it closes', async (context) => {
  const terminal = openTerminal(context);
  terminal.configure({
    rooms: [
      {
        names: ['exam'],
        times: ['2026-12-01T09:00..2026-12-01T11:00 Europe/Berlin'],
        hostsEarly: '15m',
        title: 'Law',
      },
      { names: ['never'], times: [] },
    ],
  });
  const said = async (room: string, at: string, groups = 'law') =>
    (await terminal.run('policy', 'explain', '--room', room, '--groups', groups, '--at', at)).out.split(
      '\n',
      2,
    );
  assert.deepEqual(await said('exam', '2026-12-01T08:50+01:00'), [
    'exam: closed, by rule "members"',
    '  the room opens 2026-12-01 09:00 Europe/Berlin, for "Law"',
  ]);
  assert.deepEqual(await said('exam', '2026-12-01T08:50+01:00', 'staff'), [
    'exam: host, by rule "hosts"',
    '  until 2026-12-01 10:00Z, when the room closes',
  ]);
  assert.deepEqual(await said('never', '2026-12-01T08:50+01:00'), [
    'never: closed, by rule "members"',
    '  no time is known at which the room opens',
  ]);
  writeFileSync(
    join(terminal.folder, 'site.case'),
    '----------\nexam kim at=2026-12-01T07:50Z => closed\nexam kim at=2026-12-01T08:00Z => participant\n',
  );
  assert.equal((await terminal.run('policy', 'test', 'site.case')).out, '2 questions, 0 answered otherwise.');
});

test('a rule about clients is told with what that is worth, and one that is no client is told too', async (context) => {
  const terminal = openTerminal(context);
  terminal.configure({
    rules: [{ name: 'by telephone', when: { clients: ['mobile'] }, then: 'participant' }],
  });
  const explain = (...words: readonly string[]) =>
    terminal.run('policy', 'explain', '--room', 'standup', '--groups', 'law', ...words);
  const [mobile, silent] = [await explain('--client', 'mobile'), await explain()];
  assert.match(mobile.out, /^standup: participant, by rule "by telephone"/);
  assert.match(silent.out, /^standup: refuse/);
  assert.match(silent.out, /would have to come with "mobile", as the client says of itself/);
  for (const { err } of [mobile, silent]) assert.match(err, /no protection rests on it/);
  const odd = await explain('--client', 'okhttp');
  assert.deepEqual([odd.code, odd.err.split('\n')[0]], [1, 'okhttp is no client.']);
});

test('what is no address is refused, and a provider there is none of is told', async (context) => {
  const terminal = openTerminal(context);
  const explain = (...words: readonly string[]) =>
    terminal.run('policy', 'explain', '--room', 'x', '--groups', 'staff', ...words);
  assert.match((await explain('--address', '300.1.1.1')).err, /^300\.1\.1\.1 is no IP address\./);
  assert.match((await explain('--email', 'ada')).err, /^ada is no e-mail address\./);
  assert.match((await explain('--provider', 'ipd')).err, /^Nobody signs in at ipd here.*there are: idp, /);
  assert.equal((await explain('--provider', 'idp', '--address', '192.0.2.7')).err, '');
});
