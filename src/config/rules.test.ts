/**
 * Rules that would never speak, or otherwise than they read.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsOf, configOf, LEAST, load } from '../../test/support/config.ts';

const loaded = (when: string) => load(`${LEAST}rules: [{ name: a, when: ${when}, then: guest }]`);

for (const [when, path, wrong] of [
  ['{ times: [mon-fri 8-18] }', 'rules[0].when.times[0]', /no window of time: "8-18" is neither/],
  ['{ times: ["08:00-18:00 Europe/Atlantis"] }', 'rules[0].when.times[0]', /"Europe\/Atlantis" is neither/],
  ['{ networks: [10.0.0.0/33] }', 'rules[0].when.networks[0]', /neither an IP address nor a range/],
  ['{ rooms: ["{person.id}-talk"] }', 'rules[0].when.rooms[0]', /may belong to an id/],
  ['{ rooms: ["*{person.id}"] }', 'rules[0].when.rooms[0]', /may belong to an id/],
  [
    '{ attributes: { affiliation: [staff] } }',
    'rules[0].when.attributes.affiliation',
    /no attribute that any/,
  ],
] as const)
  test(`a rule about ${when} is told to be wrong`, () => {
    const complaint = complaintsOf(loaded(when)).find((one) => one.path === path);
    assert.match(complaint?.wrong ?? '', wrong);
    assert.notEqual(complaint?.right ?? '', '');
  });

test('hours are read once, with their zone', () =>
  assert.deepEqual(
    configOf(loaded('{ times: ["mon-fri 08:00-18:00 Europe/Berlin"] }')).rules?.[0]?.when.times,
    [
      {
        days: ['mon', 'tue', 'wed', 'thu', 'fri'],
        hours: { from: '08:00', to: '18:00' },
        zone: 'Europe/Berlin',
      },
    ],
  ));

test('a room named after a person is no room for a name with more in it', () =>
  assert.deepEqual(
    configOf(loaded('{ rooms: ["{person.id}", "{person.id}.*", "x-{Person.ID}"] }')).rules?.[0]?.when.rooms,
    ['{person.id}', '{person.id}.*', 'x-{person.id}'],
  ));

for (const said of [
  'access: open',
  'access: guests-knock',
  'rules: [{ name: a, when: { signedIn: false }, then: knock }]',
])
  test(`with ${said} it is not everybody who moderates, unless the operator insists`, () => {
    const everybody = LEAST.replace('enforced', 'everyone-moderator');
    const [complaint] = complaintsOf(load(`${everybody}${said}`));
    assert.equal(complaint?.path, 'jitsi.roles');
    configOf(load(`${everybody.replace('roles:', 'insecureEverybodyModerates: true, roles:')}${said}`));
    configOf(load(`${LEAST}${said}`));
  });

const GATE = `${LEAST}upstream: { url: https://jitsi.internal }\n`;
for (const [said, path] of [
  [`${LEAST}access: guests-wait\nhosts: [staff]`, 'access'],
  [`${LEAST}rules: [{ name: a, when: { hostPresent: true }, then: participant }]\nhosts: [staff]`, 'rules'],
  [`${GATE}access: members-wait`, 'hosts'],
] as const)
  test(`whoever waits for a host that never comes is complained of at ${path}`, () =>
    assert.deepEqual(
      complaintsOf(load(said)).map((one) => one.path),
      [path],
    ));

test('waiting in front of Jitsi, with somebody to wait for, holds', () => {
  configOf(load(`${GATE}access: guests-wait\nhosts: [staff]`));
  configOf(load(`${GATE}access: members-wait\nrules: [{ name: a, when: { groups: [g] }, then: host }]`));
});

const beside = (said: string, then = 'host') => `rules: [{ name: a, then: ${then}, ${said} }]`;
for (const [said, path, wrong] of [
  [`${LEAST}${beside('features: {}')}`, 'rules[0].features', /deny every one of them/],
  [`${LEAST}${beside('features: { flip: true }', 'refuse')}`, 'rules[0].features', /lets nobody in/],
  [`${LEAST}${beside('group: a', 'wait')}`, 'rules[0].group', /lets nobody in/],
  [`${LEAST}${beside('lobby: { room: true }', 'sign-in')}`, 'rules[0].lobby', /lets nobody in/],
  [`${LEAST}${beside('lobby: {}')}`, 'rules[0].lobby', /says nothing/],
  [`${LEAST}${beside('lobby: { person: pass }', 'knock')}`, 'rules[0].lobby.person', /contradicts/],
  [`${LEAST}${beside('lobby: { person: knock }')}`, 'rules[0].lobby.person', /host wait for a host/],
  [`${LEAST}${beside('lobby: { room: false }', 'guest')}`, 'rules[0].lobby.room', /lets guests/],
  [`${LEAST}${beside('password: sesame')}`, 'rules[0].password', /browsers hold/],
  [`${GATE}${beside('password: sesame', 'guest')}`, 'rules[0].password', /lets guests/],
  [`${GATE}${beside('password: " sesame"')}`, 'rules[0].password', /people can type/],
  [
    `${LEAST}upstream: { url: https://jitsi.internal, carry: query }\n${beside('password: sesame')}`,
    'rules[0].password',
    /addresses/,
  ],
  [`${LEAST}${beside(`group: ${'a'.repeat(101)}`)}`, 'rules[0].group', /longer than a token/],
  [`${LEAST}${beside('lifetimes: {}')}`, 'rules[0].lifetimes', /says nothing/],
  [`${LEAST}${beside('lifetimes: { client: 30s }')}`, 'rules[0].lifetimes.client', /before a browser/],
  [
    `${LEAST}${beside('lifetimes: { client: 7h }')}`,
    'rules[0].lifetimes.client',
    /longer than tokens.lifetime/,
  ],
  [`${LEAST}${beside('lifetimes: { app: 7h }')}`, 'rules[0].lifetimes.app', /longer than tokens.appLifetime/],
  [`${GATE}${beside('lifetimes: { client: 1h }')}`, 'rules[0].lifetimes', /changes nothing/],
] as const)
  test(`${said.slice(said.indexOf('rules:'))} at ${path} is told: ${wrong.source}`, () => {
    const [complaint, ...more] = complaintsOf(load(said));
    assert.deepEqual(more, []);
    assert.equal(complaint?.path, path);
    assert.match(complaint?.wrong ?? '', wrong);
    assert.ok(!JSON.stringify(complaint).includes('sesame'));
  });

test('what a rule says beside a role reaches the rules as it was written', () => {
  const said =
    'features: { recording: true, flip: false }, lobby: { room: true, person: pass }, password: sesame, group: staff';
  const [rule] = configOf(load(`${GATE}${beside(said)}`)).rules ?? [];
  assert.deepEqual(rule?.features, { recording: true, flip: false });
  assert.deepEqual(rule?.lobby, { room: true, person: 'pass' });
  assert.equal(rule?.password?.reveal(), 'sesame');
  assert.equal(JSON.stringify(rule).includes('sesame'), false);
});
