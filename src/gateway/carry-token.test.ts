/** Which pieces of a query reach Prosody, and where a token may stand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isProblem } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import { carriedQuery, queryWithToken, withoutTokens } from './carry-token.ts';

const here = (query: string) => {
  const { token, ...rest } = carriedQuery(query, { visitors: false });
  return { ...rest, ...(token !== undefined && { token: token.reveal() }) };
};

for (const [query, carried] of [
  ['', { query: '' }],
  ['room=standup', { query: 'room=standup', room: 'standup' }],
  ['room=stand%20up+x&previd=a%2Fb', { query: 'room=stand%20up+x&previd=a%2Fb', room: 'stand up x' }],
  ['room=a&token=e.y.J', { query: 'room=a', room: 'a', token: 'e.y.J' }],
  ['%74oken=e.y.J&room=a', { query: 'room=a', room: 'a', token: 'e.y.J' }],
  ['t%6Fke%6e=e.y.J', { query: '', token: 'e.y.J' }],
  ['%72oom=a', { query: '%72oom=a', room: 'a' }],
  ['token=', { query: '' }],
  ['token', { query: '' }],
  ['room', { query: '' }],
  ['room=a&prefix=evil', { query: 'room=a', room: 'a' }],
  ['room=a&p%72efix=evil', { query: 'room=a', room: 'a' }],
  ['room=a&customusername=x&vnode=v1&VNODE=v2&Room=b', { query: 'room=a', room: 'a' }],
  ['=token=x&&room=a=b&', { query: 'room=a=b', room: 'a=b' }],
  ['%2574oken=x', { query: '' }],
  ['+token=x&token+=y', { query: '' }],
  ['room=', { query: 'room=', room: '' }],
] as const)
  test(`of ?${query} this much passes`, () => assert.deepEqual(here(query), carried));

for (const query of [
  'room=a&room=a',
  'room=a&%72oom=b',
  'token=a&token=b',
  'token=&%74oken=b',
  'previd=a&previd=b',
  'room=%',
  'room=%c3',
])
  test(`?${query} is read in two ways and refused`, () =>
    assert.throws(
      () => carriedQuery(query, { visitors: false }),
      (thrown) => isProblem(thrown, 'request.malformed'),
    ));

test('visitors may bring what visitors bring', () =>
  assert.equal(
    carriedQuery('room=a&vnode=v1&customusername=x&other=1', { visitors: true }).query,
    'room=a&vnode=v1&customusername=x',
  ));

test('Prosody itself is told the tenant, before everything else and once', () =>
  assert.equal(
    carriedQuery('prefix=evil&room=a', { visitors: false, prefix: 'acme.org' }).query,
    'prefix=acme.org&room=a',
  ));

/** Prosody's own reading, line by line. @see prosody, util/http.lua, `formdecode` */
function prosodyReads(query: string): Map<string, string> {
  const read = new Map<string, string>();
  const decoded = (text: string) =>
    text
      .replaceAll('+', '%20')
      .replace(/%[0-9A-Fa-f]{2}/g, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
  for (const [, name = '', value = ''] of query.matchAll(/([^=&]*)=([^&]*)/g))
    read.set(decoded(name), decoded(value));
  return read;
}

/** Every character of the name as it is, or escaped. */
const spelledName = fc
  .tuple(
    fc.constantFrom('room', 'token', 'prefix', 'previd', 'vnode', 'customusername', 'jwt', 'x', 'Token', ''),
    fc.array(fc.constantFrom('as-is', 'lower', 'upper'), { minLength: 14, maxLength: 14 }),
  )
  .map(([name, ways]) =>
    [...name]
      .map((sign, at) => {
        const code = `%${sign.charCodeAt(0).toString(16)}`;
        return { 'as-is': sign, lower: code, upper: code.toUpperCase() }[ways[at] ?? 'as-is'];
      })
      .join(''),
  );
const value = fc.stringMatching(/^[a-z0-9+=%&.]{0,6}$/);
const anyQuery = fc
  .array(
    fc.oneof(
      fc.tuple(spelledName, value).map((pair) => pair.join('=')),
      spelledName,
      value,
    ),
    { maxLength: 7 },
  )
  .map((pieces) => pieces.join('&'));

test('whatever the spelling, Prosody reads only what may pass, and of that the same as before', () =>
  fc.assert(
    fc.property(anyQuery, fc.boolean(), (query, visitors) => {
      const allowed = visitors ? ['room', 'previd', 'vnode', 'customusername'] : ['room', 'previd'];
      let carried: ReturnType<typeof carriedQuery>;
      try {
        carried = carriedQuery(query, { visitors });
      } catch (thrown) {
        assert.ok(isProblem(thrown, 'request.malformed'));
        return;
      }
      const before = prosodyReads(query);
      const after = prosodyReads(carried.query);
      for (const name of before.keys()) if (!allowed.includes(name)) before.delete(name);
      assert.deepEqual(after, before);
      for (const piece of carried.query.split('&'))
        assert.ok(query.split('&').includes(piece) || piece === '');
    }),
    { numRuns: 2000 },
  ));

test('a token that was there is given back, and stands nowhere in what passes', () =>
  fc.assert(
    fc.property(anyQuery, anyQuery, (before, after) => {
      const query = `${before}&token=THETOKEN&${after}`;
      try {
        const carried = carriedQuery(query, { visitors: true });
        assert.equal(carried.token?.reveal(), 'THETOKEN');
        assert.ok(!carried.query.includes('THETOKEN'));
      } catch (thrown) {
        assert.ok(isProblem(thrown, 'request.malformed'));
      }
    }),
  ));

test('a token in the query is the last thing Prosody reads there', () => {
  assert.equal(queryWithToken('', new Secret('e.y.J')), 'token=e.y.J');
  assert.equal(prosodyReads(queryWithToken('room=a', new Secret('e.y.J'))).get('token'), 'e.y.J');
});

for (const [query, left] of [
  ['a=1&jwt=x&b=2', 'a=1&b=2'],
  ['token=x', ''],
  ['%6Awt=x&c=%41', 'c=%41'],
  ['JWT=x&Token=y&tokens=z', 'tokens=z'],
  ['token&a', 'a'],
  ['a=jwt&&b=', 'a=jwt&&b='],
  ['v=8542', 'v=8542'],
] as const)
  test(`?${query} without tokens is ?${left}`, () => assert.equal(withoutTokens(query), left));

test('what is left of any query names no token, and the rest stands as it stood', () =>
  fc.assert(
    fc.property(anyQuery, (query) => {
      const left = withoutTokens(query);
      for (const name of prosodyReads(left).keys()) assert.ok(!['jwt', 'token'].includes(name.toLowerCase()));
      assert.ok(left === '' || left.split('&').every((piece) => query.split('&').includes(piece)));
    }),
  ));
