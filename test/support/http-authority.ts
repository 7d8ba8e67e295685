/**
 * A certificate authority that lasts as long as a test, made by the openssl command.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a server shows, in PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Something that certifies names. */
export interface Authority {
  /** Path of the authority's own certificate. */
  readonly caFile: string;
  /** Makes a key and certifies names and addresses for so many days; -1 makes what expired yesterday. */
  issue(names: readonly string[], days?: number): Certificate;
  /** The same for a person: with CN, OU, and an e-mail address in subjectAltName. */
  certify(person: { readonly name: string; readonly unit: string; readonly email: string }): Certificate;
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 20_000 });
}

/** Makes an authority whose files stand in `directory`. */
export function makeAuthority(directory: string): Authority {
  const [caFile, caKey] = [join(directory, 'ca.pem'), join(directory, 'ca.key')];
  openssl([
    'req',
    '-x509',
    ...EC,
    '-keyout',
    caKey,
    '-out',
    caFile,
    '-days',
    '2',
    '-subj',
    '/CN=Test authority',
  ]);
  let serial = 0;
  /** `subject` as openssl writes it, `alternatives` as X.509 does. */
  const sign = (subject: string, alternatives: string, days: number): Certificate => {
    serial += 1;
    const [key, request, cert, extensions] = ['key', 'csr', 'pem', 'ext'].map((kind) =>
      join(directory, `${serial}.${kind}`),
    ) as [string, string, string, string];
    openssl(['req', '-utf8', ...EC, '-keyout', key, '-out', request, '-subj', subject]);
    writeFileSync(extensions, `subjectAltName=${alternatives}\n`);
    openssl([
      'x509',
      '-req',
      '-in',
      request,
      '-CA',
      caFile,
      '-CAkey',
      caKey,
      '-set_serial',
      `${serial}`,
      '-days',
      `${days}`,
      '-extfile',
      extensions,
      '-out',
      cert,
    ]);
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  };
  return {
    caFile,
    issue: (names, days = 1) =>
      sign(
        `/CN=${names[0]}`,
        names.map((name) => (/^[\d.]+$|:/.test(name) ? `IP:${name}` : `DNS:${name}`)).join(','),
        days,
      ),
    certify: ({ name, unit, email }) => sign(`/OU=${unit}/CN=${name}`, `email:${email}`, 1),
  };
}
