/** Hashes as they are written, and the bounds they are held to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countingRandom } from '../../base/random.ts';
import { Secret } from '../../base/secret.ts';
import { createHashing } from './hashing.ts';
import { readPhc, writePhc } from './phc.ts';

const SALT = 'c2FsdHNhbHRzYWx0c2FsdA';
const HASH = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

for (const text of [
  `$scrypt$ln=15,r=8,p=1$${SALT}$${HASH}`,
  `$argon2id$v=19$m=19456,t=2,p=1$${SALT}$${HASH}`,
])
  test(`${text.split('$')[1]} is read and written back as it stood`, () => {
    const read = readPhc(text);
    assert.ok(read);
    assert.equal(writePhc(read), text);
  });

for (const [what, text] of [
  ['a password in plain', 'correct horse'],
  ['an MD5 of crypt', '$1$salt$qJH7.N4xYta3aEG/dfqo/0'],
  ['argon2i, which is weaker', `$argon2i$v=19$m=19456,t=2,p=1$${SALT}$${HASH}`],
  ['argon2id of the version before', `$argon2id$v=16$m=19456,t=2,p=1$${SALT}$${HASH}`],
  ['argon2id without a version', `$argon2id$m=19456,t=2,p=1$${SALT}$${HASH}`],
  ['a gigabyte of argon2id', `$argon2id$v=19$m=1048576,t=1,p=1$${SALT}$${HASH}`],
  ['a thousand passes', `$argon2id$v=19$m=19456,t=1000,p=1$${SALT}$${HASH}`],
  ['more lanes than memory', `$argon2id$v=19$m=16,t=1,p=4$${SALT}$${HASH}`],
  ['a gigabyte of scrypt', `$scrypt$ln=20,r=8,p=1$${SALT}$${HASH}`],
  ['scrypt of a thousand lanes', `$scrypt$ln=15,r=8,p=1000$${SALT}$${HASH}`],
  ['costs of nothing', `$scrypt$ln=0,r=8,p=1$${SALT}$${HASH}`],
  ['one cost twice', `$scrypt$ln=15,ln=15,p=1$${SALT}$${HASH}`],
  ['a salt of three bytes', `$scrypt$ln=15,r=8,p=1$c2Fs$${HASH}`],
  ['a hash of one byte', `$scrypt$ln=15,r=8,p=1$${SALT}$AA`],
  ['no hash', `$scrypt$ln=15,r=8,p=1$${SALT}$`],
] as const)
  test(`${what} is no hash that we take`, () => assert.equal(readPhc(text), undefined));

test('the example of RFC 7914 is the password it says', async () => {
  // Section 12: scrypt(P="pleaseletmein", S="SodiumChloride", N=16384, r=8, p=1, dkLen=64).
  const hash = Buffer.from(
    '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
    'hex',
  );
  const text = writePhc({ kind: 'scrypt', ln: 14, r: 8, p: 1, salt: Buffer.from('SodiumChloride'), hash });
  const read = readPhc(text);
  assert.ok(read);
  const hashing = createHashing();
  assert.equal(await hashing.matches(new Secret('pleaseletmein'), read), true);
  assert.equal(await hashing.matches(new Secret('pleaseletmeim'), read), false);
});

test('a hash we make is argon2id, holds, and is another one for the same password', async () => {
  const hashing = createHashing();
  const random = countingRandom();
  const [first, second] = [
    await hashing.make(new Secret('päss'), random),
    await hashing.make(new Secret('päss'), random),
  ];
  assert.match(first, /^\$argon2id\$v=19\$m=47104,t=1,p=1\$/);
  assert.notEqual(first, second);
  const read = readPhc(first);
  assert.ok(read);
  assert.equal(await hashing.matches(new Secret('päss'.normalize('NFD')), read), true);
  assert.equal(await hashing.matches(new Secret('pass'), read), false);
});

test('few are worked out at once, some wait, and who comes on top of that is told so', async () => {
  let [working, most] = [0, 0];
  const open: (() => void)[] = [];
  const hashing = createHashing(async (_, { hash }) => {
    working += 1;
    most = Math.max(most, working);
    await new Promise<void>((go) => open.push(go));
    working -= 1;
    return hash;
  });
  const of = readPhc(`$scrypt$ln=15,r=8,p=1$${SALT}$${HASH}`);
  assert.ok(of);
  const asked = Array.from({ length: 80 }, () =>
    hashing.matches(new Secret('x'), of).then(String, (thrown: { code?: string }) => thrown.code),
  );
  let done = false;
  const all = Promise.all(asked).finally(() => {
    done = true;
  });
  while (!done) {
    open.splice(0).forEach((go) => {
      go();
    });
    await new Promise((next) => setImmediate(next));
  }
  const answers = await all;
  assert.equal(most, 2);
  assert.deepEqual(
    ['true', 'sign-in.busy'].map((word) => answers.filter((answer) => answer === word).length),
    [66, 14],
  );
});
