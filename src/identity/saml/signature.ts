/**
 * The signature layer: the one door to `@node-saml/node-saml` and `xml-encryption`.
 *
 * All it is asked for is the bytes a signature was made over, and what was encrypted. Whatever else the library
 * would judge is judged elsewhere, and nothing but those bytes is read afterwards. What comes here has passed the
 * strict parser and has the shape of `shape.ts`.
 */
import { getVerifiedXml, parseDomFromString, signXml, xpath } from '@node-saml/node-saml/lib/xml.js';
import { decrypt } from 'xml-encryption';
import { NS } from './names.ts';

/** Which element of a document is looked at. */
export type Signed = 'root' | 'assertion';

const ASSERTION = `/*/*[local-name()='Assertion' and namespace-uri()='${NS.saml}']`;

/**
 * The canonical text that the signature of this element was made over, by one of these certificates (PEM);
 * undefined where none of them made it.
 */
export async function verifiedText(
  xml: string,
  which: Signed,
  certificates: readonly string[],
): Promise<string | undefined> {
  const document = await parseDomFromString(xml);
  const [found] = which === 'root' ? [document.documentElement] : xpath.selectElements(document, ASSERTION);
  if (found === undefined || found === null) return undefined;
  return getVerifiedXml(xml, found, [...certificates]) ?? undefined;
}

/** A message of ours with its signature behind the issuer. `key` and `certificate` are PEM. */
export function signedText(
  xml: string,
  { key, certificate }: { readonly key: string; readonly certificate: string },
): string {
  return signXml(
    xml,
    '/*',
    { reference: `/*/*[local-name()='Issuer']`, action: 'after' },
    {
      privateKey: key,
      publicCert: certificate,
      signatureAlgorithm: 'sha256',
      digestAlgorithm: 'sha256',
    },
  );
}

/** What is wrong is never told apart: how decryption failed is what a padding oracle listens for. */
export async function decryptedText(
  xml: string,
  keys: readonly string[],
  which: 'EncryptedAssertion' | 'EncryptedID' = 'EncryptedAssertion',
): Promise<string | undefined> {
  const document = await parseDomFromString(xml);
  const [encrypted] = xpath.selectElements(document, `/*/*[local-name()='${which}']`);
  if (encrypted === undefined) return undefined;
  for (const key of keys) {
    const text = await decrypted(String(encrypted), key);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** The algorithms were judged already: the library's own list would refuse what an operator takes until a date. */
function decrypted(xml: string, key: string): Promise<string | undefined> {
  return new Promise((done) => {
    decrypt(
      xml,
      { key, disallowDecryptionWithInsecureAlgorithm: false, warnInsecureAlgorithm: false },
      (wrong, text) => done(wrong === null || wrong === undefined ? text : undefined),
    );
  });
}
