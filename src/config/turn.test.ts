import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../../test/house/manual.ts';

const SECRET = 'forty-three-characters-that-nobody-could-guess';
const URLS = ['turn:turn.example.org'];

function complaints(turn: object, more: object = {}): readonly string[] {
  const read = readSettings({ turn: { urls: URLS, secret: SECRET, ...turn }, ...more });
  return 'complaints' in read ? read.complaints.map(({ path, wrong }) => `${path} ${wrong}`) : [];
}

for (const [said, turn, more] of [
  ['', {}],
  ['', { bridges: ['10.0.0.7', '10.0.0.0/16', '2001:db8::7', '2001:db8:1::/48', 'fd00::ffff:1'] }],
  ['turn.secret is missing', { secret: undefined }],
  ['turn.secret is shorter', { secret: 'short' }],
  ['', { secret: 'short', urls: [] }],
  ['turn.otherSecret stands in published', { otherSecret: 'changeme' }],
  ['turn.lifetime is shorter', { lifetime: '1h' }],
  ['', { lifetime: '1h' }, { tokens: { lifetime: '1h' } }],
  ['turn.bridges[0] is more', { bridges: ['0.0.0.0/0'] }],
  ['turn.bridges[0] is more', { bridges: ['10.0.0.0/8'] }],
  ['turn.bridges[0] is more', { bridges: ['0.0.0.1/24'] }],
  ['turn.bridges[0] is more', { bridges: ['0.0.0.0'] }],
  ['turn.bridges[0] is more', { bridges: ['::'] }],
  ['turn.bridges[0] is more', { bridges: ['::1/64'] }],
  ['turn.bridges[1] is more', { bridges: ['10.0.0.7', '::/0'] }],
  ['turn.bridges[0] is more', { bridges: ['::ffff:10.0.0.7'] }],
  ['turn.bridges[0] is more', { bridges: ['0:0:0:0:0:FFFF:0a00:7'] }],
  ['turn.keyFile is missing', { certFile: '/a.pem' }],
  ['turn.cliPassword stands beside no', { cliPassword: SECRET }],
  ['turn.cliPassword is shorter', { cliPassword: 'short', database: '/turndb' }],
  ['', { cliPassword: SECRET, database: '/turndb' }],
  ['turn.urls[0] is no TURN address', { urls: ['stun:stun.example.org'] }],
  ['turn.urls[0] is no TURN address', { urls: ['turn:turn.example.org/x'] }],
] as const)
  test(`with ${JSON.stringify(turn)} ${said === '' ? 'nothing is wrong' : `“${said}” is told`}`, () => {
    const told = complaints(turn, more);
    assert.equal(told.length, said === '' ? 0 : 1, told.join('\n'));
    assert.ok((told[0] ?? '').startsWith(said), told[0]);
  });
