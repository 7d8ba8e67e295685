/**
 * The keys of our SAML service provider: which there are, and how one we made ourselves gives way to another.
 */
import { X509Certificate } from 'node:crypto';
import type { CertifiedKey, StoredCertifiedKeys } from '../keys/certified-keys.ts';
import { CONFIG, type Command, complain, JSON_OUT } from './command.ts';
import { type TerminalParts, withParts } from './open.ts';
import { columns, json } from './text.ts';

interface Step {
  readonly work: (keys: StoredCertifiedKeys) => Promise<boolean>;
  readonly done: string;
  /** Why not, and what to do instead. */
  readonly not: readonly [string, string];
}

/** What can be done, by the word for it; the first that is given. */
const STEPS = {
  next: {
    work: (keys: StoredCertifiedKeys) => keys.addNext(),
    done: 'A second key stands in our metadata, and decrypts. It signs after --switch: once every identity provider has read our metadata.',
    not: ['There is a second key already.', 'Have it sign (--switch), or take it out (--drop).'],
  },
  switch: {
    work: (keys: StoredCertifiedKeys) => keys.switchOver(),
    done: 'The second key signs from now on; the first stands beside it, and decrypts. Take it out (--drop) once nobody encrypts for it any more.',
    not: ['There is no second key.', 'Make one first (--next).'],
  },
  drop: {
    work: (keys: StoredCertifiedKeys) => keys.dropSecond(),
    done: 'The key that does not sign is gone.',
    not: ['There is no second key.', 'The one that signs cannot be taken out.'],
  },
} as const;

/** `ostiary keys saml` */
export const keysSaml: Command = {
  name: 'keys saml',
  does: 'show the keys of our SAML service provider, or change to a new one in three steps',
  about:
    'Without an option it shows them. First --next; then --switch, once every identity provider has read our metadata anew; at last --drop, once nobody encrypts for the old key any more. A running server knows of every step within a minute. With keys from files (saml.keys) the order of the files says the same.',
  options: [
    { flags: '--next', does: 'make a second key: published, and good for decryption' },
    { flags: '--switch', does: 'have the second key sign' },
    { flags: '--drop', does: 'take out the key that does not sign' },
    CONFIG,
    JSON_OUT,
  ],
  run: (io, given) =>
    withParts(io, given, async (parts) => {
      const { samlKeys } = parts;
      if (samlKeys === undefined)
        return complain(io, 'No identity provider here speaks SAML.', 'Add a provider of kind: saml.');
      const step = (['next', 'switch', 'drop'] as const).find((word) => given.flag(word));
      if (step === undefined) return show(parts);
      if (!('addNext' in samlKeys))
        return complain(
          io,
          'The keys of our SAML service provider come from files.',
          'Change saml.keys: a new key second in the list, later first.',
        );
      const { work, done, not }: Step = STEPS[step];
      if (!(await work(samlKeys))) return complain(io, ...not);
      if (given.flag('json')) return show(parts);
      io.out(done);
      return 0;

      async function show({ samlKeys: keys }: TerminalParts): Promise<0> {
        const listed = described((await keys?.all()) ?? []);
        if (given.flag('json')) io.out(json(listed));
        else
          io.out(
            columns(
              ['CERTIFICATE', 'STATE', 'UNTIL'],
              listed.map(({ certificate, state, until }) => [certificate, state, until]),
            ),
          );
        return 0;
      }
    }),
};

interface Shown {
  /** SHA-256 of the certificate, as OpenSSL writes it. */
  readonly certificate: string;
  readonly state: 'signing' | 'published';
  readonly until: string;
}

function described(keys: readonly CertifiedKey[]): readonly Shown[] {
  const signing = keys.find(({ use }) => use !== 'encryption');
  return keys.map((key) => {
    const certificate = new X509Certificate(key.certificate);
    return {
      certificate: certificate.fingerprint256,
      state: key === signing ? 'signing' : 'published',
      until: certificate.validToDate.toISOString().slice(0, 10),
    };
  });
}
