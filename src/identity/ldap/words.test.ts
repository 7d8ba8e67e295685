/** Filters, names and entries of a directory, without a directory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BerWriter } from 'ldapts';
import { isAtOrBelow, parseDn } from './dn.ts';
import { type Entry, groupNames, guidText, memberOf, textOf, whyShut } from './entry.ts';
import { equalityFilter, escapeValue, fillFilter, GROUPS_OF, NESTED_GROUPS_OF } from './filter.ts';
import { parseFilter } from './parsed-filter.ts';

test('whatever somebody types has no letter left that a filter reads', () => {
  assert.equal(escapeValue('*)(uid=*))(|(uid=*'), '\\2a\\29\\28uid\\3d\\2a\\29\\29\\28\\7c\\28uid\\3d\\2a');
  assert.equal(escapeValue('a\\b\0'), 'a\\5cb\\00');
  assert.equal(escapeValue('jörg'), 'j\\c3\\b6rg');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (typed) => {
      const filled = fillFilter('(&(objectClass=person)(uid={username}))', { username: typed });
      assert.match(filled, /^\(&\(objectClass=person\)\(uid=(?:[\w.-]|\\[0-9a-f]{2})*\)\)$/);
    }),
  );
});

test('a place that is filled is filled once, and what was typed fills no other place', () => {
  const filter = '(|(uid={username})(mail={username}))';
  assert.equal(
    fillFilter(filter, { username: '{dn}', dn: 'cn=admin' }),
    '(|(uid=\\7bdn\\7d)(mail=\\7bdn\\7d))',
  );
  assert.equal(fillFilter('uid={username}', { username: 'ada' }), '(uid=ada)');
  assert.equal(fillFilter('(uid={constructor})', {}), '(uid={constructor})');
});

test("Active Directory's nested groups are asked for by its own rule, with the name of the person as a value", () => {
  assert.equal(
    fillFilter(NESTED_GROUPS_OF, { dn: 'CN=Ada (IT),DC=corp' }),
    '(&(objectCategory=group)(member:1.2.840.113556.1.4.1941:=CN\\3dAda\\20\\28IT\\29\\2cDC\\3dcorp))',
  );
  assert.match(fillFilter(GROUPS_OF, { dn: 'cn=a', uid: 'a*' }), /memberUid=a\\2a\)\)\)$/);
});

test('the filter for an id writes bytes as bytes', () => {
  assert.equal(equalityFilter([['objectGUID', Buffer.from([1, 0x2a, 255])]]), '(objectGUID=\\01\\2a\\ff)');
  assert.equal(
    equalityFilter([
      ['o', 'x'],
      ['uid', 'a)'],
    ]),
    '(&(o=x)(uid=a\\29))',
  );
});

test('a GUID is written as Active Directory writes it', () => {
  const bytes = Buffer.from('33221100554477668899aabbccddeeff', 'hex');
  assert.equal(guidText(bytes), '00112233-4455-6677-8899-aabbccddeeff');
  assert.equal(guidText(bytes.subarray(1)), undefined);
});

for (const [dn, parts] of [
  ['cn=staff,ou=groups,dc=x', ['cn', 'staff', 'ou', 'groups', 'dc', 'x']],
  ['CN=Smith\\, John , OU=a\\+b;DC=x', ['cn', 'Smith, John', 'ou', 'a+b', 'dc', 'x']],
  ['cn="a,b",dc=x', ['cn', 'a,b', 'dc', 'x']],
  ['cn=J\\C3\\B6rg+uid=j,dc=x', ['cn', 'Jörg', 'dc', 'x']],
  ['2.5.4.3=oid,dc=x', ['2.5.4.3', 'oid', 'dc', 'x']],
] as const)
  test(`${dn} is taken apart where it is meant to be`, () =>
    assert.deepEqual(
      parseDn(dn)?.flatMap(({ type, value }) => [type, value]),
      parts,
    ));

for (const dn of ['', 'staff', 'cn=', 'cn="a,dc=x', 'cn=\\ff,dc=x', ',dc=x'])
  test(`${JSON.stringify(dn)} is no name`, () => assert.equal(parseDn(dn), undefined));

test('below is below, whatever the capitals and spaces, and never by the looks of the end', () => {
  const base = parseDn('OU=Groups, DC=Example,DC=org') ?? [];
  const below = (dn: string) => isAtOrBelow(parseDn(dn) ?? [], base);
  assert.ok(below('cn=staff,ou=groups,dc=example,dc=ORG'));
  assert.ok(below('cn=staff,ou=x,ou=groups,dc=example,dc=org'));
  assert.ok(!below('cn=staff,ou=other,dc=example,dc=org'));
  assert.ok(!below('cn=staff\\,ou=groups\\,dc=example\\,dc=org'));
  assert.ok(!below('cn=staff,cn=groups,dc=example,dc=org'));
});

test('groups elsewhere do not count by their short name, and without a base nobody has a short name', () => {
  const dns = ['cn=admins,ou=groups,dc=x', 'cn=admins,ou=mine,dc=x', 'ou=odd,ou=groups,dc=x', 'nonsense'];
  assert.deepEqual(groupNames(dns, 'ou=groups,dc=x'), ['admins']);
  assert.deepEqual(groupNames(dns, undefined), dns);
  assert.deepEqual(groupNames(dns, 'nonsense'), []);
});

function entry(attributes: Readonly<Record<string, string | Uint8Array>>): Entry {
  return {
    dn: 'cn=x',
    attributes: new Map(Object.entries(attributes).map(([name, value]) => [name.toLowerCase(), [value]])),
  };
}

const NOW = Date.parse('2026-03-02T09:00:00Z') / 1000;
/** Tenths of microseconds since 1601. */
const fileTime = (unix: number) => String(BigInt(unix) * 10_000_000n + 116_444_736_000_000_000n);

