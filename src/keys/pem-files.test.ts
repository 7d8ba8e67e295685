import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fixedClock, unixSeconds } from '../base/clock.ts';
import { isProblem } from '../base/problem.ts';
import { signJwt, thumbprintOf, verifyJwt } from './jwt.ts';
import { createPemKeys } from './pem-files.ts';
import { makeRsaKey, publicPemOf } from './rsa.ts';

const folder = await mkdtemp(join(tmpdir(), 'ostiary-pem-'));
after(() => rm(folder, { recursive: true }));

async function put(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

const clock = fixedClock();
const onePem = await makeRsaKey();
const twoPem = await makeRsaKey();
const [one, two] = [await put('one.pem', onePem), await put('two.pem', twoPem)];

test('the first file signs and all are published', async () => {
  const keys = await createPemKeys([{ file: one, kid: '2026' }, { file: two }]);
  const signing = await keys.signing();
  const published = await keys.published();
  assert.equal(signing.kid, '2026');
  assert.deepEqual(
    published.map(({ kid }) => kid),
    ['2026', await thumbprintOf(publicPemOf(twoPem))],
  );
  const token = await signJwt({ iss: 'i', aud: 'a', exp: unixSeconds(clock) + 60 }, signing);
  const asked = {
    algorithms: ['RS256'],
    issuer: 'i',
    audience: 'a',
    requiredClaims: [],
    clock,
    leewaySeconds: 0,
  };
  await verifyJwt(token, { ...asked, keys: published });
});

test('what is published is no private key', async () => {
  const keys = await createPemKeys([{ file: one }, { file: two }]);
  assert.ok((await keys.published()).every(({ pem }) => pem.startsWith('-----BEGIN PUBLIC KEY-----')));
});

test('the older form of a private key is read as well', async () => {
  const file = await put(
    'pkcs1.pem',
    createPrivateKey(onePem).export({ type: 'pkcs1', format: 'pem' }).toString(),
  );
  const keys = await createPemKeys([{ file }]);
  assert.match((await keys.signing()).secret.reveal(), /^-----BEGIN PRIVATE KEY-----/);
});

const rsa = (modulusLength: number, publicExponent = 65_537) =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  });
const encrypted = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'canary' } as const;
const encryptedOld = { ...encrypted, type: 'pkcs1' } as const;
const privateKey = createPrivateKey(onePem);
const broken: Readonly<Record<string, readonly [string, string | Buffer]>> = {
  'of 1024 bits': ['short', rsa(1024)],
  'with exponent 3': ['exponent', rsa(2048, 3)],
  'that is an elliptic one': [
    'type',
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  ],
  'for PSS alone': [
    'type',
    generateKeyPairSync('rsa-pss', { modulusLength: 1024 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    }),
  ],
  'that is encrypted': ['encrypted', privateKey.export(encrypted)],
  'that is encrypted in the older way': ['encrypted', privateKey.export(encryptedOld)],
  'that is a public one': ['no-private-key', publicPemOf(onePem)],
  'that is cut short': ['not-a-key', onePem.slice(0, 400)],
  'that is no text of a key': ['no-private-key', 'canary'],
};
for (const [what, [why, text]] of Object.entries(broken))
  test(`a key ${what} is refused, with the file and why (JWT-23)`, async () => {
    const file = await put('broken.pem', text.toString());
    await assert.rejects(createPemKeys([{ file: one }, { file }]), (thrown) => {
      assert.ok(isProblem(thrown, 'key.unusable'));
      assert.deepEqual(thrown.facts, { file, why });
      return thrown.cause === undefined;
    });
  });

test('a file that is not there is named', async () => {
  const file = join(folder, 'absent.pem');
  await assert.rejects(
    createPemKeys([{ file }]),
    (thrown) => isProblem(thrown, 'key.unusable') && thrown.facts['why'] === 'ENOENT',
  );
});

test('the same kid, or the same key, twice is refused', async () => {
  const twice = (thrown: unknown) => isProblem(thrown, 'key.unusable') && thrown.facts['why'] === 'kid-twice';
  await assert.rejects(
    createPemKeys([
      { file: one, kid: 'a' },
      { file: two, kid: 'a' },
    ]),
    twice,
  );
  await assert.rejects(createPemKeys([{ file: one }, { file: one }]), twice);
});

test('no file is no key', async () => {
  await assert.rejects(createPemKeys([]), (thrown) => isProblem(thrown, 'key.none'));
});

test('files are read again when asked, and a bad one changes nothing', async () => {
  const file = await put('changing.pem', onePem);
  const keys = await createPemKeys([{ file }]);
  const before = (await keys.signing()).kid;
  await writeFile(file, 'half written');
  await assert.rejects(keys.reload());
  assert.equal((await keys.signing()).kid, before);
  await writeFile(file, twoPem);
  await keys.reload();
  assert.equal((await keys.signing()).kid, await thumbprintOf(publicPemOf(twoPem)));
});
