/**
 * Do the accounts that people sign in to on a page of ours answer, and as the settings say?
 */
import { isProblem, type Problem } from '../base/problem.ts';
import type { Complaint } from '../config/complaints.ts';
import type { Provider } from '../identity/provider.ts';
import { failureLines } from './failure.ts';
import type { Finding } from './finding.ts';

/** What is asked with name and password here, as far as it lets itself be looked at without either. */
export async function judgedHere(
  provider: Provider,
  { path, kind }: { readonly path: string; readonly kind: string },
): Promise<Finding> {
  const subject = `provider ${provider.id}`;
  try {
    const { away = [] } = await provider.tryClient('');
    if (away.length > 0)
      return {
        subject,
        warning: `answers, but not all of it: ${away.map(awayWords).join('; ')}`,
        complaints: [],
      };
    return { subject, says: HERE[kind] ?? 'answers', complaints: [] };
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    return { subject, complaints: [complaintHere(thrown, path)] };
  }
}

/** "ldaps://dc2.example.org does not answer (ECONNREFUSED)" */
function awayWords({ facts: { server, asked, why } }: Problem): string {
  const [setting, wrong] = LDAP_STEPS[String(asked)] ?? ['urls', 'does not answer'];
  const because = why === undefined ? '' : ` (${why})`;
  return `${server}${setting === 'urls' ? '' : `: ${setting}`} ${wrong}${because}`;
}

const HERE: Readonly<Record<string, string>> = {
  ldap: 'answers, takes the account that looks people up, and has the base',
  prosody: 'answers, and lets people sign in there',
  file: 'can be read',
};

/** Where in the settings it lies, by what was asked. */
const LDAP_STEPS: Readonly<Record<string, readonly [setting: string, wrong: string, right: string]>> = {
  tls: [
    'urls',
    'has a certificate that we do not believe',
    'in caFile the authority that signed it, in urls the host name that stands in it, and its time not over',
  ],
  starttls: ['startTls', 'is not done there', 'a directory that knows StartTLS, or ldaps://'],
  connect: ['urls', 'does not answer', 'a server that is reached from this machine: name, port, network'],
  bind: [
    'bindPassword',
    'is not taken, or bindDn is not',
    'the account and its password as the directory has them',
  ],
  base: [
    'base',
    'is not there, or the account may not see it',
    'a place in the directory, and an account that may read below it',
  ],
  groupBase: [
    'groupBase',
    'is not there, or the account may not see it, so nobody would be in a group',
    'a place in the directory, and an account that may read below it; or groups: none',
  ],
  search: ['bindDn', 'may not search there', 'an account that may read people below base'],
  filter: ['filter', 'is no filter', 'a filter of LDAP (RFC 4515)'],
};

/** The same of Prosody's accounts. */
const PROSODY_STEPS: typeof LDAP_STEPS = {
  bosh: [
    'url',
    'does not answer as Prosody does for this domain',
    'the address of its BOSH, in httpHost the name of the host that has the module bosh, and in domain a VirtualHost',
  ],
  mechanisms: [
    'domain',
    'is a host where nobody can sign in with a password that is not shown',
    'a VirtualHost with authentication = "internal_hashed"',
  ],
};

function complaintHere(problem: Problem, path: string): Complaint {
  const { asked, why, server } = problem.facts;
  const told = [why, server].filter((fact) => fact !== undefined);
  const because = told.length === 0 ? '' : ` (${told.join(', at ')})`;
  const prosody = PROSODY_STEPS[String(asked)];
  if (prosody !== undefined)
    return { path: `${path}.prosody.${prosody[0]}`, wrong: `${prosody[1]}${because}`, right: prosody[2] };
  const step = LDAP_STEPS[String(asked)];
  if (step !== undefined)
    return { path: `${path}.ldap.${step[0]}`, wrong: `${step[1]}${because}`, right: step[2] };
  if (asked === 'file' && why === 'ENOENT')
    return {
      path: `${path}.usersFile`,
      wrong: 'is not there yet',
      right: 'ostiary user add NAME, which makes it',
    };
  if (asked === 'file')
    return {
      path: `${path}.usersFile`,
      wrong: `cannot be used${because}`,
      right: 'a file that this user may read, as "ostiary user" writes it',
    };
  const [what, right] = failureLines(problem);
  return { path, wrong: `does not work: ${what}${because}`, right };
}
