/**
 * A certificate that nobody vouches for: the form in which SAML metadata carries a public key. Node reads
 * certificates and makes none, so its few fields are written here in DER.
 *
 * @see RFC 5280, section 4.1; ITU-T X.690 (DER)
 */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';

/** sha256WithRSAEncryption, with its NULL. */
const SHA256_RSA = sequence(Buffer.from('06092a864886f70d01010b', 'hex'), Buffer.from('0500', 'hex'));
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const LONGEST_NAME = 64;

/** What a certificate says. Times are Unix seconds; `serial` is 16 random bytes. */
export interface CertificateWords {
  readonly commonName: string;
  readonly from: number;
  readonly until: number;
  readonly serial: Uint8Array;
}

/** The certificate of this RSA key (PKCS #8 PEM), signed by itself, as PEM. */
export function selfSigned(keyPem: string, words: CertificateWords): string {
  const key = createPrivateKey(keyPem);
  const name = sequence(
    tagged(0x31, sequence(COMMON_NAME, tagged(0x0c, Buffer.from(words.commonName.slice(0, LONGEST_NAME))))),
  );
  // A first byte between 1 and 127: the number is positive and as short as it can be.
  const serial = Buffer.from(words.serial);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const body = sequence(
    tagged(0xa0, Buffer.from('020102', 'hex')),
    tagged(0x02, serial),
    SHA256_RSA,
    name,
    sequence(time(words.from), time(words.until)),
    name,
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', body, key);
  const whole = sequence(body, SHA256_RSA, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function tagged(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

/** Two digits of the year until 2049, four from then on. @see RFC 5280, section 4.1.2.5 */
function time(seconds: number): Buffer {
  const text = new Date(seconds * 1000).toISOString().replace(/[-:T]|\.\d+/g, '');
  const short = Number(text.slice(0, 4)) < 2050;
  return tagged(short ? 0x17 : 0x18, Buffer.from(short ? text.slice(2) : text));
}
