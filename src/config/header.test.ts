/** What is told of a proxy that would be believed by mistake. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from './load.ts';

const SECRET = 'a secret of forty-three characters or of more';

function told(header: Readonly<Record<string, unknown>>, more: object = {}): readonly string[] {
  const parsed = parseConfig({
    yamlText: JSON.stringify({
      publicUrl: 'https://meet.example.org',
      jitsi: { roles: 'enforced' },
      providers: [{ id: 'front', kind: 'header', header, ...more }],
    }),
    env: {},
    readFile: (path: string) => {
      throw new Error(path);
    },
    folder: '/',
  });
  return 'complaints' in parsed ? parsed.complaints.map(({ path }) => path) : [];
}

const FRONT = 'providers[0].header';

test('the least is where the proxy is and what it knows', () =>
  assert.deepEqual(told({ from: ['127.0.0.1', '::1', '10.0.0.0/8', 'fc00::/7'], secret: SECRET }), []));

test('without a secret, or with one that can be guessed, nobody is believed', () => {
  assert.deepEqual(told({ from: ['127.0.0.1'] }), [`${FRONT}.secret`]);
  for (const secret of ['short', 'changeme', 'secret'])
    assert.deepEqual(told({ from: ['127.0.0.1'], secret }), [`${FRONT}.secret`], secret);
});

test('who would be anybody is not believed', () => {
  assert.deepEqual(told({ secret: SECRET }), [`${FRONT}.from`]);
  for (const range of [
    '0.0.0.0/0',
    '128.0.0.0/1',
    '8.0.0.0/7',
    '::/0',
    '2000::/3',
    '::ffff:0:0/96',
    '::ffff:10.0.0.1/97',
  ])
    assert.deepEqual(told({ from: ['127.0.0.1', range], secret: SECRET }), [`${FRONT}.from[1]`], range);
});

test('the secret does not stand in a header that names people', () => {
  for (const said of [
    { header: { secretHeader: 'Remote_User' }, subject: ['Remote-User'] },
    { header: { secretHeader: 'X-Mail', emailHeader: 'x.mail' } },
  ]) {
    const { header, ...more } = said;
    assert.deepEqual(told({ from: ['127.0.0.1'], secret: SECRET, ...header }, more), [
      `${FRONT}.secretHeader`,
    ]);
  }
});

test('what is signed says by whom and for whom, and needs no secret; nothing else is signed', () => {
  const signed = { from: ['127.0.0.1'], preset: 'pomerium' };
  assert.deepEqual(
    told(signed),
    ['jwksUri', 'issuer', 'audience'].map((name) => `${FRONT}.${name}`),
  );
  const whole = { jwksUri: 'https://p.example.org/jwks.json', issuer: 'p', audience: 'p' };
  assert.deepEqual(told({ ...signed, ...whole }), []);
  assert.deepEqual(told({ ...signed, ...whole, jwksUri: 'http://p.example.org/jwks.json' }), [
    `${FRONT}.jwksUri`,
  ]);
  assert.deepEqual(told({ from: ['127.0.0.1'], secret: SECRET, audience: 'p' }), [`${FRONT}.audience`]);
});

test('how values are written is asked of headers alone: a certificate and an assertion say it themselves', () => {
  const from = ['127.0.0.1'];
  const signed = { jwksUri: 'https://p.example.org/jwks.json', issuer: 'p', audience: 'p' };
  for (const said of [
    { preset: 'client-certificate', secret: SECRET },
    { preset: 'pomerium', ...signed },
  ]) {
    assert.deepEqual(told({ from, ...said, encoding: 'latin1' }), [`${FRONT}.encoding`]);
    assert.deepEqual(told({ from, ...said, separator: ';' }), [`${FRONT}.separator`]);
  }
  assert.deepEqual(told({ from, secret: SECRET, encoding: 'latin1', separator: ';' }), []);
});
