/**
 * A client certificate that a web server in front has verified: what it says of the person.
 *
 * Whether the chain holds is that web server's to say; here the certificate is only read.
 */
import { X509Certificate } from 'node:crypto';
import { unacceptable } from './header-values.ts';
import type { Claims } from './profile.ts';

/** DER is never longer than this, escaped PEM three times as much. */
const LONGEST_DER = 4096;

/**
 * Reads a certificate as nginx writes it (`$ssl_client_escaped_cert`, a PEM in percent signs) or as plain base64.
 * `now` is milliseconds. Throws `header.unacceptable` for what is none, or none any more.
 */
export function certificateClaims(value: string, header: string, now: number): Claims {
  const certificate = readCertificate(value);
  if (certificate === undefined) throw unacceptable(header, 'certificate');
  if (!(Date.parse(certificate.validFrom) <= now && now < Date.parse(certificate.validTo)))
    throw unacceptable(header, 'expired');
  const { subject } = certificate.toLegacyObject();
  const names = [subject.CN].flat().filter((name) => typeof name === 'string');
  const email = addressIn(certificate.subjectAltName);
  return {
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    issuer: certificate.issuer.split('\n').join(', '),
    serial: certificate.serialNumber,
    dn: certificate.subject.split('\n').join(', '),
    ...(names.length === 1 && { name: names[0] }),
    ...(email !== undefined && { email }),
    groups: [subject.OU].flat().filter((unit) => typeof unit === 'string'),
  };
}

function readCertificate(value: string): X509Certificate | undefined {
  try {
    const text = value.includes('%') ? decodeURIComponent(value) : value;
    const base64 = text.replace(/-----(?:BEGIN|END) CERTIFICATE-----/g, '').replace(/\s/g, '');
    const der = Buffer.from(base64, 'base64');
    // What is left out or mended in reading was never written by a web server.
    if (der.length > LONGEST_DER || der.toString('base64') !== base64) return undefined;
    return new X509Certificate(der);
  } catch {
    // Whatever Node says about it, it is no certificate.
    return undefined;
  }
}

/** The one e-mail address; several are none. Node quotes what could be read as something else, and that is none either. */
function addressIn(names: string | undefined): string | undefined {
  const addresses = (names ?? '').split(', ').filter((name) => name.startsWith('email:'));
  const [only = ''] = addresses;
  return addresses.length === 1 && !only.includes('"') ? only.slice('email:'.length) : undefined;
}
