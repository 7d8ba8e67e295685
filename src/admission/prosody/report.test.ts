/** What the Prosody module tells is read to the letter, or not at all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProblem } from '../../base/problem.ts';
import { readReport } from './report.ts';

const sound = { v: 1, from: 'b00t' };

test('a report is read with everything in it', () => {
  const one = { iss: 'jitsi', sid: 's', jti: 'j', person: 'sso#ada', room: 'standup', host: true };
  const said = { ...sound, after: 'a', full: true, more: true, refuse: 't' };
  const report = readReport(
    JSON.stringify({ ...said, come: { c1: { ...one, rooms: ['standup'] }, c2: {} }, gone: ['c3'] }),
  );
  assert.deepEqual(report, {
    ...{ from: 'b00t', after: 'a', full: true, more: true, refuse: 't', gone: ['c3'] },
    come: new Map([
      ['c1', { ...one, rooms: ['standup'] }],
      ['c2', { host: false, rooms: [] }],
    ]),
  });
});

test('an empty list is one, though Lua writes it as an object', () =>
  assert.deepEqual(readReport(JSON.stringify({ ...sound, gone: {} })).gone, []));

const long = 'x'.repeat(2000);
for (const [what, body] of [
  ['no JSON', 'standup'],
  ['a list', '[]'],
  ['another version', { ...sound, v: 2 }],
  ['nobody who says it', { v: 1 }],
  ['somebody with a name of any length', { ...sound, from: long }],
  ['connections in a list', { ...sound, come: [{}] }],
  ['a connection that is a text', { ...sound, come: { c1: 'ada' } }],
  ['a host by a word', { ...sound, come: { c1: { host: 'yes' } } }],
  ['a room that is a number', { ...sound, come: { c1: { rooms: [7] } } }],
  ['somebody in any number of rooms', { ...sound, come: { c1: { rooms: Array(17).fill('r') } } }],
  ['a claim of any length', { ...sound, come: { c1: { sid: long } } }],
  [
    'any number of connections',
    { ...sound, come: Object.fromEntries(Array.from({ length: 5001 }, (_, at) => [at, {}])) },
  ],
  ['a prototype', `{"v":1,"from":"b","come":{"c1":{"__proto__":{"host":true},"rooms":"standup"}}}`],
] as const)
  test(`${what} is no report`, () =>
    assert.throws(
      () => readReport(typeof body === 'string' ? body : JSON.stringify(body)),
      (thrown) => isProblem(thrown, 'request.malformed'),
    ));
