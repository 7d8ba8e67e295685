/**
 * Whose certificates are believed: the system's authorities, and one of the
 * operator's own. There is no way to believe everybody.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { isProblem, Problem } from '../base/problem.ts';

/**
 * The system's and our own authorities, parsed once: hundreds of certificates at every connection would cost
 * 10 ms each time. Throws `config.unusable` with the setting that names the file.
 */
export function trusting(caFile: string | undefined, setting: string): SecureContext {
  const own = caFile === undefined ? [] : certificatesOf(caFile, setting);
  return createSecureContext({
    ca: [...new Set([...getCACertificates('default'), ...getCACertificates('system')]), ...own],
  });
}

/** The certificates of a PEM file; OpenSSL would ignore what it cannot read. */
function certificatesOf(caFile: string, setting: string): string[] {
  try {
    const blocks = readFileSync(caFile, 'latin1').match(
      /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g,
    );
    if (blocks === null) throw new Problem('config.unusable', { setting, why: 'no-certificate' });
    return blocks.map((block) => new X509Certificate(block).toString());
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause) || isProblem(cause)) throw cause;
    throw new Problem('config.unusable', { setting, why: String(cause.code) }, cause);
  }
}
