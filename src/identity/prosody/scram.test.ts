/** SCRAM by the examples of its standards, and a server that does not know the password. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../../base/secret.ts';
import { localpartOf } from './jid.ts';
import { beginScram, proveScram, readChallenge, saslPrep } from './scram.ts';

const PENCIL = new Secret('pencil');

for (const [what, hash, nonce, challenge, proof, signature] of [
  [
    'RFC 5802, section 5 (SHA-1)',
    'sha1',
    'fyko+d2lbbFgONRv9qkxdawL',
    'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
    'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  ],
  [
    'RFC 7677, section 3 (SHA-256)',
    'sha256',
    'rOprNGfwEbeRWgbNEkqO',
    'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  ],
] as const)
  test(`the example of ${what} is said and answered to the letter`, async () => {
    const { message, begun } = beginScram(hash, { username: 'user', nonce });
    assert.equal(message, `n,,n=user,r=${nonce}`);
    const read = readChallenge(challenge, begun);
    assert.ok(read);
    const { message: last, answers } = await proveScram(begun, read, { password: PENCIL });
    assert.equal(last, proof);
    assert.equal(answers(signature), true);
    assert.equal(answers(signature.replace('v=r', 'v=s').replace('v=6', 'v=7')), false);
    for (const other of ['', 'v=', 'v=AAAA', 'e=other-error', `x=${signature}`])
      assert.equal(answers(other), false, other);
  });

test('a name with signs of SCRAM in it stays a name', () => {
  assert.equal(beginScram('sha1', { username: 'a,n=b', nonce: 'x' }).message, 'n,,n=a=2Cn=3Db,r=x');
});

const { begun } = beginScram('sha256', { username: 'user', nonce: 'ours' });
for (const [what, text] of [
  ['a nonce that is not ours', 'r=theirs,s=QSXCR+Q6sek8bf92,i=4096'],
  ['a nonce that is only ours', 'r=ours,s=QSXCR+Q6sek8bf92,i=4096'],
  ['rounds that make guessing cheap', 'r=oursX,s=QSXCR+Q6sek8bf92,i=1'],
  ['rounds that would take a minute', 'r=oursX,s=QSXCR+Q6sek8bf92,i=9999999'],
  ['no salt', 'r=oursX,s=,i=4096'],
  ['an extension that must be understood', 'm=x,r=oursX,s=QSXCR+Q6sek8bf92,i=4096'],
  ['nothing', ''],
] as const)
  test(`a challenge with ${what} is none`, () => assert.equal(readChallenge(text, begun), undefined));

test('a password is one, however its spaces and letters are written', () => {
  assert.equal(saslPrep('I\u00adX'), 'IX');
  assert.equal(saslPrep('a\u00a0b\u3000c'), 'a b c');
  assert.equal(saslPrep('\u2168'), 'IX');
  assert.equal(saslPrep('pa\u0308ss'), 'päss');
});

for (const [typed, local] of [
  ['ada', 'ada'],
  ['ADA', 'ada'],
  ['ada@auth.example', 'ada'],
  ['Ada@AUTH.example', 'ada'],
  ['ada.lovelace-1', 'ada.lovelace-1'],
  ['Jörg', 'jörg'],
  ['jo\u0308rg', 'jörg'],
  ['ＡＤＡ', 'ada'],
] as const)
  test(`${JSON.stringify(typed)} is the account ${local}`, () =>
    assert.equal(localpartOf(typed, 'auth.example'), local));

for (const typed of [
  '',
  '@auth.example',
  'ada@other.example',
  'ada@auth.example@auth.example',
  'ada/desktop',
  'a b',
  'a"b',
  "a'b",
  'a&b',
  'a<b',
  'a:b',
  'a\0b',
  'a\u00adda',
  'a\u200dda',
  'a\ufe0fda',
  'a\u202eda',
  'straße',
  'σίσυφος',
  'ada\u0131',
  'x'.repeat(300),
])
  test(`${JSON.stringify(typed.slice(0, 40))} is no account: Prosody would refuse it, or take it for another`, () =>
    assert.equal(localpartOf(typed, 'auth.example'), undefined));
