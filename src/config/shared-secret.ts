/**
 * Which shared secrets are none: those that stand in documentation, and those that can be guessed.
 */
import type { Secret } from '../base/secret.ts';
import type { Complaint } from './complaints.ts';

/** HMAC with SHA-256 wants a key as long as its hash (RFC 7518, section 3.2). */
const ENOUGH_BYTES = 32;

/** Secrets printed in manuals, examples and predecessors' defaults; in lower case. */
const PUBLISHED: ReadonlySet<string> = new Set([
  'a-string-secret-at-least-256-bits-long',
  'app_secret',
  'appsecret',
  'change-me',
  'change_me',
  'changeme',
  'changeit',
  'example',
  'example_app_secret',
  'example_secret',
  'jitsi',
  'jitsi_secret',
  'jwt_app_secret',
  'jwt_secret',
  'my_app_secret',
  'my_jitsi_app_secret',
  'my_secret',
  'myappsecret',
  'myjitsiappsecret',
  'mysecret',
  'mysecretkey',
  'ostiary',
  'passw0rd',
  'password',
  'secret',
  'secretkey',
  'supersecret',
  'test',
  'your-256-bit-secret',
  'your-secret',
  'your_app_secret',
  'your_jwt_secret',
  'your_secret',
]);

const RIGHT =
  'at least 32 random bytes (openssl rand -base64 48), the same in Prosody; or no secret at all, then we sign with keys of our own';

/** What is wrong with one secret; nothing where it can sign. */
export function weakness(secret: Secret, insecureShortSecret: boolean): 'published' | 'short' | undefined {
  const value = secret.reveal();
  if (PUBLISHED.has(value.trim().toLowerCase())) return 'published';
  return Buffer.byteLength(value) < ENOUGH_BYTES && !insecureShortSecret ? 'short' : undefined;
}

/** What is said of a weak secret. */
export const WEAK: Readonly<Record<'published' | 'short', string>> = {
  published: 'stands in published examples: anybody can sign with it',
  short: 'is shorter than 32 bytes and can be guessed',
};

/**
 * What is wrong with the shared secret and the settings around it.
 * @see docker-jitsi-meet, env.example; jitsi-meet, doc/debian/jitsi-meet-prosody/prosody.cfg.lua-jvb.example
 */
export function secretComplaints(tokens: {
  readonly secret?: Secret;
  readonly insecureShortSecret: boolean;
  readonly keyFiles?: readonly unknown[];
}): readonly Complaint[] {
  const { secret, insecureShortSecret, keyFiles } = tokens;
  if (secret === undefined) return [];
  const complaints: Complaint[] = [];
  const weak = weakness(secret, insecureShortSecret);
  if (weak !== undefined)
    complaints.push({
      path: 'tokens.secret',
      wrong: WEAK[weak],
      right:
        weak === 'published'
          ? RIGHT
          : `${RIGHT}; or insecureShortSecret: true, if an installation works with it today`,
    });
  if (keyFiles !== undefined)
    complaints.push({
      path: 'tokens.keyFiles',
      wrong: 'contradicts tokens.secret',
      right: 'one of the two: Prosody takes one algorithm',
    });
  return complaints;
}
