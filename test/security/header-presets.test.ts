/** What each kind of proxy writes, read as the person it speaks of. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { headerNamesOf, headerOptionsOf } from '../../src/app/headers.ts';
import { type Clock, fixedClock, systemClock } from '../../src/base/clock.ts';
import { isProblem } from '../../src/base/problem.ts';
import { type Config, parseConfig } from '../../src/config/load.ts';
import { createHeaderProvider } from '../../src/identity/header.ts';
import { HEADER_PRESETS, type HeaderPresetName } from '../../src/identity/header-presets.ts';
import { makeAuthority } from '../support/http-authority.ts';
import { makeKey, signToken } from '../support/jws.ts';

const SECRET = 'the secret between the proxy and us, 43 letters';
const utf8 = (text: string) => Buffer.from(text).toString('latin1');

function configOf(header: object, more: object = {}): Config {
  const parsed = parseConfig({
    yamlText: JSON.stringify({
      publicUrl: 'https://meet.example.org',
      jitsi: { roles: 'enforced' },
      hosts: ['staff'],
      providers: [
        { id: 'front', kind: 'header', header: { from: ['127.0.0.1'], secret: SECRET, ...header }, ...more },
      ],
    }),
    env: {},
    readFile: (path: string) => {
      throw new Error(path);
    },
    folder: '/',
  });
  if ('complaints' in parsed) throw new Error(JSON.stringify(parsed.complaints));
  return parsed.config;
}

const KEY = makeKey('p1', 'ES256');
const NOW = 1_800_000_000;

function providerOf(header: object, more: object = {}, clock: Clock = fixedClock(NOW * 1000)) {
  const outbound = async () => Response.json({ keys: [KEY.jwk] });
  const [options] = headerOptionsOf(configOf(header, more), { clock, outbound });
  assert.ok(options);
  return createHeaderProvider(options);
}

const MEMORY = { state: 's', nonce: 'n', verifier: 'v', redirectUri: 'https://meet.example.org/' };

async function personBy(provider: ReturnType<typeof providerOf>, headers: Readonly<Record<string, string>>) {
  const raw = Object.entries({ 'X-Ostiary-Secret': SECRET, ...headers }).flat();
  const found = await provider.finish(new URLSearchParams(), {
    ...MEMORY,
    shown: { socket: '127.0.0.1', raw },
  });
  assert.ok(found !== 'needs-person');
  return found.person;
}

const refusedWith = (code: string, why?: string) => (thrown: unknown) =>
  isProblem(thrown) && thrown.code === code && (why === undefined || thrown.facts['why'] === why);

/** As each of them sends them. */
const SENT: Readonly<Partial<Record<HeaderPresetName, Readonly<Record<string, string>>>>> = {
  generic: {
    'X-Ostiary-Id': 'ada',
    'X-Ostiary-Name': utf8('Lövelace, Ada'),
    'X-Ostiary-Email': 'ada@example.org',
    'X-Ostiary-Groups': 'staff,editors',
  },
  'mod-shib': {
    eppn: 'ada',
    displayName: utf8('Lövelace, Ada'),
    mail: 'ada@example.org;other@example.org',
    affiliation: 'staff;editors',
    'Shib-AuthnContext-Class': '',
  },
  'mod-shib-env': {
    'X-Ostiary-Id': 'ada',
    'X-Ostiary-Name': utf8('Lövelace, Ada'),
    'X-Ostiary-Email': 'ada@example.org',
    'X-Ostiary-Groups': 'staff;editors',
  },
  'mod-auth-openidc': {
    OIDC_CLAIM_sub: 'ada',
    OIDC_CLAIM_name: utf8('Lövelace, Ada'),
    OIDC_CLAIM_email: 'ada@example.org',
    OIDC_CLAIM_email_verified: '0',
    OIDC_CLAIM_groups: 'staff,editors',
  },
  lemonldap: {
    'Auth-User': 'ada',
    'Auth-Cn': utf8('Lövelace, Ada'),
    'Auth-Mail': 'ada@example.org',
    'Auth-Groups': 'staff; editors',
  },
  'oauth2-proxy': {
    'X-Forwarded-User': 'ada',
    'X-Forwarded-Preferred-Username': utf8('Lövelace, Ada'),
    'X-Forwarded-Email': 'ada@example.org',
    'X-Forwarded-Groups': 'staff,editors',
  },
  'oauth2-proxy-auth-request': {
    'X-Auth-Request-User': 'ada',
    'X-Auth-Request-Preferred-Username': utf8('Lövelace, Ada'),
    'X-Auth-Request-Email': 'ada@example.org',
    'X-Auth-Request-Groups': 'staff,editors',
  },
  authelia: {
    'Remote-User': 'ada',
    'Remote-Name': utf8('Lövelace, Ada'),
    'Remote-Email': 'ada@example.org',
    'Remote-Groups': 'staff,editors',
  },
};

