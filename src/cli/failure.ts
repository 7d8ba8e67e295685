/**
 * A failure we foresaw, in two lines for the terminal: what happened, and what to do.
 */
import { PROBLEMS, type Problem, type ProblemCode } from '../base/problem.ts';

/** What to do about what an operator can meet at the terminal. */
const WHAT_TO_DO: { readonly [Code in ProblemCode]?: string } = {
  'store.unavailable':
    'See that store.path names a file of ours that this user may read and write, and that its folder is there.',
  'store.full':
    'See that there is room on the disk, and that this user may write to the file and its folder.',
  'store.newer':
    'Run the version that wrote it, or restore the copy that was made beside it before it was changed.',
  'config.unusable': 'Run "ostiary check": it tells everything that is wrong and what would be right.',
  'key.unusable':
    'See that this user may read the file, and that it holds as PEM what its setting asks for: a public key of somebody else; or a key of ours, an unencrypted RSA private key of 2048 bits or more, and a certificate named beside it is of that key.',
  'room.missing': 'Name the room as it stands in the address line.',
  'room.unusable':
    'Name the room as it stands in the address line, without what Jitsi does not take in a name.',
  'room.reserved': 'Choose another name: this one is an address of Jitsi itself or of ours.',
  'tenant.unusable': 'Name the tenant as it stands in the address line: letters, digits, dots, hyphens.',
  'provider.unreachable':
    'See that this machine reaches the sign-in service: name, network, proxy, certificate.',
  'provider.misconfigured':
    'Compare issuer, clientId and clientSecret with what is set at the sign-in service.',
  'provider.clock': 'Run an NTP client on both machines.',
  'issuer.unreachable':
    'See that the address answers with the keys of the application (RFC 7517), and that this machine reaches it.',
  'outbound.failed': 'See that this machine reaches the address: name, network, proxy, certificate.',
};

const CERTIFICATE =
  'See that its certificate has not run out and is made for this name; an authority of your own is named in outbound.caFile.';

const OTHERWISE = 'The log of the server says more; docs/reference/problems.md says what the code means.';

/** Why a socket could not be opened: what to say after its address, and what to do. */
const NOT_LISTENING: Readonly<Record<string, readonly [what: string, whatToDo: string]>> = {
  EADDRINUSE: ['is taken by another program', 'Stop it, or set listen.public.port (listen.inner.port).'],
  EACCES: [
    'is not for this user to listen at',
    'Set listen.public.port (listen.inner.port) to 1024 or more.',
  ],
  EADDRNOTAVAIL: [
    'is no address of this machine',
    'Set listen.public.host (listen.inner.host) to one that is.',
  ],
};

/** Is this the problem of a socket that found its port taken? */
export function isPortTaken({ code, facts }: Problem): boolean {
  return code === 'config.unusable' && facts['listen'] !== undefined && facts['why'] === 'EADDRINUSE';
}

/** The two lines of a problem. The facts are ours and hold no secret. */
export function failureLines(problem: Problem): readonly [what: string, whatToDo: string] {
  const { listen, why } = problem.facts;
  const socket = NOT_LISTENING[String(why)];
  if (problem.code === 'config.unusable' && listen !== undefined && socket !== undefined)
    return [`${listen} ${socket[0]}.`, socket[1]];
  const whatToDo = problem.facts['reason'] === 'tls' ? CERTIFICATE : whatToDoAbout(problem.code);
  const facts = Object.entries(problem.facts)
    // A failure on the wire comes with the same word under two names.
    .filter(([, value], at, all) => typeof value !== 'string' || firstOf(value, all) === at)
    .map(([name, value]) => `${name}: ${value}`);
  return [`${problem.message} (${[problem.code, ...facts].join(', ')})`, whatToDo];
}

function firstOf(value: string, all: readonly (readonly [string, unknown])[]): number {
  return all.findIndex(([, other]) => other === value);
}

/** What an operator can do about a problem of this code. */
export function whatToDoAbout(code: string): string {
  return isCode(code) ? (WHAT_TO_DO[code] ?? OTHERWISE) : OTHERWISE;
}

/** The English title of a code; the code itself where it is none of ours. */
export function titleOf(code: string): string {
  return isCode(code) ? PROBLEMS[code].title : code;
}

/** Is this text one of our codes? */
export function isCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}
