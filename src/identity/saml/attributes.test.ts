import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProblem } from '../../base/problem.ts';
import { toPerson } from '../profile.ts';
import { personTold, subjectPath, toClaims } from './attributes.ts';

const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
const SCOPES = ['example.org'];

const told = (
  attributes: readonly (readonly [string, readonly string[]])[],
  nameId?: { readonly value: string; readonly format: string },
) => toClaims({ attributes, ...(nameId && { nameId }) }, SCOPES);

const idOf = (claims: ReturnType<typeof told>) =>
  toPerson(claims.claims, { id: subjectPath(claims), emailVerified: 'never' }, 'uni').id;

test('attributes have one name, whether they come by number, by address or by name', () => {
  for (const name of [
    'urn:oid:0.9.2342.19200300.100.1.3',
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
    'mail',
    'email',
  ])
    assert.deepEqual(told([[name, ['ada@example.org', 'ada@home.example']]]).claims, {
      mail: 'ada@example.org',
      mailInScope: 'true',
    });
});

test('a domain the identity provider may not speak for is left out, and told', () => {
  const { claims, outOfScope } = told([
    [
      'urn:oid:1.3.6.1.4.1.5923.1.1.1.9',
      ['staff@example.org', 'staff@evil.example', 'staff@example.org@evil.example'],
    ],
    ['urn:oid:1.3.6.1.4.1.5923.1.1.1.6', ['root@evil.example']],
    ['mail', ['ada@evil.example']],
  ]);
  assert.deepEqual(claims, { eduPersonScopedAffiliation: 'staff@example.org', mail: 'ada@evil.example' });
  assert.deepEqual(outOfScope, ['eduPersonScopedAffiliation', 'eduPersonPrincipalName']);
});

test('who has no name that stays is refused, and is never somebody new every day', () => {
  assert.equal(idOf(told([], { value: 'ada', format: PERSISTENT })), 'uni#ada');
  assert.equal(
    idOf(told([['urn:oasis:names:tc:SAML:attribute:subject-id', ['a@example.org']]])),
    'uni#a@example.org',
  );
  for (const format of [TRANSIENT, 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified', ''])
    assert.throws(() => idOf(told([['mail', ['ada@example.org']]], { value: '_x', format })), {
      code: 'provider.id-missing',
    });
});

test('where no name stays, the log hears what was sent instead: names of attributes, never what stands in them', () => {
  const statement = {
    attributes: [
      ['urn:oid:0.9.2342.19200300.100.1.3', ['secret-value@example.org']],
      ['x'.repeat(500), ['secret-value']],
      ...Array.from({ length: 50 }, (_, at) => [`a${at}`, ['secret-value']] as const),
    ] as const,
    nameId: { value: 'secret-value', format: TRANSIENT },
  };
  const claims = toClaims(statement, SCOPES);
  assert.throws(
    () => personTold(claims, { statement, mapping: { emailVerified: 'never' }, provider: 'uni' }),
    (thrown: unknown) => {
      assert.ok(isProblem(thrown, 'provider.id-missing'));
      const { sent, nameIdFormat } = thrown.facts;
      assert.equal(nameIdFormat, TRANSIENT);
      assert.match(String(sent), /^mail x+… a0 a1 /);
      assert.ok(String(sent).length < 1000, String(sent));
      assert.ok(!JSON.stringify(thrown.facts).includes('secret-value'));
      return true;
    },
  );
});

test('no attribute passes for what is made here, whatever it is called [SAML-40]', () => {
  const { claims } = told(
    [
      '__proto__',
      'constructor',
      'nameId',
      'persistentNameId',
      'mailInScope',
      'fullName',
      'issuer',
      'getAssertion',
    ].map((name) => [name, ['evil']] as const),
    { value: 'ada', format: PERSISTENT },
  );
  assert.deepEqual(
    [claims['nameId'], claims['persistentNameId'], claims['mailInScope']],
    ['ada', 'ada', undefined],
  );
  assert.equal(Object.getPrototypeOf(claims), Object.prototype);
  assert.equal(({} as Record<string, unknown>)['evil'], undefined);
});

test('names that stand twice are put together, and empty values say nothing [SAML-40]', () => {
  const many = Array.from({ length: 5000 }, (_, at) => `g${at}`);
  assert.deepEqual(
    told([
      ['isMemberOf', ['a', '', ' ']],
      ['memberOf', ['b']],
    ]).claims,
    { isMemberOf: ['a', 'b'] },
  );
  assert.equal((told([['isMemberOf', many]]).claims['isMemberOf'] as string[]).length, 5000);
});
