/** Attacks on SAML responses: whatever was signed, bent; whatever was not signed, forged. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { before, test } from 'node:test';
import fc from 'fast-check';
import type { Expected, Judged } from '../../src/identity/saml/expected.ts';
import { judgeResponse } from '../../src/identity/saml/response.ts';
import { BENDS, bend } from '../support/bent.ts';
import {
  ACS,
  assertionXml,
  audience,
  conditions,
  confirmed,
  encryptedResponse,
  expecting,
  IDP,
  type KeyPair,
  makeKeyPair,
  REQUEST,
  responseXml,
  type Said,
  SP,
  SUCCESS,
  signed,
  signedResponse,
  time,
} from '../support/saml-idp.ts';

let idp: KeyPair;
let stranger: KeyPair;
let sp: KeyPair;
let good: Judged;

before(async () => {
  [idp, stranger, sp] = await Promise.all([makeKeyPair('idp'), makeKeyPair('stranger'), makeKeyPair('sp')]);
  good = await judgeResponse(signedResponse(idp), expecting(idp));
});

const judge = (xml: string, more: Partial<Expected> = {}) => judgeResponse(xml, expecting(idp, more));

async function refused(xml: string, why: string | RegExp, more: Partial<Expected> = {}): Promise<void> {
  const judged = await judge(xml, more);
  assert.equal(judged.kind, 'refused', JSON.stringify(judged));
  if (judged.kind === 'refused')
    assert.match(judged.why, typeof why === 'string' ? new RegExp(`^${why}$`) : why);
}

test('an honest response says who signed in', () => {
  assert.equal(good.kind, 'statement', JSON.stringify(good));
  if (good.kind !== 'statement') return;
  assert.equal(good.statement.nameId?.value, 'ada');
  assert.deepEqual(good.statement.attributes, [['urn:oid:0.9.2342.19200300.100.1.3', ['ada@example.org']]]);
});

const forged = () => assertionXml({ nameId: '<saml:NameID>admin</saml:NameID>' }, '_forged');
const genuine = () => signed(assertionXml(), '/*', idp);
const SIGNATURE = /<(?:ds:)?Signature [\s\S]*?<\/(?:ds:)?Signature>/;
const signatureOf = (xml: string) => SIGNATURE.exec(xml)?.[0] ?? '';

test('a forged response around the signed one, hidden in its signature, is refused [SAML-01]', async () => {
  const whole = signedResponse(idp, {}, 'both');
  const outer = signatureOf(whole).replace(
    /<\/(ds:)?Signature>$/,
    (end) => `<Object>${whole}</Object>${end}`,
  );
  await refused(
    responseXml(forged()).replace('</saml:Issuer>', `</saml:Issuer>${outer}`),
    /shape|place|twice|signatures|reference/,
  );
});

test('a forged assertion beside the signed one is refused [SAML-03]', async () => {
  await refused(responseXml(`${forged()}${genuine()}`), 'assertions');
  await refused(responseXml(`${genuine()}${forged()}`), 'assertions');
});

test('a signed assertion inside a forged one is refused [SAML-04]', async () => {
  await refused(responseXml(forged().replace('</saml:Assertion>', `${genuine()}</saml:Assertion>`)), /place/);
});

test('forged content under the signature of another assertion is refused [SAML-05]', async () => {
  const signature = signatureOf(genuine());
  const bent = forged().replace('</saml:Issuer>', `</saml:Issuer>${signature}`);
  await refused(responseXml(bent), 'reference');
  await refused(responseXml(`${bent}${assertionXml()}`), /assertions|reference/);
  await refused(responseXml(bent.replace('_forged', '_assertion')), 'signature');
});

test('an assertion in Extensions is refused [SAML-07]', async () => {
  const extensions = `<samlp:Extensions>${forged()}</samlp:Extensions>`;
  await refused(responseXml(genuine(), { extensions }), 'assertion-place');
});

test('what lost its signature, or has it elsewhere, is refused [SAML-09]', async () => {
  await refused(responseXml(assertionXml()), 'unsigned');
  const emptied = genuine().replace(/SignatureValue>[^<]+</, 'SignatureValue><');
  await refused(responseXml(emptied), 'signature-shape');
  const moved = genuine()
    .replace(SIGNATURE, '')
    .replace('</saml:Subject>', `${signatureOf(genuine())}</saml:Subject>`);
  await refused(responseXml(moved), 'signature-place');
  await refused(signedResponse(stranger), 'signature');
});

test('what has to be signed is what the operator says; an assertion unless they do [SAML-10]', async () => {
  for (const [which, policy, held] of [
    ['response', 'assertion', false],
    ['response', 'response', true],
    ['assertion', 'response', false],
    ['assertion', 'both', false],
    ['both', 'both', true],
    ['both', 'assertion', true],
  ] as const) {
    const judged = await judge(signedResponse(idp, {}, which), { signed: policy });
    assert.equal(judged.kind, held ? 'statement' : 'refused', `${which} under ${policy}`);
  }
});

test('comments change no identity: a message that holds one is refused [SAML-11]', async () => {
  await refused(signedResponse(idp, { nameId: '<saml:NameID>admin<!-- -->.evil</saml:NameID>' }), 'comment');
  await refused(signedResponse(idp).replace('>ada<', '>ad<!---->a<'), 'comment');
});

const cases: readonly (readonly [id: string, what: string, said: Said, why: string])[] = [
  [
    'SAML-15',
    'an answer to another request',
    { response: responseXml('').replace(REQUEST, '_other').split('>')[0] + '>' },
    'request',
  ],
  [
    'SAML-14',
    'an answer to no request',
    { response: responseXml('').replace(` InResponseTo="${REQUEST}"`, '').split('>')[0] + '>' },
    'request',
  ],
  [
    'SAML-15',
    'a confirmation for another request',
    { confirmation: confirmed({ request: 'InResponseTo="_other"' }) },
    'confirmation-request',
  ],
  ['SAML-17', 'no audience', { conditions: conditions('') }, 'audience'],
  [
    'SAML-17',
    'another audience',
    { conditions: conditions(audience('https://other.example.org')) },
    'audience',
  ],
  [
    'SAML-17',
    'our name in other letters',
    { conditions: conditions(audience(SP.toUpperCase())) },
    'audience',
  ],
  [
    'SAML-17',
    'two restrictions of which one is not ours',
    { conditions: conditions(audience(SP) + audience('urn:x')) },
    'audience',
  ],
  [
    'SAML-18',
    'another recipient',
    { confirmation: confirmed({ to: 'Recipient="https://evil.example/acs"' }) },
    'recipient',
  ],
  ['SAML-18', 'no recipient', { confirmation: confirmed({ to: '' }) }, 'recipient'],
  [
    'SAML-18',
    'http for https',
    { confirmation: confirmed({ to: `Recipient="${ACS.replace('https', 'http')}"` }) },
    'recipient',
  ],
  [
    'SAML-18',
    'a recipient of which ours is the start',
    { confirmation: confirmed({ to: `Recipient="${ACS}2"` }) },
    'recipient',
  ],
  [
    'SAML-19',
    'another destination',
    { response: responseXml('').replace(ACS, 'https://evil.example/').split('>')[0] + '>' },
    'destination',
  ],
  [
    'SAML-21',
    'an end that is past',
    { conditions: conditions(audience(SP), `NotOnOrAfter="${time(-61)}"`) },
    'conditions-late',
  ],
  [
    'SAML-21',
    'a beginning that is to come',
    { conditions: conditions(audience(SP), `NotBefore="${time(61)}"`) },
    'conditions-early',
  ],
  ['SAML-21', 'no conditions', { conditions: '' }, 'conditions'],
  [
    'SAML-21',
    'a confirmation without an end',
    { confirmation: confirmed({ until: '' }) },
    'confirmation-end',
  ],
  ...['2026-13-45T00:00:00Z', '99999-01-01T00:00:00Z', '2027-01-15T08:00:00', '2027-01-15T07:59:60Z', ''].map(
    (text) =>
      [
        'SAML-21',
        `the time "${text}"`,
        { conditions: conditions(audience(SP), `NotOnOrAfter="${text}"`) },
        'conditions-time',
      ] as const,
  ),
  [
    'SAML-22',
    'a sign-in a year ago',
    { authn: `<saml:AuthnStatement AuthnInstant="${time(-31_536_000)}"/>` },
    'too-old',
  ],
  [
    'SAML-22',
    'a session that is over',
    { authn: `<saml:AuthnStatement AuthnInstant="${time(-60)}" SessionNotOnOrAfter="${time(-1)}"/>` },
    'session-ended',
  ],
  [
    'SAML-23',
    'another issuer inside',
    { issuer: '<saml:Issuer>https://b.example.org</saml:Issuer>' },
    'assertion-issuer',
  ],
  [
    'SAML-23',
    'another issuer outside',
    { responseIssuer: '<saml:Issuer>https://b.example.org</saml:Issuer>' },
    'issuer',
  ],
  ['SAML-23', 'no issuer outside', { responseIssuer: '' }, 'issuer'],
  [
    'SAML-23',
    'an issuer of another format',
    { issuer: `<saml:Issuer Format="urn:x">${IDP}</saml:Issuer>` },
    'assertion-issuer',
  ],
  [
    'SAML-25',
    'version 1.1',
    { response: responseXml('').replace('"2.0"', '"1.1"').split('>')[0] + '>' },
    'version',
  ],
  ['SAML-25', 'no status', { status: '' }, 'status'],
  ['SAML-25', 'two statuses', { status: SUCCESS + SUCCESS }, 'status'],
  ...['Responder', 'AuthnFailed', 'NoPassive'].map(
    (code) =>
      [
        'SAML-25',
        `${code} beside an assertion`,
        { status: SUCCESS.replace('Success', code) },
        'status',
      ] as const,
  ),
];
const of = (id: string) => cases.filter(([one]) => one === id);
for (const [, what, said, why] of of('SAML-14'))
  test(`well signed, ${what}: refused [SAML-14]`, () => refused(signedResponse(idp, said), why));
for (const [, what, said, why] of of('SAML-15'))
  test(`well signed, ${what}: refused [SAML-15]`, () => refused(signedResponse(idp, said), why));
for (const [, what, said, why] of of('SAML-17'))
  test(`well signed, ${what}: refused [SAML-17]`, () => refused(signedResponse(idp, said), why));
for (const [, what, said, why] of of('SAML-18'))
  test(`well signed, ${what}: refused [SAML-18]`, () => refused(signedResponse(idp, said), why));
for (const [, what, said, why] of of('SAML-19'))
  test(`well signed, ${what}: refused [SAML-19]`, () => refused(signedResponse(idp, said), why));
for (const [, what, said, why] of of('SAML-21'))
  test(`well signed, ${what}: refused [SAML-21]`, () => refused(signedResponse(idp, said), why));
for (const [, what, said, why] of of('SAML-22'))
  test(`well signed, ${what}: refused [SAML-22]`, () => refused(signedResponse(idp, said), why));
for (const [, what, said, why] of of('SAML-23'))
  test(`well signed, ${what}: refused [SAML-23]`, () => refused(signedResponse(idp, said), why));
for (const [, what, said, why] of of('SAML-25'))
  test(`well signed, ${what}: refused [SAML-25]`, () => refused(signedResponse(idp, said), why));

test('a signed response must say where it was sent [SAML-19]', async () => {
  const response = `${responseXml('').replace(` Destination="${ACS}"`, '').split('>')[0]}>`;
  await refused(signedResponse(idp, { response }, 'both'), 'destination');
});

test('SHA-1 is refused but where the operator takes it; other algorithms always [SAML-26]', async () => {
  const old = responseXml(signed(assertionXml(), '/*', idp, 'sha1'));
  await refused(old, 'signature-algorithm');
  assert.equal((await judge(old, { legacy: ['sha1'] })).kind, 'statement');
  for (const uri of [
    'http://www.w3.org/2000/09/xmldsig#dsa-sha1',
    'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
    'urn:unknown',
  ])
    await refused(
      signedResponse(idp).replace(/http:\/\/www\.w3\.org\/2001\/04\/xmldsig-more#rsa-sha256/, uri),
      'signature-algorithm',
      { legacy: ['sha1'] },
    );
  await refused(
    signedResponse(idp).replace(
      'http://www.w3.org/2001/04/xmlenc#sha256',
      'http://www.w3.org/2001/04/xmldsig-more#md5',
    ),
    'digest-algorithm',
  );
});

test('a signature keyed with the certificate is none [SAML-26]', async () => {
  const xml = signedResponse(idp).replace(/[^"]*rsa-sha256/, 'http://www.w3.org/2000/09/xmldsig#hmac-sha1');
  const value = createHmac('sha1', idp.certificate).update('x').digest('base64');
  await refused(xml.replace(/SignatureValue>[^<]+</, `SignatureValue>${value}<`), 'signature-algorithm');
});

test('no document type and no entity is read [SAML-28]', async () => {
  const xml = signedResponse(idp);
  for (const type of [
    '<!DOCTYPE a>',
    '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x"> %p;]>',
    `<!DOCTYPE a [<!ENTITY a "${'x'.repeat(1000)}"><!ENTITY b "${'&a;'.repeat(1000)}">]>`,
  ])
    await refused(type + xml, 'doctype');
  await refused(xml.replace('>ada<', '>&b;<'), 'malformed');
  await refused(xml.replace('>ada<', '><![CDATA[ada]]><'), 'cdata');
  await refused(`<?xml-stylesheet href="x"?>${xml}`, 'instruction');
});

test('only the two usual transforms are carried out [SAML-29]', async () => {
  const xml = signedResponse(idp);
  const [one = ''] = /<(?:ds:)?Transform .*?\/>/.exec(xml) ?? [];
  const bent = (transforms: string) =>
    xml.replace(/(<(?:ds:)?Transforms>).*?(<\/(?:ds:)?Transforms>)/, `$1${transforms}$2`);
  const step = (uri: string) => one.replace(/Algorithm="[^"]*"/, `Algorithm="${uri}"`);
  for (const uri of [
    'http://www.w3.org/TR/1999/REC-xslt-19991116',
    'http://www.w3.org/TR/1999/REC-xpath-19991116',
    'http://www.w3.org/2000/09/xmldsig#base64',
  ])
    await refused(bent(one + step(uri)), 'transforms');
  await refused(bent(one.repeat(3)), 'transforms');
  await refused(bent(one.repeat(10_000)), 'transforms');
  await refused(bent(step('http://www.w3.org/2001/10/xml-exc-c14n#')), 'transforms');
  await refused(
    bent(one + step('http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments')),
    'transforms',
  );
});

test('a signature of another shape is refused [SAML-30]', async () => {
  const xml = signedResponse(idp);
  const [info = ''] = /<(?:ds:)?SignedInfo>.*<\/(?:ds:)?SignedInfo>/s.exec(xml) ?? [];
  const [reference = ''] = /<(?:ds:)?Reference .*<\/(?:ds:)?Reference>/s.exec(xml) ?? [];
  await refused(xml.replace(info, info + info), 'signature-shape');
  await refused(xml.replace(reference, reference + reference), 'signature-shape');
  await refused(xml.replace('URI="#_assertion"', 'URI=""'), 'reference');
  await refused(xml.replace(/DigestValue>/, 'DigestValue><!---->'), 'comment');
  await refused(xml.replace(/(DigestValue>)([^<]+)(<)/, '$1<x/>$2$3'), 'reference');
  await refused(xml.replace('ID="_response"', 'ID="_assertion"'), 'id-twice');
  await refused(xml.replace('ID="_response"', 'ID="_response" Id="_assertion"'), 'id-twice');
  await refused(xml.replace('ID="_response"', 'ID="_response" xml:id="_assertion"'), 'id-twice');
});

test('an encrypted assertion is read by AES-GCM and RSA-OAEP; weaker ways are refused before decryption [SAML-32]', async () => {
  const keys = [stranger.key, sp.key];
  assert.deepEqual(await judge(await encryptedResponse(idp, sp), { keys }), good);
  const cbc = await encryptedResponse(idp, sp, { content: 'http://www.w3.org/2001/04/xmlenc#aes128-cbc' });
  await refused(cbc, 'encryption-algorithm', { keys });
  assert.deepEqual(await judge(cbc, { keys, legacy: ['cbc'] }), good);
  await refused(
    await encryptedResponse(idp, sp, { content: 'http://www.w3.org/2001/04/xmlenc#tripledes-cbc' }),
    'encryption-algorithm',
    { keys, legacy: ['cbc'] },
  );
  await refused(
    await encryptedResponse(idp, sp, { transport: 'http://www.w3.org/2001/04/xmlenc#rsa-1_5' }),
    'key-encryption-algorithm',
    { keys },
  );
});

test('whatever goes wrong in decryption goes wrong in one way [SAML-32]', async () => {
  const xml = await encryptedResponse(idp, sp);
  const values = [...xml.matchAll(/<(?:\w+:)?CipherValue>([^<]+)</g)].map(([, value = '']) => value);
  for (const value of values) {
    const bytes = Buffer.from(value, 'base64');
    for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
      const bent = Buffer.from(bytes);
      bent[at] = (bent[at] ?? 0) ^ 1;
      await refused(xml.replace(value, bent.toString('base64')), 'signature', { keys: [sp.key] });
    }
    for (const cut of [1, 4, 12])
      await refused(xml.replace(value, bytes.subarray(0, -cut).toString('base64')), 'signature', {
        keys: [sp.key],
      });
  }
  await refused(xml, 'signature', { keys: [stranger.key] });
});

test('a clear assertion beside an encrypted one is refused [SAML-33]', async () => {
  await refused(await encryptedResponse(idp, sp, { beside: genuine() }), 'assertions', { keys: [sp.key] });
});

test('however a signed response is bent, it says what was signed or nothing', async () => {
  const xml = signedResponse(idp);
  const both = signedResponse(idp, {}, 'both');
  await fc.assert(
    fc.asyncProperty(BENDS, fc.boolean(), async (how, two) => {
      const judged = await judge(bend(two ? both : xml, how, 'admin'));
      if (judged.kind !== 'refused') assert.deepEqual(judged, good);
    }),
    { numRuns: 400 },
  );
});
