/**
 * Does a provider take our client id and secret, and know where it may send people back to? Found out without a
 * person: a code that is none is judged only after the client (RFC 6749, sections 3.2.1 and 5.2), and a stranger
 * who may be shown nothing is sent back only to an address that is registered (section 3.1.2.4).
 *
 * Says what it saw, and leaves open what an answer does not tell. Nobody is signed in by it.
 */
import { isProblem, type Problem } from '../base/problem.ts';
import type { Wire } from './oidc-wire.ts';
import type { ClientTrial, FinishedAttempt } from './provider.ts';

/** What the trial is made with. */
export interface TrialParts {
  /** The address a browser would be sent to, asking without showing anything. */
  readonly start: (attempt: FinishedAttempt) => Promise<string>;
  readonly redeem: (code: string, attempt: FinishedAttempt) => Promise<unknown>;
  readonly wire: Wire;
}

/** Nothing here protects anybody: the code belongs to nobody. */
const NO_CODE = 'ostiary-check-this-is-no-code';
const OF_NO_USE = 'ostiary-check-'.padEnd(43, '0');

/** What a provider answers to a client it does not take; some say so of an unknown id, some of a wrong secret. */
const NOT_TAKEN = ['invalid_client', 'unauthorized_client'];

/** Tries both endpoints. Throws `provider.unreachable` where the token endpoint does not answer. */
export async function tryClient(redirectUri: string, parts: TrialParts): Promise<ClientTrial> {
  const attempt = { state: OF_NO_USE, nonce: OF_NO_USE, verifier: OF_NO_USE, redirectUri, silent: true };
  const error = await parts.redeem(NO_CODE, attempt).then(() => undefined, errorOf);
  const sendsBack = await sentBack(attempt, parts);
  return {
    ...(error === 'invalid_grant' && { taken: true }),
    ...(error !== undefined && NOT_TAKEN.includes(error) && { taken: false, error }),
    ...(sendsBack !== undefined && { sendsBack }),
  };
}

function errorOf(thrown: unknown): string | undefined {
  if (!isProblem(thrown) || thrown.code === 'provider.unreachable') throw thrown;
  return wordOf(thrown);
}

function wordOf({ facts }: Problem): string | undefined {
  return typeof facts['error'] === 'string' ? facts['error'] : undefined;
}

/** Only a clear yes or no counts: a page, or the way to another page, tells nothing. */
async function sentBack(attempt: FinishedAttempt, { start, wire }: TrialParts): Promise<boolean | undefined> {
  const url = new URL(await start(attempt));
  url.hash = '';
  const answer = await wire(url.href, 'authorization').catch((thrown: unknown) => {
    if (!isProblem(thrown)) throw thrown;
    return undefined;
  });
  if (answer === undefined) return undefined;
  const to = answer.headers.get('location') ?? '';
  if (answer.status >= 300 && answer.status <= 399)
    return to.startsWith(`${attempt.redirectUri}?`) ? true : undefined;
  return answer.status === 400 || answer.status === 401 ? false : undefined;
}
