/**
 * Could our own listener be opened with the certificate it is given, and is that made for our name?
 */
import { X509Certificate } from 'node:crypto';
import { silentLog } from '../base/log.ts';
import { isProblem } from '../base/problem.ts';
import type { Config } from '../config/load.ts';
import { createCertificate } from '../serve/certificate.ts';
import type { Finding } from './finding.ts';

const WHY: Readonly<Record<string, string>> = {
  'no-certificate': 'holds no certificate as PEM',
  'no-key': 'holds no private key as PEM',
  encrypted: 'is encrypted, and nobody types a pass phrase here',
  'key-of-another': 'is the key of another certificate',
  'refused-by-openssl': 'is refused by OpenSSL',
};

/** Reads certificate and key as the server would; nothing where somebody else speaks TLS for us. */
export function checkCertificate({ listen, publicUrl }: Config): readonly Finding[] {
  const { certFile, keyFile } = listen.public.tls;
  if (certFile === undefined || keyFile === undefined) return [];
  const subject = 'certificate';
  try {
    const { cert } = createCertificate({ certFile, keyFile }, silentLog).options();
    const { hostname } = new URL(publicUrl);
    if (new X509Certificate(String(cert)).checkHost(hostname) !== undefined)
      return [{ subject, says: `${certFile} is for ${hostname}`, complaints: [] }];
    return [{ subject, warning: `${certFile} is not made for ${hostname}`, complaints: [] }];
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    const { file, why } = thrown.facts;
    const complaint = {
      path: `listen.public.tls.${file === keyFile ? 'keyFile' : 'certFile'}`,
      wrong: `names ${file}, which ${WHY[String(why)] ?? `cannot be read (${why})`}`,
      right:
        'the certificate with its chain, and the unencrypted private key that belongs to it, both as PEM',
    };
    return [{ subject, complaints: [complaint] }];
  }
}
