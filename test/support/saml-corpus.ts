/**
 * Responses as identity providers and attackers send them, one after the other, each made anew for whoever shall
 * judge it: honest ones, bent ones, forged ones. It knows no judge.
 */
import { createHmac, publicEncrypt } from 'node:crypto';
import {
  assertionXml,
  audience,
  conditions,
  confirmed,
  encryptedData,
  IDP,
  type KeyPair,
  NOW,
  responseXml,
  type Said,
  SP,
  SUCCESS,
  signed,
  time,
} from './saml-idp.ts';

/** The entity id of the other identity provider. */
export const OTHER_IDP = 'https://other.example.org/idp';

/** Whose keys there are, and when it is. */
export interface World {
  /** Unix seconds. */
  readonly now: number;
  readonly idp: KeyPair;
  /** Another identity provider that is believed, too. */
  readonly other: KeyPair;
  readonly stranger: KeyPair;
  readonly sp: KeyPair;
}

/** One response. */
export interface Sent {
  /** Of the catalogue of attacks; none for an honest one. */
  readonly id?: string;
  readonly what: string;
  readonly make: (scribe: Scribe) => string | Promise<string>;
}

/** Who writes: everything with ids of its own, and at the time of the world. */
export interface Scribe {
  readonly world: World;
  readonly assertion: (said?: Said) => string;
  /** One about somebody else, under another id. */
  readonly forged: () => string;
  readonly response: (inside: string, said?: Said) => string;
  /** Signs the root; by the identity provider unless said otherwise. */
  readonly sign: (xml: string, by?: KeyPair, algorithm?: 'sha1' | 'sha256') => string;
  readonly encrypt: (xml: string, ciphers?: Ciphers) => Promise<string>;
  /** A text written at the tests' own time, moved to the world's, with ids of its own. */
  readonly set: (xml: string) => string;
}

/** By which algorithms. */
interface Ciphers {
  readonly content?: string;
  readonly transport?: string;
}

/** Makes a scribe; `mark` tells its ids from those of others. */
export function scribe(world: World, mark: string): Scribe {
  const moved = (text: string) => {
    const at = Date.parse(text);
    // What is no time stays as it is.
    return Number.isNaN(at) ? text : `${new Date(at + (world.now - NOW) * 1000).toISOString().slice(0, 19)}Z`;
  };
  const set = (xml: string) =>
    xml
      .replaceAll('"_assertion', `"_a${mark}`)
      .replaceAll('"_response', `"_r${mark}`)
      .replaceAll('"#_assertion', `"#_a${mark}`)
      .replace(/\d{4}-\d\d-\d\dT[\d:]{8}Z/g, moved);
  return {
    world,
    set,
    assertion: (said = {}) => set(assertionXml(said)),
    forged: () => set(assertionXml({ nameId: ADMIN }, '_assertion-forged')),
    response: (inside, said = {}) => set(responseXml('<inside/>', said)).replace('<inside/>', () => inside),
    sign: (xml, by = world.idp, algorithm = 'sha256') => signed(xml, '/*', by, algorithm),
    encrypt: async (xml, ciphers = {}) =>
      `<saml:EncryptedAssertion>${await encryptedData(xml, world.sp, ciphers)}</saml:EncryptedAssertion>`,
  };
}

const ADMIN =
  '<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">admin</saml:NameID>';
const SIGNATURE = /<(?:ds:)?Signature [\s\S]*?<\/(?:ds:)?Signature>/;
const XENC = 'http://www.w3.org/2001/04/xmlenc#';
const XENC11 = 'http://www.w3.org/2009/xmlenc11#';

const signatureOf = (xml: string) => SIGNATURE.exec(xml)?.[0] ?? '';
const unsignedOf = (xml: string) => xml.replace(SIGNATURE, '');
/** Puts something in front of an end tag; the last one of this name. */
function before(xml: string, end: string, inside: string): string {
  const at = xml.lastIndexOf(end);
  return xml.slice(0, at) + inside + xml.slice(at);
}
const behindIssuer = (xml: string, inside: string) =>
  xml.replace('</saml:Issuer>', () => `</saml:Issuer>${inside}`);
