/** Our own reading of Jitsi's addresses, by cases: what it takes, and what it silently ignores. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JitsiAddress, openAddress } from './jitsi-address.ts';

const HOST = 'https://meet.example.org';
const read = (address: string) => {
  const { parameters, ...rest } = openAddress(address);
  return { ...rest, parameters: Object.fromEntries(parameters) };
};

const TOKENS: readonly (readonly [string, string, unknown])[] = [
  ['the fragment, as a JSON string', '#jwt=%22a.b.c%22', 'a.b.c'],
  ['the fragment, with bare quotes', '#jwt="a.b.c"', 'a.b.c'],
  ['the fragment, in curly quotes', '#jwt=%E2%80%9Ca.b.c%E2%80%9D', 'a.b.c'],
  ['the fragment without quotes: ignored', '#jwt=a.b.c', undefined],
  ['the query, raw', '?jwt=a.b.c', 'a.b.c'],
  ['the query in quotes: taken with them', '?jwt=%22a.b.c%22', '%22a.b.c%22'],
  ['both: the fragment goes before', '?jwt=query#jwt=%22fragment%22', 'fragment'],
  ['a fragment that does not parse leaves the query', '?jwt=query#jwt=fragment', 'query'],
  ['two in the fragment: the last', '#jwt=%221%22&jwt=%222%22', '2'],
  ['a value is cut at a second =', '#jwt=%22a%22=b', 'a'],
  ['the word undefined is none', '?jwt=query#jwt=undefined', 'query'],
  ['a number is taken as one', '#jwt=7', 7],
  ['a lone piece that is a path is a router’s', '#/jwt=%22a%22', undefined],
  ['keys are not decoded', '#%6Awt=%22a%22', undefined],
  ['nothing', '', undefined],
];
for (const [title, behind, jwt] of TOKENS)
  test(`the token of an address: ${title}`, () => assert.deepEqual(read(`${HOST}/x${behind}`).jwt, jwt));

test('keys that reach for a prototype are dropped, and so are values that hold one', () =>
  assert.deepEqual(
    read(
      `${HOST}/x#__proto__.x=1&config.constructor.y=1&a.prototype=1&b=${encodeURIComponent('{"__proto__":{}}')}&c=1`,
    ).parameters,
    { c: 1 },
  ));

test('a plus is a plus, and the first escaped ampersand is one', () =>
  assert.deepEqual(read(`${HOST}/x#a=%22b+c%22&d=%22e%5C%26f%22&g=%22h%5C%26i%5C%26%22`).parameters, {
    a: 'b+c',
    d: 'e&f',
  }));

const PLACES: readonly (readonly [string, Omit<JitsiAddress, 'parameters'>])[] = [
  [`${HOST}/`, { origin: HOST }],
  [`${HOST}/Stand-Up`, { origin: HOST, room: 'Stand-Up', roomSafe: 'stand-up' }],
  [`${HOST}/foo!bar`, { origin: HOST, room: 'foobar', roomSafe: 'foobar' }],
  [
    `${HOST}/acme/Gr%C3%B6%C3%9Fe`,
    { origin: HOST, tenant: 'acme', room: 'Gr%C3%B6%C3%9Fe', roomSafe: 'gr%c3%b6%c3%9fe' },
  ],
  [`${HOST}/a/b/c`, { origin: HOST, tenant: 'a/b', room: 'c', roomSafe: 'c' }],
  [`${HOST}/%EF%AC%81nance`, { origin: HOST, room: '%EF%AC%81nance', roomSafe: 'finance' }],
  [`${HOST}/50%`, { origin: HOST, room: '50%', roomSafe: '50%25' }],
  [`${HOST}/My Room`, { origin: HOST, room: 'MyRoom', roomSafe: 'myroom' }],
  ['https://user@meet.example.org/x', { origin: HOST, room: 'x', roomSafe: 'x' }],
  ['http://localhost:8000/x', { origin: 'http://localhost:8000', room: 'x', roomSafe: 'x' }],
  ['org.jitsi.meet://meet.example.org/x', { origin: HOST, room: 'x', roomSafe: 'x' }],
  ['org.jitsi.meet:https://meet.example.org/x', { origin: HOST, room: 'x', roomSafe: 'x' }],
  [
    'intent://meet.example.org/x?jwt=a.b.c#Intent;scheme=org.jitsi.meet;package=org.jitsi.meet;end',
    { origin: HOST, room: 'x', roomSafe: 'x', jwt: 'a.b.c' },
  ],
];
for (const [address, place] of PLACES)
  test(`${address} is read as Jitsi's clients read it`, () => {
    const { parameters: _, ...rest } = openAddress(address);
    assert.deepEqual(rest, place);
  });