for (const [preset, headers] of Object.entries(SENT)) {
  test(`${preset} names a person with groups, and no address counts as verified`, async () =>
    assert.deepEqual(await personBy(providerOf({ preset }), headers), {
      id: 'front#ada',
      provider: 'front',
      name: 'Lövelace, Ada',
      email: 'ada@example.org',
      emailVerified: false,
      groups: ['staff', 'editors'],
    }));

  test(`${preset} that sends no groups is told of, where a rule speaks of groups`, async () => {
    const without = Object.fromEntries(
      Object.entries(headers).filter(([name]) => !/groups|affiliation/i.test(name)),
    );
    await assert.rejects(personBy(providerOf({ preset }), without), refusedWith('provider.groups-missing'));
    const [name = ''] = Object.keys(headers).filter((one) => /groups|affiliation/i.test(one));
    assert.deepEqual((await personBy(providerOf({ preset }), { ...without, [name]: '' })).groups, []);
  });

  test(`every header of ${preset} is for us alone`, () => {
    const ours = headerNamesOf(configOf({ preset }));
    for (const name of [...Object.keys(headers), 'X-Ostiary-Secret']) assert.ok(ours.includes(name), name);
  });
}

test('mod_auth_openidc says with 1 that an address is verified, and what is promised counts everywhere', async () => {
  const headers = { ...SENT['mod-auth-openidc'], OIDC_CLAIM_email_verified: '1' };
  assert.equal((await personBy(providerOf({ preset: 'mod-auth-openidc' }), headers)).emailVerified, true);
  const promised = providerOf({ preset: 'authelia' }, { emailVerified: true });
  assert.equal((await personBy(promised, SENT.authelia ?? {})).emailVerified, true);
});

test('an id of several headers needs all of them, and two ids in one are nobody’s', async () => {
  const two = providerOf({ preset: 'mod-shib' }, { subject: ['realm', 'eppn'] });
  const headers = SENT['mod-shib'] ?? {};
  assert.equal((await personBy(two, { ...headers, realm: 'a:b' })).id, 'front#a%3Ab:ada');
  await assert.rejects(personBy(two, headers), refusedWith('provider.id-missing'));
  await assert.rejects(
    personBy(providerOf({ preset: 'mod-shib' }), { ...headers, eppn: 'ada;eve' }),
    refusedWith('header.unacceptable', 'several'),
  );
});

test('every preset says what to know of it in whole sentences', () => {
  for (const { hint } of Object.values(HEADER_PRESETS)) assert.match(hint, /^[A-Z].*\.$/s);
});

const POMERIUM = {
  preset: 'pomerium',
  jwksUri: 'https://meet.example.org/.well-known/pomerium/jwks.json',
  issuer: 'meet.example.org',
  audience: 'meet.example.org',
};
const SAID = {
  iss: 'meet.example.org',
  aud: 'meet.example.org',
  sub: 'ada',
  name: 'Ada',
  email: 'ada@example.org',
  groups: ['staff'],
  iat: NOW,
  exp: NOW + 300,
};
const CARRIER = 'X-Pomerium-Jwt-Assertion';

