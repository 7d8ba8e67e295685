/** What a link opens: the one room it was brought to, and in what its application may speak for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linkClaims, linkToken, MOODLE_SECRET } from '../../test/support/links.ts';
import { fixedClock } from '../base/clock.ts';
import type { Person, PersonBound } from '../base/person.ts';
import { ROLES } from '../base/role.ts';
import { parseRoomPath } from '../base/room.ts';
import { Secret } from '../base/secret.ts';
import type { Issuer } from '../identity/issuer.ts';
import { followLink, type LinkParts, stillVouched } from './link.ts';

const clock = fixedClock();
const MOODLE: Issuer = {
  iss: 'moodle',
  keys: new Secret(MOODLE_SECRET),
  algorithm: 'HS256',
  rooms: ['*'],
  role: 'host',
  wildcard: 'narrow',
};

function parts(more: Partial<Issuer> = {}, about: Partial<LinkParts> = {}): LinkParts {
  const issuers = new Map([[MOODLE.iss, { ...MOODLE, ...more }]]);
  return { issuers, clock, domains: ['meet.jitsi', 'meet.example.org'], own: 'ostiary', ...about };
}

interface Brought {
  readonly to?: string;
  readonly claims?: object;
  readonly issuer?: Partial<Issuer>;
  readonly about?: Partial<LinkParts>;
}

/** What a link is bound to, or why it is not. */
async function follow({
  to = '/standup',
  claims = {},
  issuer,
  about,
}: Brought = {}): Promise<string | PersonBound> {
  const token = linkToken(linkClaims(clock, claims));
  const followed = await followLink(token, parseRoomPath(to), parts(issuer, about));
  switch (followed.kind) {
    case 'followed':
      return followed.person.bound;
    case 'refused':
      return `${followed.problem.code} ${followed.problem.facts['why']}`;
    case 'ours':
      return 'ours';
  }
}

const roomOf = (bound: string | PersonBound) =>
  typeof bound === 'string' ? bound : `${bound.tenant ?? ''}/${bound.room}`;

test('a link is bound to its room, for as long as its token holds', async () => {
  const bound = await follow();
  assert.ok(typeof bound !== 'string');
  const { mark, ...rest } = bound;
  assert.deepEqual(rest, { room: 'standup', role: 'host', until: Math.floor(clock.now() / 1000) + 3600 });
  assert.equal(typeof mark, 'number');
});

test('a link to another room opens neither', async () => {
  assert.equal(await follow({ to: '/other' }), 'link.other-room room');
  for (const room of [
    '',
    'STANDUP2',
    'standup/x',
    'a/standup',
    '[a]standup',
    '%',
    7,
    null,
    ['standup'],
    {},
    '**',
    '.*',
  ])
    assert.equal(await follow({ claims: { room } }), 'link.other-room room', JSON.stringify(room));
});

test('a room is named in capitals, percent-encoded or as it is', async () => {
  for (const room of ['Mon Été', 'mon%20%c3%a9t%c3%a9', 'MON%20%C3%89T%C3%89'])
    assert.equal(
      roomOf(await follow({ to: '/Mon%20%C3%89t%C3%A9', claims: { room } })),
      '/mon%20%c3%a9t%c3%a9',
    );
});

test('every room at once is the one that is asked for, or none', async () => {
  assert.equal(roomOf(await follow({ to: '/other', claims: { room: '*' } })), '/other');
  const issuer = { wildcard: 'refuse' } as const;
  assert.equal(await follow({ to: '/other', claims: { room: '*' }, issuer }), 'link.not-allowed wildcard');
});

test('an application speaks for its rooms alone, its wildcard too', async () => {
  const issuer = { rooms: ['course-*', 'hall'] };
  for (const room of ['course-1', 'hall'])
    assert.equal(roomOf(await follow({ to: `/${room}`, claims: { room }, issuer })), `/${room}`);
  for (const room of ['standup', '*'])
    assert.equal(await follow({ claims: { room }, issuer }), 'link.not-allowed rooms');
});

test('a tenant must be named, and only the one that is', async () => {
  const to = '/physics/standup';
  assert.equal(roomOf(await follow({ to, claims: { sub: 'Physics' } })), 'physics/standup');
  assert.equal(roomOf(await follow({ to, claims: { sub: '*' } })), 'physics/standup');
  assert.equal(roomOf(await follow({ to: '/a.b/standup', claims: { sub: 'a_b' } })), 'a.b/standup');
  for (const sub of ['meet.jitsi', 'chemistry', 'physic', '', undefined, 7])
    for (const domains of [['meet.jitsi'], 'any'] as const)
      assert.equal(await follow({ to, claims: { sub }, about: { domains } }), 'link.other-room tenant');
});

test('where no tenant is, the domain is what Prosody takes: anything, if it does not compare', async () => {
  for (const sub of ['meet.jitsi', 'MEET.example.org', '*', undefined])
    assert.equal(roomOf(await follow({ claims: { sub } })), '/standup');
  assert.equal(await follow({ claims: { sub: 'physics' } }), 'link.other-room tenant');
  assert.equal(roomOf(await follow({ claims: { sub: 'whatever' }, about: { domains: 'any' } })), '/standup');
});

test('an application speaks for its tenants alone', async () => {
  const issuer = { tenants: ['physics', ''] };
  assert.equal(
    roomOf(await follow({ to: '/physics/standup', claims: { sub: '*' }, issuer })),
    'physics/standup',
  );
  assert.equal(roomOf(await follow({ issuer })), '/standup');
  const elsewhere = { to: '/chemistry/standup', claims: { sub: '*' }, issuer };
  assert.equal(await follow(elsewhere), 'link.not-allowed rooms');
});