const withObject = (signature: string, inside: string) =>
  signature.replace(/<\/(ds:)?Signature>$/, (end, ns = '') => `<${ns}Object>${inside}</${ns}Object>${end}`);
const genuine = (s: Scribe) => s.sign(s.assertion());
const honest = (s: Scribe) => s.response(genuine(s));
/** Signed after it was made to say something. */
const saying = (said: Said) => (s: Scribe) => s.response(s.sign(s.assertion(said)), said);
/** The response's own tag, changed. */
const opened = (change: (tag: string) => string) =>
  saying({ response: change(`${responseXml('').split('>')[0]}>`) });
/** Honest, then changed by somebody who cannot sign. */
const afterwards = (change: (xml: string) => string) => (s: Scribe) => change(honest(s));

const HONEST: readonly Sent[] = [
  { what: 'an honest response, its assertion signed', make: honest },
  { what: 'the same, and the response signed as well', make: (s) => s.sign(honest(s)) },
  { what: 'encrypted by AES-256-GCM', make: async (s) => s.response(await s.encrypt(genuine(s))) },
  {
    what: 'encrypted by AES-128-GCM, and the response signed',
    make: async (s) => s.sign(s.response(await s.encrypt(genuine(s), { content: `${XENC11}aes128-gcm` }))),
  },
  {
    what: 'several audiences, ours among them',
    make: saying({ conditions: conditions(audience('urn:x', SP)) }),
  },
  {
    what: 'two confirmations, the second of them ours',
    make: saying({
      confirmation: confirmed({ to: 'Recipient="https://elsewhere.example/acs"' }) + confirmed(),
    }),
  },
  {
    what: 'letters beyond ASCII and all that XML escapes',
    make: saying({
      nameId:
        '<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">Ada &amp; L&#xF6;velace &lt;x&gt;</saml:NameID>',
    }),
  },
];

