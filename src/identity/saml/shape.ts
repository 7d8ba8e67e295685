/**
 * What a message must look like before anything in it is believed or costs anything: one assertion in its place, one
 * signature in its place, pointing at what holds it, by algorithms we take. Pure.
 *
 * It proves nothing. It leaves the signature layer only documents that can be read in one way.
 *
 * @see SAML Core 2.0, section 5.4; XML Signature Syntax and Processing
 */
import {
  type Allowed,
  isContentEncryption,
  isDigest,
  isKeyTransport,
  isOaepDigest,
  isOaepMask,
  isSignature,
} from './algorithms.ts';
import { ENVELOPED, EXCLUSIVE, NS } from './names.ts';
import { childrenOf, everything, is, onlyChild, textOf, type XmlElement } from './xml.ts';

const NCNAME = /^[A-Za-z_][\w.-]{0,255}$/;
const BASE64 = /^[A-Za-z0-9+/=\s]+$/;

/** What kind of response it is. */
export interface ResponseShape {
  readonly responseSigned: boolean;
  /** Absent where the response brings none: a refusal. */
  readonly assertion?: { readonly kind: 'clear'; readonly signed: boolean } | { readonly kind: 'encrypted' };
}

/** A shape, or the first thing that is wrong with it. */
type Shaped<T> = { readonly shape: T } | { readonly fault: string };

/** Judges a response. */
export function shapeOfResponse(root: XmlElement, allowed: Allowed): Shaped<ResponseShape> {
  if (!is(root, NS.samlp, 'Response')) return { fault: 'not-a-response' };
  const assertions = childrenOf(root, NS.saml, 'Assertion');
  const encrypted = childrenOf(root, NS.saml, 'EncryptedAssertion');
  const wrong =
    placesFault(root, [root, ...assertions], allowed) ??
    assertionsFault(root, [...assertions, ...encrypted]) ??
    encrypted.map((one) => encryptionFault(one, allowed)).find((fault) => fault !== undefined);
  if (wrong !== undefined) return { fault: wrong };
  const [assertion] = assertions;
  return {
    shape: {
      responseSigned: isSigned(root),
      ...(assertion !== undefined && { assertion: { kind: 'clear', signed: isSigned(assertion) } }),
      ...(encrypted.length > 0 && { assertion: { kind: 'encrypted' } }),
    },
  };
}

/** Judges a message of single logout. */
export function shapeOfLogout(
  root: XmlElement,
  name: 'LogoutRequest' | 'LogoutResponse',
  allowed: Allowed,
): Shaped<{ readonly signed: boolean }> {
  if (!is(root, NS.samlp, name) || !NCNAME.test(root.attributes.get('ID') ?? ''))
    return { fault: 'not-a-logout' };
  const wrong =
    placesFault(root, [root], allowed) ??
    childrenOf(root, NS.saml, 'EncryptedID')
      .map((one) => encryptionFault(one, allowed))
      .find((fault) => fault !== undefined);
  return wrong === undefined ? { shape: { signed: isSigned(root) } } : { fault: wrong };
}

/** Judges an assertion that was encrypted. */
export function shapeOfAssertion(root: XmlElement, allowed: Allowed): Shaped<{ readonly signed: boolean }> {
  if (!is(root, NS.saml, 'Assertion')) return { fault: 'not-an-assertion' };
  const wrong = placesFault(root, [root], allowed) ?? assertionsFault(root, [root]);
  return wrong === undefined ? { shape: { signed: isSigned(root) } } : { fault: wrong };
}

/** Judges a document of which only the root may be signed, as metadata is. */
export function shapeOfSigned(root: XmlElement, allowed: Allowed): Shaped<{ readonly signed: boolean }> {
  const wrong = placesFault(root, [root], allowed);
  return wrong === undefined ? { shape: { signed: isSigned(root) } } : { fault: wrong };
}

function isSigned(element: XmlElement): boolean {
  return childrenOf(element, NS.ds, 'Signature').length > 0;
}

/** One assertion or none, and where it belongs: whatever is called so elsewhere is there to be mistaken for it. */
function assertionsFault(root: XmlElement, expected: readonly XmlElement[]): string | undefined {
  if (expected.length > 1) return 'assertions';
  for (const element of everything(root)) {
    const { local } = element;
    if (/^(?:Encrypted)?Assertion$/.test(local) && !expected.includes(element)) return 'assertion-place';
    if (local === 'Response' && element !== root) return 'response-place';
  }
  return undefined;
}

/** Every id once, every signature in its place and about what holds it. */
function placesFault(root: XmlElement, holders: readonly XmlElement[], allowed: Allowed): string | undefined {
  const ids = new Set<string>();
  const signatures = new Set<XmlElement>();
  for (const holder of holders) {
    const own = childrenOf(holder, NS.ds, 'Signature');
    const [signature, ...others] = own;
    if (others.length > 0) return 'signatures';
    if (signature === undefined) continue;
    const wrong = signatureFault(signature, holder, allowed);
    if (wrong !== undefined) return wrong;
    signatures.add(signature);
  }
  for (const element of everything(root)) {
    if (element.local === 'Signature' && !signatures.has(element)) return 'signature-place';
    for (const [name, value] of element.attributes) {
      if (!/^(?:\{.*\})?id$/i.test(name)) continue;
      // Signature libraries look for either spelling; two of them may never lead to two elements.
      if (ids.has(value)) return 'id-twice';
      ids.add(value);
    }
  }
  return undefined;
}