test('a token of our own is no link, unless an application goes by our name', async () => {
  assert.equal(await follow({ claims: { iss: 'ostiary' } }), 'ours');
  assert.equal(roomOf(await follow({ about: { own: 'moodle' } })), '/standup');
});

const NOW = Math.floor(clock.now() / 1000);

/** Tokens as the applications themselves make them, where they differ from each other. */
const APPLICATIONS: Readonly<Record<string, Brought & { readonly role: string }>> = {
  'Moodle, a teacher': {
    to: '/Kurs-7.Gr%C3%B6%C3%9Fe',
    claims: {
      ...{ room: 'Kurs-7.Gr%C3%B6%C3%9Fe', sub: 'meet.example.org', nbf: undefined, exp: NOW + 86_400 },
      ...{
        moderator: true,
        context: { user: { affiliation: 'owner', name: 'A', email: '', id: '' }, group: '' },
      },
    },
    role: 'host',
  },
  'Moodle, a student': {
    claims: { moderator: false, context: { user: { affiliation: 'member', name: 'B', email: '', id: '' } } },
    role: 'participant',
  },
  Nextcloud: {
    to: '/0b9a3c1e-5d1f-4a58-9a0c-2f3c4d5e6f70',
    claims: {
      ...{ room: '0b9a3c1e-5d1f-4a58-9a0c-2f3c4d5e6f70', sub: '*', nbf: undefined, exp: NOW + 43_200 },
      context: { user: { name: 'C', lobby: false } },
    },
    role: 'participant',
  },
  'Rocket.Chat, every room': {
    to: '/RocketChatGENERAL',
    claims: {
      ...{ room: '*', sub: 'meet.example.org', aud: 'RocketChat', iat: NOW, nbf: NOW, moderator: true },
      context: { user: { name: 'D', avatar: 'https://chat.example.org/avatar/d', email: 'd@rocket.chat' } },
    },
    role: 'participant',
  },
  'Rocket.Chat, nobody in particular': { claims: { context: '' }, role: 'participant' },
  Mattermost: {
    to: '/town-square-qx3',
    claims: {
      ...{ room: 'town-square-qx3', aud: ['mattermost'], sub: 'meet.example.org', nbf: undefined },
      context: { user: { id: 'k7', name: 'E', email: 'e@example.org', avatar: '' }, group: '' },
    },
    issuer: { audience: 'mattermost' },
    role: 'participant',
  },
};

for (const [application, { role, ...brought }] of Object.entries(APPLICATIONS))
  test(`a link as it comes from ${application}, holds`, async () => {
    const bound = await follow(brought);
    assert.ok(typeof bound !== 'string', String(bound));
    assert.equal(bound.role, role);
  });

test('whatever a link says, it is bound to the room it came to, and to no higher role than its application has', () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom('/standup', '/other', '/a/standup', '/b/other'),
      fc.constantFrom('*', 'standup', 'other'),
      fc.constantFrom('*', 'a', 'b', 'meet.jitsi', undefined),
      fc.constantFrom(...ROLES),
      fc.boolean(),
      async (to, room, sub, role, moderator) => {
        const context = { user: { id: '1', moderator } };
        const bound = await follow({ to, claims: { room, sub, context }, issuer: { role } });
        if (typeof bound === 'string') return;
        const asked = parseRoomPath(to);
        assert.deepEqual([bound.room, bound.tenant], [asked.claim, asked.tenant]);
        assert.ok(room === '*' || room === asked.name);
        assert.ok(asked.tenant === undefined || sub === '*' || sub === asked.tenant);
        assert.ok(ROLES.indexOf(bound.role) >= ROLES.indexOf(role));
        assert.ok(moderator || bound.role !== 'host');
      },
    ),
  ));

const grace: Person = {
  id: 'moodle#17',
  provider: 'moodle',
  emailVerified: false,
  groups: [],
  bound: { room: 'standup', role: 'host', until: 9, mark: 1 },
};

test('what the operator takes from an application, its people do not have any more', () => {
  const now = (more: Partial<Issuer>) =>
    stillVouched(grace, { issuers: parts(more).issuers, apps: new Map() });
  assert.equal(now({}), grace);
  assert.equal(stillVouched(grace, { issuers: new Map(), apps: new Map() }), undefined);
  assert.equal(now({ rooms: ['other'] }), undefined);
  assert.equal(now({ tenants: ['physics'] }), undefined);
  assert.equal(now({ role: 'guest' })?.bound?.role, 'guest');
});

test('the same for whom an application asked itself; who has an account is not asked about', () => {
  const { bound: _, ...ada } = grace;
  const nobody = { issuers: new Map(), apps: new Map() };
  assert.equal(stillVouched(ada, nobody), ada);
  const asked: Person = { ...ada, provider: 'app:crm', bound: { room: 'standup', role: 'host', until: 9 } };
  const now = (rooms: readonly string[], role: 'host' | 'guest' = 'host') =>
    stillVouched(asked, { ...nobody, apps: new Map([['app:crm', { rooms, tenants: [''], role }]]) });
  assert.equal(now(['stand*']), asked);
  assert.equal(now(['other']), undefined);
  assert.equal(now(['*'], 'guest')?.bound?.role, 'guest');
  assert.equal(stillVouched(asked, nobody), undefined);
});
