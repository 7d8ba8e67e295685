/** What becomes of claims, and what never does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isProblem } from '../base/problem.ts';
import { claimAt } from './claim-path.ts';
import {
  type Claims,
  cleanEmail,
  cleanName,
  type ProfileMapping,
  speaksOfEverything,
  toPerson,
} from './profile.ts';

const MAPPING: ProfileMapping = {
  id: ['sub'],
  name: ['name', 'preferred_username'],
  email: 'email',
  emailVerified: { claim: 'email_verified' },
  avatar: 'picture',
  groups: { claim: 'groups', required: true },
};

const ADA: Claims = {
  sub: 'ada',
  name: 'Ada Lövelace',
  email: 'Ada@Example.ORG',
  email_verified: true,
  picture: 'https://example.org/ada.png',
  groups: ['staff', 'editors'],
};

const person = (claims: Claims, mapping: Partial<ProfileMapping> = {}) =>
  toPerson({ ...ADA, ...claims }, { ...MAPPING, ...mapping }, 'sso');

test('claims become a person', () =>
  assert.deepEqual(person({}), {
    id: 'sso#ada',
    provider: 'sso',
    name: 'Ada Lövelace',
    email: 'Ada@example.org',
    emailVerified: true,
    avatar: 'https://example.org/ada.png',
    groups: ['staff', 'editors'],
  }));

test('a person of Entra is known by tenant and object together', () =>
  assert.equal(person({ tid: 't-1', oid: 'o-1' }, { id: ['tid', 'oid'] }).id, 'sso#t-1:o-1'));

test('two claims that hold colons never make the id of somebody else', () => {
  const mapping = { id: ['tid', 'oid'] };
  assert.notEqual(person({ tid: 'a:b', oid: 'c' }, mapping).id, person({ tid: 'a', oid: 'b:c' }, mapping).id);
});

for (const sub of [undefined, null, '', 7.5, {}, ['ada'], 'ada\n', 'x'.repeat(257)])
  test(`an identifier of ${JSON.stringify(sub)?.slice(0, 20)} is no identifier`, () =>
    assert.throws(
      () => person({ sub }),
      (thrown) => isProblem(thrown, 'provider.id-missing') && thrown.facts['claim'] === 'sub',
    ));

test('a number may identify somebody', () => assert.equal(person({ sub: 4711 }).id, 'sso#4711'));

test('an identifier is matched to the letter, never lower-cased', () =>
  assert.notEqual(person({ sub: 'Ada' }).id, person({ sub: 'ada' }).id));

test('the second name is taken where the first is missing or empty', () =>
  assert.equal(person({ name: '  ', preferred_username: 'ada' }).name, 'ada'));

for (const [what, value, name] of [
  ['controls and line breaks become spaces', 'Ada\r\nLove\u0000lace', 'Ada Love lace'],
  ['direction marks go', '\u202eadA\u2066', 'adA'],
  ['a lone surrogate is replaced', 'Ada\ud800', 'Ada\ufffd'],
  ['a name has a hundred characters at most', 'é'.repeat(300), 'é'.repeat(100)],
  ['emoji are not cut in two', '😀'.repeat(150), '😀'.repeat(100)],
  ['a name nobody can see is none', '\u200d\u200d', undefined],
  ['a name that is no text is none', { first: 'Ada' }, undefined],
] as const)
  test(`in a name, ${what}`, () => assert.equal(cleanName(value), name));

for (const email of [
  'ada',
  'ada@',
  '@example.org',
  'a@evil.example@corp.example',
  '"a@corp.example"@evil.example',
  '"a b"@corp.example',
  'a @corp.example',
  'a@corp.example.',
  'a@.corp.example',
  'a@corp..example',
  'a@corp.example\n',
  'a@c\u043erp.example',
  'a@\uff23orp.example',
  'a@\u212aorp.example',
  'a@corp_.example',
  'a,b@corp.example',
  'Ada <ada@corp.example>',
  `${'a'.repeat(250)}@corp.example`,
  ['ada@corp.example'],
])
  test(`${JSON.stringify(email).slice(0, 40)} is not one address`, () =>
    assert.equal(cleanEmail(email), undefined));

test('an address has its domain in lower case and its name as it was', () =>
  assert.equal(cleanEmail('Ada.Lovelace+Jitsi@CORP.Example'), 'Ada.Lovelace+Jitsi@corp.example'));

for (const said of [false, 'false', 1, '1', 'yes', 'True', null, undefined, {}])
  test(`an address with email_verified ${JSON.stringify(said)} is not verified`, () =>
    assert.equal(person({ email_verified: said }).emailVerified, false));

test('an address is verified where the provider says so in text', () =>
  assert.equal(person({ email_verified: 'true' }).emailVerified, true));

test('an operator may name what else counts as verified', () => {
  const emailVerified = { claim: 'xms_edov', says: [true, 'true', 1, '1'] };
  assert.equal(person({ xms_edov: '1' }, { emailVerified }).emailVerified, true);
  assert.equal(person({ email_verified: true }, { emailVerified }).emailVerified, false);
});

test('an operator may promise that every address is verified', () =>
  assert.equal(person({ email_verified: false }, { emailVerified: 'always' }).emailVerified, true));

test('where there is no usable address, nothing is verified', () => {
  const bob = person({ email: 'two@at@example.org' }, { emailVerified: 'always' });
  assert.deepEqual([bob.email, bob.emailVerified], [undefined, false]);
});

for (const picture of [
  'http://example.org/a.png',
  'javascript:alert(1)',
  'data:image/png;base64,AA',
  'a.png',
  'https://u:p@example.org/a',
  `https://example.org/${'a'.repeat(1024)}`,
])
  test(`an avatar at ${picture.slice(0, 30)} is left out`, () =>
    assert.equal(person({ picture }).avatar, undefined));

for (const [where, claim, claims] of [
  ['at a path', 'realm_access.roles', { realm_access: { roles: ['staff'] } }],
  [
    'under a name that is an address',
    'https://example.org/groups',
    { 'https://example.org/groups': ['staff'] },
  ],
  [
    'under a name with dots, inside another',
    'resource_access.my.client.roles',
    { resource_access: { 'my.client': { roles: ['staff'] } } },
  ],
  [
    'as the keys of an object',
    'urn:zitadel:iam:org:project:roles',
    { 'urn:zitadel:iam:org:project:roles': { staff: { '1': 'x.example' } } },
  ],
  ['as one text', 'group', { group: 'staff' }],
] as const)
  test(`groups are found ${where}`, () =>
    assert.deepEqual(person(claims, { groups: { claim, required: true } }).groups, ['staff']));

test('an empty list of groups is really none', () => assert.deepEqual(person({ groups: [] }).groups, []));

const missing = (why: string) => (thrown: unknown) =>
  isProblem(thrown, 'provider.groups-missing') && thrown.facts['why'] === why;

test('groups that are required and absent are a mistake, not "no groups"', () => {
  assert.throws(() => person({ groups: undefined }), missing('absent'));
  assert.throws(() => person({ groups: null }), missing('absent'));
});

test('groups that are not required may be absent', () =>
  assert.deepEqual(
    person({ groups: undefined }, { groups: { claim: 'groups', required: false } }).groups,
    [],
  ));

for (const overage of [{ _claim_names: { groups: 'src1' } }, { hasgroups: true }, { hasgroups: 'true' }])
  test(`${JSON.stringify(overage)} says that groups were left out, whether required or not`, () => {
    for (const required of [true, false])
      assert.throws(
        () => person({ groups: undefined, ...overage }, { groups: { claim: 'groups', required } }),
        missing('overage'),
      );
  });

test('more groups than can be kept are a mistake, because a cut list could lose the one that refuses', () =>
  assert.throws(
    () => person({ groups: Array.from({ length: 1001 }, (_, n) => `g${n}`) }),
    missing('too-many'),
  ));

test('groups in a shape nobody asked for are a mistake', () => {
  assert.throws(() => person({ groups: [{ name: 'staff' }] }), missing('shape'));
  assert.throws(() => person({ groups: 7 }), missing('shape'));
});

test('a group is taken to the letter or not at all', () =>
  assert.deepEqual(
    person({ groups: [' admin', 'ad\u0000min', 'x'.repeat(257), '', 'staff', 'staff', 4] }).groups,
    [' admin', 'staff'],
  ));

test('no mapping for groups means no groups', () => {
  const { groups: _, ...mapping } = MAPPING;
  assert.deepEqual(toPerson(ADA, mapping, 'sso').groups, []);
});

test('a claim called __proto__ is a claim like any other', () => {
  const claims = JSON.parse(
    '{"sub":"eve","__proto__":{"groups":["admins"],"email_verified":true},"groups":[]}',
  ) as Claims;
  assert.deepEqual(person(claims).groups, []);
  assert.equal(claimAt(claims, 'toString'), undefined);
  assert.equal(claimAt({}, '__proto__'), undefined);
  assert.deepEqual(claimAt(claims, '__proto__.groups'), ['admins']);
});

test('whoever has every claim is not asked about again', () => {
  assert.equal(speaksOfEverything(ADA, MAPPING), true);
  assert.equal(speaksOfEverything({ ...ADA, name: undefined, preferred_username: 'ada' }, MAPPING), true);
  for (const claim of ['sub', 'name', 'email', 'email_verified', 'picture', 'groups'])
    assert.equal(speaksOfEverything({ ...ADA, [claim]: undefined }, MAPPING), false, claim);
});

test('whatever a provider says, a person is within bounds or a named problem', () =>
  fc.assert(
    fc.property(
      fc.record(
        {
          sub: fc.anything(),
          name: fc.anything(),
          email: fc.anything(),
          email_verified: fc.anything(),
          picture: fc.anything(),
          groups: fc.anything(),
        },
        { requiredKeys: [] },
      ),
      (claims) => {
        try {
          const found = toPerson(claims, MAPPING, 'sso');
          assert.ok(found.id.startsWith('sso#') && found.id.length <= 260);
          assert.ok((found.name ?? '').length <= 200);
          assert.ok(found.groups.every((group) => typeof group === 'string' && group.length <= 256));
          assert.ok(found.avatar === undefined || found.avatar.startsWith('https://'));
          assert.ok(found.email !== undefined || !found.emailVerified);
        } catch (thrown) {
          if (!isProblem(thrown, 'provider.id-missing') && !isProblem(thrown, 'provider.groups-missing'))
            throw thrown;
        }
      },
    ),
  ));

test('an address that is kept has one @ and an ASCII domain, whatever it was made of', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.domain(), (a, b, domain) => {
      for (const text of [`${a}@${b}`, `${a}@${domain}`, `${a}@${b}@${domain}`, a + b]) {
        const email = cleanEmail(text);
        if (email !== undefined) assert.match(email, /^[^@\s"]+@[a-z0-9.-]*[a-z0-9]$/);
      }
    }),
  ));

test('a path never leaves the claims it is read from', () =>
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (value, path) => {
      const found = claimAt(value, path);
      assert.ok(found === undefined || JSON.stringify(value).includes(JSON.stringify(found)));
    }),
  ));

test('attributes are read under the name that rules call them by', () => {
  const attributes = {
    affiliation: 'eduperson.affiliation',
    staff: 'is_staff',
    unit: 'unit',
    none: 'absent',
  };
  const claims = {
    eduperson: { affiliation: ['staff', 'member', 7, { a: 1 }, 'two\nlines'] },
    is_staff: true,
    unit: 'it',
  };
  assert.deepEqual(person(claims, { attributes }).attributes, {
    affiliation: ['staff', 'member', '7'],
    staff: ['true'],
    unit: ['it'],
  });
  assert.equal(person(claims).attributes, undefined);
});

test('more values than anybody has are no values, and the sign-in says so', () =>
  assert.throws(
    () => person({ unit: Array.from({ length: 101 }, String) }, { attributes: { unit: 'unit' } }),
    (thrown) => isProblem(thrown, 'provider.groups-missing') && thrown.facts['why'] === 'too-many',
  ));

test('who did not tell an attribute is asked for more', () =>
  assert.equal(speaksOfEverything(ADA, { ...MAPPING, attributes: { unit: 'unit' } }), false));