test('Pomerium’s assertion is read if its signature, its issuer, its audience and its time hold', async () => {
  const provider = providerOf({ ...POMERIUM, secret: undefined });
  const good = signToken(SAID, KEY);
  const person = await personBy(provider, { [CARRIER]: good });
  assert.deepEqual([person.id, person.name, person.groups], ['front#ada', 'Ada', ['staff']]);
  for (const [claims, key] of [
    [{ ...SAID, aud: 'other.example.org' }, KEY],
    [{ ...SAID, iss: 'other.example.org' }, KEY],
    [{ ...SAID, exp: NOW - 60 }, KEY],
    [SAID, makeKey('p1', 'ES256')],
  ] as const)
    await assert.rejects(
      personBy(provider, { [CARRIER]: signToken(claims, key) }),
      refusedWith('header.unacceptable', 'assertion'),
      JSON.stringify(claims),
    );
  await assert.rejects(personBy(provider, {}), refusedWith('provider.id-missing'));
  const spoken = { socket: '127.0.0.1', raw: [CARRIER, good] };
  const other = { ...person, id: 'front#eve' };
  assert.deepEqual(
    [await provider.contradicts?.(spoken, person), await provider.contradicts?.(spoken, other)],
    [false, true],
  );
});

let folder: string;
let ada: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'ostiary-certificate-'));
  ada = makeAuthority(folder).certify({ name: 'Ada Lövelace', unit: 'staff', email: 'ada@example.org' }).cert;
});
after(() => rmSync(folder, { recursive: true }));

const certified = (cert: string, verify = 'SUCCESS') => ({
  'X-SSL-Client-Verify': verify,
  'X-SSL-Client-Cert': cert,
});

test('a certificate is a person by its fingerprint, by issuer and number, or by its address', async () => {
  const by = (subject: readonly string[] | undefined) =>
    personBy(
      providerOf({ preset: 'client-certificate' }, subject && { subject }, systemClock),
      certified(encodeURIComponent(ada)),
    );
  const person = await by(undefined);
  assert.match(person.id, /^front#[0-9a-f]{64}$/);
  assert.deepEqual(
    [person.name, person.email, person.groups],
    ['Ada Lövelace', 'ada@example.org', ['staff']],
  );
  assert.equal((await by(['issuer', 'serial'])).id, 'front#CN=Test authority:01');
  assert.equal((await by(['email'])).id, 'front#ada@example.org');
  assert.deepEqual(
    (
      await personBy(
        providerOf({ preset: 'client-certificate' }, {}, systemClock),
        certified(ada.replace(/-----[A-Z ]+-----|\s/g, '')),
      )
    ).id,
    person.id,
    'as plain base64',
  );
});

test('a certificate that was not verified, is over or is none, is nobody', async () => {
  const provider = providerOf({ preset: 'client-certificate' }, {}, systemClock);
  const escaped = encodeURIComponent(ada);
  await assert.rejects(personBy(provider, certified(escaped, 'NONE')), refusedWith('provider.id-missing'));
  await assert.rejects(personBy(provider, certified(escaped, '')), refusedWith('provider.id-missing'));
  await assert.rejects(
    personBy(provider, certified(escaped, 'FAILED:unable to verify')),
    refusedWith('header.unacceptable', 'verify'),
  );
  for (const wrong of [
    'AAAA',
    `${escaped}%`,
    encodeURIComponent(ada.replace('MII', 'MIJ')),
    'a'.repeat(8000),
  ])
    await assert.rejects(
      personBy(provider, certified(wrong)),
      refusedWith('header.unacceptable', 'certificate'),
    );
  const late = providerOf({ preset: 'client-certificate' }, {}, fixedClock('2099-01-01T00:00:00Z'));
  await assert.rejects(personBy(late, certified(escaped)), refusedWith('header.unacceptable', 'expired'));
});