function signatureFault(signature: XmlElement, holder: XmlElement, allowed: Allowed): string | undefined {
  const at = holder.children.indexOf(signature);
  // Directly behind the issuer in messages and assertions, first in metadata.
  const before = holder.children[at - 1];
  if (at > 1 || (at === 1 && (before === undefined || !is(before, NS.saml, 'Issuer'))))
    return 'signature-place';
  const names = signature.children.map((child) => (child.ns === NS.ds ? child.local : '?')).join(' ');
  if (!/^SignedInfo SignatureValue(?: KeyInfo)?$/.test(names)) return 'signature-shape';
  const info = onlyChild(signature, NS.ds, 'SignedInfo');
  const value = textOf(onlyChild(signature, NS.ds, 'SignatureValue'));
  if (info === undefined || value === undefined || !BASE64.test(value)) return 'signature-shape';
  const parts = info.children.map((child) => (child.ns === NS.ds ? child.local : '?')).join(' ');
  if (parts !== 'CanonicalizationMethod SignatureMethod Reference') return 'signature-shape';
  const [canonical, method, reference] = info.children;
  if (canonical?.attributes.get('Algorithm') !== EXCLUSIVE || hasForeign(canonical))
    return 'canonicalization';
  if (method === undefined || method.children.length > 0) return 'signature-shape';
  if (!isSignature(method.attributes.get('Algorithm') ?? '', allowed)) return 'signature-algorithm';
  return reference === undefined ? 'signature-shape' : referenceFault(reference, holder, allowed);
}

function referenceFault(reference: XmlElement, holder: XmlElement, allowed: Allowed): string | undefined {
  const id = holder.attributes.get('ID') ?? '';
  if (!NCNAME.test(id) || reference.attributes.get('URI') !== `#${id}`) return 'reference';
  const parts = reference.children.map((child) => (child.ns === NS.ds ? child.local : '?')).join(' ');
  if (parts !== 'Transforms DigestMethod DigestValue') return 'reference';
  const [transforms, method, value] = reference.children;
  const steps = transforms?.children ?? [];
  if (steps.some((step) => !is(step, NS.ds, 'Transform') || hasForeign(step))) return 'transforms';
  const names = steps.map((step) => step.attributes.get('Algorithm'));
  if (names.length !== 2 || names[0] !== ENVELOPED || names[1] !== EXCLUSIVE) return 'transforms';
  if (!isDigest(method?.attributes.get('Algorithm') ?? '', allowed)) return 'digest-algorithm';
  const digest = textOf(value);
  return digest === undefined || !BASE64.test(digest) ? 'reference' : undefined;
}

/** Exclusive canonicalization may name prefixes; nothing else may stand in there. */
function hasForeign(step: XmlElement): boolean {
  return step.children.some(
    (child) => !is(child, EXCLUSIVE, 'InclusiveNamespaces') || child.children.length > 0,
  );
}

/** @see XML Encryption Syntax and Processing 1.1, section 3 */
function encryptionFault(encrypted: XmlElement, allowed: Allowed): string | undefined {
  const data = onlyChild(encrypted, NS.xenc, 'EncryptedData');
  if (data === undefined) return 'encryption-shape';
  const inside = [...everything(encrypted)];
  const keys = inside.filter((one) => is(one, NS.xenc, 'EncryptedKey'));
  const datas = inside.filter((one) => one.local === 'EncryptedData');
  const [key] = keys;
  if (keys.length !== 1 || datas.length !== 1 || key === undefined) return 'encryption-shape';
  if (!isContentEncryption(algorithmOf(data), allowed)) return 'encryption-algorithm';
  if (!isKeyTransport(algorithmOf(key))) return 'key-encryption-algorithm';
  const method = onlyChild(key, NS.xenc, 'EncryptionMethod');
  for (const part of method?.children ?? []) {
    const uri = part.attributes.get('Algorithm') ?? '';
    if (part.local === 'DigestMethod' ? !isOaepDigest(uri) : part.local !== 'MGF' || !isOaepMask(uri))
      return 'key-encryption-algorithm';
  }
  return isCiphered(data) && isCiphered(key) ? undefined : 'encryption-shape';
}

function algorithmOf(element: XmlElement): string {
  return onlyChild(element, NS.xenc, 'EncryptionMethod')?.attributes.get('Algorithm') ?? '';
}

function isCiphered(element: XmlElement): boolean {
  const cipher = onlyChild(element, NS.xenc, 'CipherData');
  const value = cipher && textOf(onlyChild(cipher, NS.xenc, 'CipherValue'));
  return value !== undefined && BASE64.test(value) && cipher?.children.length === 1;
}
