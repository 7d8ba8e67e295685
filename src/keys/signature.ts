/**
 * The bare signature: text in, base64url out, as fast as the machine allows.
 *
 * Knows keys and bytes, and nothing of tokens, claims or headers.
 */
import { createHmac, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { Problem } from '../base/problem.ts';
import type { SigningKey } from './signing-key.ts';

/** Reading a PEM costs as much as half a signature, so the last few keys are kept as the machine wants them. */
const REMEMBERED = 16;
const imported = new Map<string, { readonly pem: string; readonly key: KeyObject }>();

function privateKeyOf({ kid, secret }: SigningKey): KeyObject {
  const pem = secret.reveal();
  const known = imported.get(kid);
  // The kid alone proves nothing: an operator may put another key on disk under the old name.
  if (known?.pem === pem) return known.key;
  const key = readPem(kid, pem);
  imported.delete(kid);
  const [oldest] = imported.keys();
  if (imported.size >= REMEMBERED && oldest !== undefined) imported.delete(oldest);
  imported.set(kid, { pem, key });
  return key;
}

function readPem(kid: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // OpenSSL's words help nobody here, and whoever checked the key before had better ones.
    throw new Problem('key.unusable', { kid, why: 'not-a-key' });
  }
}

interface Job {
  readonly input: Buffer;
  readonly key: KeyObject;
  readonly done: (signature: string) => void;
  readonly failed: (cause: unknown) => void;
}

let waiting: Job[] = [];

function inThePool({ input, key, done, failed }: Job): void {
  sign('sha256', input, key, (cause, signature) =>
    cause === null ? done(signature.toString('base64url')) : failed(cause),
  );
}

function onTheSpot({ input, key, done, failed }: Job): void {
  try {
    done(sign('sha256', input, key).toString('base64url'));
  } catch (cause) {
    failed(cause);
  }
}

function work(): void {
  const jobs = waiting;
  waiting = [];
  const [only] = jobs;
  if (only !== undefined && jobs.length === 1) onTheSpot(only);
  else for (const job of jobs) inThePool(job);
}

/**
 * RSASSA-PKCS1-v1_5 with SHA-256. One signature asked for alone is made on the spot, a quarter of a
 * millisecond; several asked for in the same turn of the event loop go to the thread pool together,
 * where they use every core. The way there and back costs a fifth of a signature when nobody else waits.
 * @see RFC 7518, section 3.3
 */
function rsaSignature(input: string, key: KeyObject): Promise<string> {
  return new Promise((done, failed) => {
    waiting.push({ input: Buffer.from(input), key, done, failed });
    if (waiting.length === 1) setImmediate(work);
  });
}

/** The signature of a text by this key, in base64url. Throws `key.unusable`. @see RFC 7515, section 5.1 */
export async function signatureOf(input: string, key: SigningKey): Promise<string> {
  if (key.algorithm === 'RS256') return rsaSignature(input, privateKeyOf(key));
  return createHmac('sha256', key.secret.reveal()).update(input).digest('base64url');
}