const WRAPPED: readonly Sent[] = [
  {
    id: 'SAML-01',
    what: 'XSW1: the signed response inside the signature of a forged one',
    make: (s) => {
      const whole = s.sign(s.response(s.assertion()));
      const outer = withObject(signatureOf(whole), unsignedOf(whole));
      return behindIssuer(s.response(s.forged()).replace(/ ID="_r/, ' ID="_x'), outer);
    },
  },
  {
    id: 'SAML-01',
    what: 'XSW2: the signed response beside its signature in a forged one',
    make: (s) => {
      const whole = s.sign(s.response(s.assertion()));
      return behindIssuer(
        s.response(s.forged()).replace(/ ID="_r/, ' ID="_x'),
        unsignedOf(whole) + signatureOf(whole),
      );
    },
  },
  {
    id: 'SAML-03',
    what: 'XSW3: a forged assertion before the signed one',
    make: (s) => s.response(s.forged() + genuine(s)),
  },
  {
    id: 'SAML-03',
    what: 'a forged assertion behind the signed one',
    make: (s) => s.response(genuine(s) + s.forged()),
  },
  {
    id: 'SAML-04',
    what: 'XSW4: the signed assertion inside a forged one',
    make: (s) => s.response(before(s.forged(), '</saml:Assertion>', genuine(s))),
  },
  {
    id: 'SAML-05',
    what: 'XSW5: forged content keeps the signature, the original behind it',
    make: (s) => s.response(behindIssuer(s.forged(), signatureOf(genuine(s))) + unsignedOf(genuine(s))),
  },
  {
    id: 'SAML-05',
    what: 'XSW6: the original inside the signature of the forged one',
    make: (s) =>
      s.response(
        behindIssuer(
          s.forged(),
          signatureOf(genuine(s)).replace(/(<(?:ds:)?SignedInfo>)/, (tag) => unsignedOf(genuine(s)) + tag),
        ),
      ),
  },
  {
    id: 'SAML-07',
    what: 'XSW7: a forged assertion in Extensions',
    make: (s) => s.response(genuine(s), { extensions: `<samlp:Extensions>${s.forged()}</samlp:Extensions>` }),
  },
  {
    id: 'SAML-07',
    what: 'XSW8: the original as an Object in the signature of the forged one',
    make: (s) =>
      s.response(behindIssuer(s.forged(), withObject(signatureOf(genuine(s)), unsignedOf(genuine(s))))),
  },
];

const UNSIGNED: readonly Sent[] = [
  { id: 'SAML-09', what: 'no signature at all', make: (s) => s.response(s.assertion()) },
  {
    id: 'SAML-09',
    what: 'an empty signature value',
    make: afterwards((xml) => xml.replace(/SignatureValue>[^<]+</, 'SignatureValue><')),
  },
  {
    id: 'SAML-09',
    what: 'the signature moved to the subject',
    make: (s) => s.response(before(unsignedOf(genuine(s)), '</saml:Subject>', signatureOf(genuine(s)))),
  },
  {
    id: 'SAML-09',
    what: "a stranger's key",
    make: (s) => s.response(s.sign(s.assertion(), s.world.stranger)),
  },
  {
    id: 'SAML-09',
    what: "a stranger's key, and its certificate in KeyInfo",
    make: (s) =>
      s.response(
        s
          .sign(s.assertion(), s.world.stranger)
          .replace(
            /<\/(ds:)?Signature>/,
            (end) =>
              `<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${s.world.stranger.certificate.replace(/-----[A-Z ]+-----|\s/g, '')}</X509Certificate></X509Data></KeyInfo>${end}`,
          ),
      ),
  },
  {
    id: 'SAML-09',
    what: 'a name changed after signing',
    make: afterwards((xml) => xml.replace('>ada<', '>admin<')),
  },
  {
    id: 'SAML-10',
    what: 'the response signed, the assertion not',
    make: (s) => s.sign(s.response(s.assertion())),
  },
  {
    id: 'SAML-11',
    what: 'a comment in the name, signed with it',
    make: saying({
      nameId:
        '<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">admin<!-- -->.evil</saml:NameID>',
    }),
  },
  {
    id: 'SAML-11',
    what: 'a comment in the name, put there afterwards',
    make: afterwards((xml) => xml.replace('>ada<', '>ad<!---->a<')),
  },
  {
    id: 'SAML-11',
    what: 'a comment in an attribute, put there afterwards',
    make: afterwards((xml) => xml.replace('>ada@example.org<', '>ada@example.org<!---->.evil<')),
  },
];

const ADDRESSED: readonly Sent[] = [
  {
    id: 'SAML-14',
    what: 'an answer to no request',
    make: saying({
      response: `${responseXml('')
        .split('>')[0]
        ?.replace(/ InResponseTo="[^"]*"/, '')}>`,
      confirmation: confirmed({ request: '' }),
    }),
  },
  {
    id: 'SAML-15',
    what: "an answer to another browser's request",
    make: saying({
      response: `${responseXml('')
        .split('>')[0]
        ?.replace(/ InResponseTo="[^"]*"/, ' InResponseTo="_other"')}>`,
      confirmation: confirmed({ request: 'InResponseTo="_other"' }),
    }),
  },
  {
    id: 'SAML-15',
    what: 'response and confirmation name different requests',
    make: saying({ confirmation: confirmed({ request: 'InResponseTo="_other"' }) }),
  },
  { id: 'SAML-17', what: 'no audience', make: saying({ conditions: conditions('') }) },
  {
    id: 'SAML-17',
    what: 'another audience',
    make: saying({ conditions: conditions(audience('https://other.example.org')) }),
  },
  {
    id: 'SAML-17',
    what: 'our name in capitals',
    make: saying({ conditions: conditions(audience(SP.toUpperCase())) }),
  },
  {
    id: 'SAML-17',
    what: 'two restrictions of which one is not ours',
    make: saying({ conditions: conditions(audience(SP) + audience('urn:x')) }),
  },
  {
    id: 'SAML-17',
    what: 'a condition nobody knows',
    make: saying({
      conditions: conditions(
        `${audience(SP)}<saml:Condition xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:x="urn:x" xsi:type="x:New"/>`,
      ),
    }),
  },
  {
    id: 'SAML-18',
    what: 'another recipient',
    make: saying({ confirmation: confirmed({ to: 'Recipient="https://elsewhere.example/acs"' }) }),
  },
  { id: 'SAML-18', what: 'no recipient', make: saying({ confirmation: confirmed({ to: '' }) }) },
  {
    id: 'SAML-18',
    what: 'http for https',
    make: saying({ confirmation: confirmed().replace('Recipient="https:', 'Recipient="http:') }),
  },
  {
    id: 'SAML-18',
    what: 'a recipient of which ours is the start',
    make: saying({ confirmation: confirmed().replace(/(Recipient="[^"]*)"/, '$12"') }),
  },
  {
    id: 'SAML-18',
    what: 'a confirmation that is no bearer',
    make: saying({ confirmation: confirmed().replace('cm:bearer', 'cm:sender-vouches') }),
  },
  {
    id: 'SAML-19',
    what: 'another destination',
    make: opened((tag) => tag.replace(/Destination="[^"]*"/, 'Destination="https://elsewhere.example/acs"')),
  },
  {
    id: 'SAML-19',
    what: 'no destination, response signed',
    make: (s) =>
      s.sign(
        s.response(genuine(s), {
          response: `${responseXml('')
            .split('>')[0]
            ?.replace(/ Destination="[^"]*"/, '')}>`,
        }),
      ),
  },
  {
    id: 'SAML-23',
    what: 'an issuer inside who is not the one outside',
    make: saying({ issuer: `<saml:Issuer>${OTHER_IDP}</saml:Issuer>` }),
  },
  {
    id: 'SAML-23',
    what: 'another trusted identity provider signs in our name',
    make: (s) => s.response(s.sign(s.assertion(), s.world.other)),
  },
  {
    id: 'SAML-23',
    what: 'another trusted identity provider wraps what ours signed',
    make: (s) =>
      s.sign(
        s.response(genuine(s), { responseIssuer: `<saml:Issuer>${OTHER_IDP}</saml:Issuer>` }),
        s.world.other,
      ),
  },
  {
    id: 'SAML-23',
    what: 'another trusted identity provider answers a request that went to ours',
    make: (s) => {
      const issuer = `<saml:Issuer>${OTHER_IDP}</saml:Issuer>`;
      return s.response(s.sign(s.assertion({ issuer }), s.world.other), { responseIssuer: issuer });
    },
  },
  { id: 'SAML-23', what: 'no issuer outside', make: saying({ responseIssuer: '' }) },
  {
    id: 'SAML-23',
    what: 'an issuer of another format',
    make: saying({ issuer: `<saml:Issuer Format="urn:x">${IDP}</saml:Issuer>` }),
  },
];

const PASSWORD =
  '<saml:AuthnContext><saml:AuthnContextClassRef>urn:password</saml:AuthnContextClassRef></saml:AuthnContext>';
const at = (text: string): Sent => ({
  id: 'SAML-21',
  what: `the end "${text}"`,
  make: saying({ conditions: conditions(audience(SP), `NotOnOrAfter="${text}"`) }),
});
const told = (status: string, what: string): Sent => ({
  id: 'SAML-25',
  what,
  make: saying({ status }),
});

const TIMED: readonly Sent[] = [
  {
    id: 'SAML-21',
    what: 'conditions that ended an hour ago',
    make: saying({ conditions: conditions(audience(SP), `NotOnOrAfter="${time(-3600)}"`) }),
  },
  {
    id: 'SAML-21',
    what: 'conditions that begin in an hour',
    make: saying({ conditions: conditions(audience(SP), `NotBefore="${time(3600)}"`) }),
  },
  { id: 'SAML-21', what: 'no conditions', make: saying({ conditions: '' }) },
  {
    id: 'SAML-21',
    what: 'a confirmation that ended an hour ago',
    make: saying({ confirmation: confirmed({ until: `NotOnOrAfter="${time(-3600)}"` }) }),
  },
  {
    id: 'SAML-21',
    what: 'a confirmation without an end',
    make: saying({ confirmation: confirmed({ until: '' }) }),
  },
  at('2036-13-45T00:00:00Z'),
  at('2036-01-15T08:00:00'),
  at('2036-01-15T07:59:60Z'),
  at('99999-01-01T00:00:00Z'),
  at('tomorrow'),
  {
    id: 'SAML-21',
    what: 'a response made an hour ago',
    make: opened((tag) => tag.replace(/IssueInstant="[^"]*"/, `IssueInstant="${time(-3600)}"`)),
  },
  {
    id: 'SAML-22',
    what: 'a sign-in a year ago',
    make: saying({
      authn: `<saml:AuthnStatement AuthnInstant="${time(-31_536_000)}">${PASSWORD}</saml:AuthnStatement>`,
    }),
  },
  {
    id: 'SAML-22',
    what: 'a session that is over',
    make: saying({
      authn: `<saml:AuthnStatement AuthnInstant="${time(-7200)}" SessionNotOnOrAfter="${time(-3600)}">${PASSWORD}</saml:AuthnStatement>`,
    }),
  },
  { id: 'SAML-22', what: 'no sign-in told of', make: saying({ authn: '' }) },
  {
    id: 'SAML-25',
    what: 'version 1.1',
    make: opened((tag) => tag.replace('Version="2.0"', 'Version="1.1"')),
  },
  told('', 'no status'),
  told(SUCCESS + SUCCESS, 'two statuses'),
  told(SUCCESS.replace('Success', 'Responder'), 'Responder beside a good assertion'),
  told(SUCCESS.replace('Success', 'AuthnFailed'), 'AuthnFailed beside a good assertion'),
  told(
    SUCCESS.replace('Success', 'Responder').replace(
      '/></',
      '><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:NoPassive"/></samlp:StatusCode></',
    ),
    'NoPassive beside a good assertion',
  ),
];

const step = (xml: string) => /<(?:ds:)?Transform .*?\/>/.exec(xml)?.[0] ?? '';
const stepOf = (xml: string, uri: string) => step(xml).replace(/Algorithm="[^"]*"/, `Algorithm="${uri}"`);
const transforms = (what: string, make: (xml: string) => string): Sent => ({
  id: 'SAML-29',
  what,
  make: afterwards((xml) =>
    xml.replace(
      /(<(?:ds:)?Transforms>).*?(<\/(?:ds:)?Transforms>)/,
      (_, start, end) => start + make(xml) + end,
    ),
  ),
});
const algorithm = (uri: string, what: string): Sent => ({
  id: 'SAML-26',
  what,
  make: afterwards((xml) => xml.replace(/[^"]*rsa-sha256/, uri)),
});
const doctype = (type: string, what: string): Sent => ({
  id: 'SAML-28',
  what,
  make: afterwards((xml) => type + xml),
});
const bent = (what: string, change: (xml: string) => string): Sent => ({
  id: 'SAML-30',
  what,
  make: afterwards(change),
});
const part = (xml: string, name: string) =>
  new RegExp(`<(?:ds:)?${name}[ >].*</(?:ds:)?${name}>`, 's').exec(xml)?.[0] ?? '';

const SIGNED_ODDLY: readonly Sent[] = [
  { id: 'SAML-26', what: 'RSA-SHA1', make: (s) => s.response(s.sign(s.assertion(), undefined, 'sha1')) },
  algorithm('http://www.w3.org/2000/09/xmldsig#dsa-sha1', 'called DSA-SHA1'),
  algorithm('urn:unknown', 'called by an algorithm nobody knows'),
  {
    id: 'SAML-26',
    what: 'an MD5 digest',
    make: afterwards((xml) => xml.replace(`${XENC}sha256`, 'http://www.w3.org/2001/04/xmldsig-more#md5')),
  },
  {
    id: 'SAML-26',
    what: 'HMAC keyed with the certificate',
    make: (s) => {
      const xml = honest(s).replace(/[^"]*rsa-sha256/, 'http://www.w3.org/2000/09/xmldsig#hmac-sha1');
      // As canonicalization writes it: its namespace on it, no empty tag.
      const info = part(xml, 'SignedInfo')
        .replace('<SignedInfo>', '<SignedInfo xmlns="http://www.w3.org/2000/09/xmldsig#">')
        .replace(/<(\w+)([^<>]*)\/>/g, '<$1$2></$1>');
      const value = createHmac('sha1', s.world.idp.certificate).update(info).digest('base64');
      return xml.replace(/SignatureValue>[^<]+</, `SignatureValue>${value}<`);
    },
  },
  doctype('<!DOCTYPE a>', 'a document type'),
  doctype('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>', 'an entity that is a file'),
  doctype('<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x"> %p;]>', 'an entity that is an address'),
  doctype(
    `<!DOCTYPE a [<!ENTITY a "${'x'.repeat(1000)}"><!ENTITY b "${'&a;'.repeat(1000)}">]>`,
    'entities made of entities',
  ),
  {
    id: 'SAML-28',
    what: 'CDATA around the name, put there afterwards',
    make: afterwards((xml) => xml.replace('>ada<', '><![CDATA[ada]]><')),
  },
  transforms(
    'an XSLT transform',
    (xml) => step(xml) + stepOf(xml, 'http://www.w3.org/TR/1999/REC-xslt-19991116'),
  ),
  transforms(
    'an XPath transform',
    (xml) => step(xml) + stepOf(xml, 'http://www.w3.org/TR/1999/REC-xpath-19991116'),
  ),
  transforms(
    'a base64 transform',
    (xml) => step(xml) + stepOf(xml, 'http://www.w3.org/2000/09/xmldsig#base64'),
  ),
  transforms('three transforms', (xml) => step(xml).repeat(3)),
  transforms('1,000 transforms', (xml) => step(xml).repeat(1000)),
  transforms('no enveloped transform', (xml) => stepOf(xml, 'http://www.w3.org/2001/10/xml-exc-c14n#')),
  transforms(
    'canonicalization with comments',
    (xml) => step(xml) + stepOf(xml, 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments'),
  ),
  bent('two SignedInfo', (xml) => xml.replace(part(xml, 'SignedInfo'), (info) => info + info)),
  bent('two references', (xml) => xml.replace(part(xml, 'Reference'), (one) => one + one)),
  bent('a reference to the whole document', (xml) => xml.replace(/URI="#[^"]*"/, 'URI=""')),
  bent('a comment in the digest', (xml) => xml.replace('DigestValue>', 'DigestValue><!---->')),
  bent('an element in the digest', (xml) => xml.replace(/(DigestValue>)([^<]+)</, '$1<x/>$2<')),
  bent('one id twice', (xml) => {
    const [, id = ''] = /URI="#([^"]*)"/.exec(xml) ?? [];
    return xml.replace(/ ID="_r[^"]*"/, ` ID="${id}"`);
  }),
  bent('the same id as xml:id elsewhere', (xml) => {
    const [, id = ''] = /URI="#([^"]*)"/.exec(xml) ?? [];
    return xml.replace(/( ID="_r[^"]*")/, `$1 xml:id="${id}"`);
  }),
];

const sealed = (what: string, ciphers: Ciphers): Sent => ({
  id: 'SAML-32',
  what,
  make: async (s) => s.response(await s.encrypt(genuine(s), ciphers)),
});

/** One byte of the second cipher text, which is that of the assertion, or of the first, which is its key's. */
function flipped(xml: string, which: 0 | 1): string {
  const values = [...xml.matchAll(/<(?:\w+:)?CipherValue>([^<]+)</g)].map(([, value = '']) => value);
  const value = values[which] ?? '';
  const bytes = Buffer.from(value, 'base64');
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  return xml.replace(value, bytes.toString('base64'));
}

const ENCRYPTED: readonly Sent[] = [
  sealed('AES-CBC', { content: `${XENC}aes128-cbc` }),
  sealed('triple DES', { content: `${XENC}tripledes-cbc` }),
  sealed('a key wrapped by RSA 1.5', { transport: `${XENC}rsa-1_5` }),
  {
    id: 'SAML-32',
    what: 'a cipher text with one bit changed',
    make: async (s) => flipped(s.response(await s.encrypt(genuine(s))), 1),
  },
  {
    id: 'SAML-32',
    what: 'a wrapped key with one bit changed',
    make: async (s) => flipped(s.response(await s.encrypt(genuine(s))), 0),
  },
  {
    id: 'SAML-32',
    what: 'another key wrapped in place of the right one',
    make: async (s) => {
      const xml = s.response(await s.encrypt(genuine(s)));
      const value = /<(?:\w+:)?CipherValue>([^<]+)</.exec(xml)?.[1] ?? '';
      const key = publicEncrypt(
        { key: s.world.sp.certificate, oaepHash: 'sha1' },
        Buffer.alloc(32, 1),
      ).toString('base64');
      return xml.replace(value, key);
    },
  },
  {
    id: 'SAML-32',
    what: 'encrypted, and signed by nobody',
    make: async (s) => s.response(await s.encrypt(s.assertion())),
  },
  {
    id: 'SAML-33',
    what: 'a forged assertion in clear before a good encrypted one',
    make: async (s) => s.response(s.forged() + (await s.encrypt(genuine(s)))),
  },
  {
    id: 'SAML-33',
    what: 'a good assertion in clear beside an encrypted forged one',
    make: async (s) => s.response(genuine(s) + (await s.encrypt(s.forged()))),
  },
];

const value = (text: string) => `<saml:AttributeValue>${text}</saml:AttributeValue>`;
const attribute = (name: string, ...values: readonly string[]) =>
  `<saml:Attribute Name="${name}">${values.map(value).join('')}</saml:Attribute>`;
const statement = (...inside: readonly string[]) =>
  `<saml:AttributeStatement>${inside.join('')}</saml:AttributeStatement>`;
const MAIL = 'urn:oid:0.9.2342.19200300.100.1.3';

const STRUCTURED: readonly Sent[] = [
  {
    id: 'SAML-38',
    what: 'text behind the end of the document',
    make: afterwards((xml) => `${xml}<x/>`),
  },
  { id: 'SAML-38', what: 'half a document', make: afterwards((xml) => xml.slice(0, xml.length >> 1)) },
  {
    id: 'SAML-38',
    what: 'an assertion without a response around it',
    make: genuine,
  },
  {
    id: 'SAML-40',
    what: 'attributes called as the fields of a program are',
    make: saying({
      attributes: statement(
        ...['__proto__', 'nameID', 'issuer', 'getAssertion'].map((name) => attribute(name, 'admin')),
        attribute(MAIL, 'ada@example.org'),
      ),
    }),
  },
  {
    id: 'SAML-40',
    what: '20,000 values of one attribute',
    make: saying({
      attributes: statement(
        attribute('many', ...Array.from({ length: 20_000 }, () => '')),
        attribute(MAIL, 'ada@example.org'),
      ),
    }),
  },
  {
    id: 'SAML-40',
    what: 'two names in the subject',
    make: saying({ nameId: ADMIN + ADMIN.replace('admin', 'ada') }),
  },
];

/** All of them, in the order of the table. */
export const CORPUS: readonly Sent[] = [
  ...HONEST,
  ...WRAPPED,
  ...UNSIGNED,
  ...ADDRESSED,
  ...TIMED,
  ...SIGNED_ODDLY,
  ...ENCRYPTED,
  ...STRUCTURED,
];
