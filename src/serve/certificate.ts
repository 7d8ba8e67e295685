/**
 * The certificate of our own listener: two PEM files, read again whenever they
 * change, because whoever renews them tells nobody. A pair that is no good is
 * never taken: the one we have stays, and the log says why.
 *
 * Does not know what is served, nor who renews.
 */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Log } from '../base/log.ts';
import { isProblem, Problem } from '../base/problem.ts';

/** Where certificate and key stand. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate that is looked after. */
export interface LiveCertificate {
  /** What handshakes are made with now. */
  options(): SecureContextOptions;
  /** Reads the files; hands over what has changed and is good. Never throws what a file could cause. */
  look(take: (options: SecureContextOptions) => void): void;
}

interface Texts {
  readonly cert: string;
  readonly key: string;
  readonly digest: string;
}

interface Pair {
  readonly digest: string;
  readonly options: SecureContextOptions;
  /** What the log may say of it. */
  readonly facts: { readonly names: string; readonly until: string };
}

/** TLS 1.0 and 1.1 are no longer to be offered (RFC 8996). */
const OLDEST = 'TLSv1.2';

/**
 * Reads both files now. Throws `config.unusable` with the file and why: `ENOENT` and its like,
 * `no-certificate`, `encrypted`, `no-key`, `key-of-another`, `refused-by-openssl`.
 */
export function createCertificate(files: CertificateFiles, log: Log): LiveCertificate {
  let current = pairOf(files, textsOf(files));
  let told: string | undefined;
  log.info('certificate', current.facts);
  const keep = (state: string, thrown: unknown) => {
    if (!isProblem(thrown)) throw thrown;
    // Said once for each state of the files, not every few seconds.
    if (told !== state) log.error('certificate.kept', { ...thrown.facts, until: current.facts.until });
    told = state;
  };
  const read = (): Texts | undefined => {
    try {
      return textsOf(files);
    } catch (thrown) {
      keep(isProblem(thrown) ? JSON.stringify(thrown.facts) : '', thrown);
      return undefined;
    }
  };
  return {
    options: () => current.options,
    look(take) {
      const texts = read();
      if (texts === undefined || texts.digest === told) return;
      try {
        if (texts.digest !== current.digest) {
          current = pairOf(files, texts);
          take(current.options);
          log.info('certificate.taken', current.facts);
        }
        told = undefined;
      } catch (thrown) {
        keep(texts.digest, thrown);
      }
    },
  };
}

function textsOf({ certFile, keyFile }: CertificateFiles): Texts {
  const [cert, key] = [textOf(certFile), textOf(keyFile)];
  const digest = createHash('sha256').update(cert).update('\0').update(key).digest('base64url');
  return { cert, key, digest };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw new Problem('config.unusable', { file, why: String(cause.code) }, cause);
  }
}

function pairOf({ certFile, keyFile }: CertificateFiles, { cert, key, digest }: Texts): Pair {
  // OpenSSL's own words go no further: they say nothing an operator could act on, and a key file must not speak.
  const attempt = <T>(made: () => T, file: string, why: string): T => {
    try {
      return made();
    } catch {
      throw new Problem('config.unusable', { file, why });
    }
  };
  const shown = attempt(() => new X509Certificate(cert), certFile, 'no-certificate');
  if (/-----BEGIN ENCRYPTED |^Proc-Type:.*ENCRYPTED/m.test(key))
    throw new Problem('config.unusable', { file: keyFile, why: 'encrypted' });
  const secret = attempt(() => createPrivateKey(key), keyFile, 'no-key');
  if (!shown.checkPrivateKey(secret))
    throw new Problem('config.unusable', { file: keyFile, why: 'key-of-another' });
  const options = { cert, key, minVersion: OLDEST } as const;
  attempt(() => createSecureContext(options), certFile, 'refused-by-openssl');
  const names = shown.subjectAltName ?? shown.subject;
  return { digest, options, facts: { names, until: new Date(shown.validTo).toISOString() } };
}