for (const [what, attributes, why] of [
  ['an ordinary one of Active Directory', { userAccountControl: '512', accountExpires: '0' }, undefined],
  ['one that never expires', { accountExpires: '9223372036854775807' }, undefined],
  ['one that expires tomorrow', { accountExpires: fileTime(NOW + 86_400) }, undefined],
  ['one that expired', { accountExpires: fileTime(NOW - 1) }, 'expired'],
  ['a disabled one', { userAccountControl: '514' }, 'disabled'],
  ['a disabled one among other bits', { userAccountControl: String(0x10000 | 0x200 | 2) }, 'disabled'],
  ['one of 389 Directory Server that is shut', { nsAccountLock: 'TRUE' }, 'disabled'],
  ['one of OpenLDAP that is shut for good', { pwdAccountLockedTime: '000001010000Z' }, 'disabled'],
  ['one of OpenLDAP that is shut for a while', { pwdAccountLockedTime: '20260302085900Z' }, undefined],
  ['a Unix account that expired', { shadowExpire: '1' }, 'expired'],
  ['a Unix account that never expires', { shadowExpire: '-1' }, undefined],
  ['one that tells nothing', {}, undefined],
] as const)
  test(`${what} is ${why ?? 'open'}`, () => assert.equal(whyShut(entry(attributes), NOW), why));

test('an attribute is found whatever its capitals, and memberOf cut short is said so', () => {
  assert.equal(textOf(entry({ DisplayName: 'Ada' }), 'displayname'), 'Ada');
  assert.equal(textOf(entry({ displayName: '' }), 'displayName'), undefined);
  assert.deepEqual(memberOf(entry({ memberOf: 'cn=a' })), ['cn=a']);
  assert.equal(memberOf(entry({ memberOf: '', 'memberOf;range=0-1499': 'cn=a' })), 'too-many');
});

/** The bytes that go to the directory. */
function sent(filter: string): string {
  const writer = new BerWriter();
  parseFilter(filter).write(writer);
  return writer.buffer.toString('latin1');
}

for (const [what, filter, bytes] of [
  [
    'the bytes of an id',
    equalityFilter([['objectGUID', Buffer.from('c3b6ff2a28', 'hex')]]),
    Buffer.from('c3b6ff2a28', 'hex'),
  ],
  [
    'an umlaut that somebody typed',
    fillFilter('(uid={username})', { username: 'jörg' }),
    Buffer.from('jörg'),
  ],
  ["an umlaut of the operator's own", '(&(ou=Köln)(uid=x))', Buffer.from('Köln')],
  [
    'an umlaut in what is asked of Active Directory',
    fillFilter(NESTED_GROUPS_OF, { dn: 'CN=Jörg' }),
    Buffer.from('CN=Jörg'),
  ],
  ['an umlaut beside a star', '(cn=jör*)', Buffer.from('jör')],
  ['an umlaut within a "not"', '(!(cn=ö))', Buffer.from('ö')],
] as const)
  test(`${what} goes to the directory as the bytes it is`, () => {
    assert.ok(
      sent(filter).includes(bytes.toString('latin1')),
      Buffer.from(sent(filter), 'latin1').toString('hex'),
    );
  });

test('a star that somebody typed is sent as a value, and one of the operator as a star', () => {
  assert.equal(
    parseFilter(fillFilter('(uid={username})', { username: 'a*' })).constructor.name,
    'EqualityFilter',
  );
  assert.equal(parseFilter('(uid=a*)').constructor.name, 'SubstringFilter');
});
