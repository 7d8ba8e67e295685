/**
 * Does the store open, does every sign-in service answer, and does it take us?
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { silentLog } from '../base/log.ts';
import { isProblem, Problem } from '../base/problem.ts';
import type { Complaint } from '../config/complaints.ts';
import type { Config } from '../config/load.ts';
import type { ClientTrial, Provider } from '../identity/provider.ts';
import { judgedHere } from './check-accounts.ts';
import { judgedSaml, samlKeysRead } from './check-saml.ts';
import { failureLines, isCode, whatToDoAbout } from './failure.ts';
import type { Finding } from './finding.ts';
import { hindranceAt } from './open.ts';

const IN_MEMORY = ':memory:';

const PEM_FILE = 'a PEM file of certificates that is there and that this user may read';

/** More seconds than this between the clocks, and tokens are refused. */
const TOO_FAR_APART = 60;

/** Opens the store as the server would; one that is not there yet is not made. */
export async function checkStore(config: Config, now: () => number): Promise<Finding> {
  const { path } = config.store;
  const wrong = (what: string, right: string): Finding => ({
    subject: 'store',
    complaints: [{ path: 'store.path', wrong: what, right }],
  });
  if (path === IN_MEMORY)
    return { subject: 'store', says: 'in memory: a restart forgets everything', complaints: [] };
  if (!existsSync(path)) {
    if (!mayWriteTo(dirname(path)))
      return wrong(
        `cannot be made in ${dirname(path)}`,
        'a folder that is there and that this user may write to',
      );
    return { subject: 'store', says: `${path} will be made at the first start`, complaints: [] };
  }
  const [hindrance, whatToDo] = hindranceAt(path) ?? [];
  if (hindrance !== undefined) return wrong(`could not be opened: ${hindrance}`, whatToDo ?? '');
  try {
    const { openParts } = await import('../app.ts');
    const parts = await openParts(config, { clock: { now }, log: silentLog });
    await parts.store.ping();
    await parts.close();
    return { subject: 'store', says: path, complaints: [] };
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    const [what, right] = failureLines(thrown);
    return wrong(`could not be opened: ${what}`, right);
  }
}

/** A file of the settings without which no part of a server can be made: what would stop the start, told as a complaint. */
export async function partsHindered(config: Config, now: () => number): Promise<readonly Finding[]> {
  const { openParts } = await import('../app.ts');
  try {
    const parts = await openParts(
      { ...config, store: { path: IN_MEMORY } },
      { clock: { now }, log: silentLog },
    );
    await parts.close();
    return [];
  } catch (thrown) {
    if (!isProblem(thrown, 'config.unusable') || thrown.facts['setting'] === undefined) throw thrown;
    const { setting, why } = thrown.facts;
    const right = String(setting).endsWith('caFile')
      ? PEM_FILE
      : 'an address such as http://proxy.example.org:3128';
    return [
      { subject: 'files', complaints: [{ path: String(setting), wrong: `cannot be used (${why})`, right }] },
    ];
  }
}

function mayWriteTo(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return false;
    throw thrown;
  }
}

/** One sign-in service, asked. */
export interface ProviderSeen {
  readonly id: string;
  readonly kind: string;
  readonly finding: Finding;
  /** Our clock less theirs, in seconds. */
  readonly skew?: number;
  /** Where it was asked whether it sends people back: to which address, and what it said. */
  readonly back?: { readonly to: string; readonly sends: boolean | undefined };
}

/** Asks every sign-in service for what it publishes about itself, and whether it takes our client id and secret. */
export async function checkProviders(config: Config, now: () => number): Promise<readonly Finding[]> {
  const { keys, providers } = await seeProviders(config, now);
  return [...keys, ...providers.map(({ finding }) => finding)];
}

/** The same, with what was seen of each. */
export async function seeProviders(
  config: Config,
  now: () => number,
): Promise<{ readonly keys: readonly Finding[]; readonly providers: readonly ProviderSeen[] }> {
  const { openParts } = await import('../app.ts');
  const parts = await openParts(
    { ...config, store: { path: IN_MEMORY } },
    { clock: { now }, log: silentLog },
  );
  try {
    const providers = [...parts.providers.values()];
    await Promise.all(providers.map((provider) => provider.warm()));
    const ours = `${config.publicUrl}${config.prefix}/saml/metadata`;
    const judgedAll = await Promise.all(
      providers.map(async (provider, at): Promise<Judged> => {
        const { kind, internalIssuer, issuer = '', clientSecret } = config.providers[at] ?? {};
        if (kind === 'header') return { finding: judgedHeader(provider, config) };
        if (kind === 'saml') {
          const place = { path: `providers[${at}].saml`, said: config.providers[at]?.saml, ours, now: now() };
          return { finding: await judgedSaml(provider, place, () => whyDown(provider)) };
        }
        if (kind !== undefined && kind !== 'oidc')
          return { finding: await judgedHere(provider, { kind, path: `providers[${at}]` }) };
        return judged(provider, {
          path: `providers[${at}]`,
          issuer: internalIssuer ?? issuer,
          hasSecret: clientSecret !== undefined,
          redirectUri: `${config.publicUrl}${config.prefix}/callback/${provider.id}`,
        });
      }),
    );
    return {
      keys: await samlKeysRead(config, parts.samlKeys),
      providers: judgedAll.map((seen, at) => {
        const { clockSkew: skew } = providers[at]?.state() ?? {};
        const { id = '', kind = 'oidc' } = config.providers[at] ?? {};
        return { id, kind, ...seen, ...(skew !== undefined && { skew }) };
      }),
    };
  } finally {
    await parts.close();
  }
}

/** Which provider of the file it is, and where its metadata is looked for. */
interface Place {
  readonly path: string;
  readonly issuer: string;
  readonly hasSecret: boolean;
  /** Where it may send people back to. */
  readonly redirectUri: string;
}

/** A proxy in front cannot be asked at all: what it has to guard is told. */
function judgedHeader({ id, answersAt = '' }: Provider, { publicUrl, prefix }: Config): Finding {
  const where = `${publicUrl}${prefix}${answersAt}`;
  const says = `is believed at ${where} alone, which the proxy has to guard; it cannot be asked from here`;
  return { subject: `provider ${id}`, says, complaints: [] };
}

type Judged = Pick<ProviderSeen, 'finding' | 'back'>;

async function judged(provider: Provider, place: Place): Promise<Judged> {
  const { up, clockSkew = 0 } = provider.state();
  const subject = `provider ${provider.id}`;
  if (!up) {
    return { finding: { subject, complaints: [discoveryComplaint(await whyDown(provider), place)] } };
  }
  if (Math.abs(clockSkew) > TOO_FAR_APART) {
    const wrong = `has a clock that differs from ours by ${Math.abs(Math.round(clockSkew))} seconds`;
    const right = whatToDoAbout('provider.clock');
    return { finding: { subject, complaints: [{ path: place.path, wrong, right }] } };
  }
  try {
    const trial = await provider.tryClient(place.redirectUri);
    const back = { to: place.redirectUri, sends: trial.sendsBack };
    return { finding: { subject, ...judgedClient(trial, place) }, back };
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    const [what, right] = failureLines(thrown);
    const complaints = [{ path: place.path, wrong: `does not work: ${what}`, right }];
    return { finding: { subject, complaints } };
  }
}

/** What the service said to our client id and secret, in words. */
function judgedClient(
  { taken, error, sendsBack }: ClientTrial,
  { path, hasSecret, redirectUri }: Place,
): Omit<Finding, 'subject'> {
  const ours = hasSecret ? 'client id and secret' : 'the client id';
  if (taken === undefined)
    return { says: `answers (whether it takes ${ours} shows at the first sign-in)`, complaints: [] };
  if (taken && sendsBack === false) {
    const warning = `takes ${ours}, but seems to send nobody back: is ${redirectUri} set there as redirect address?`;
    return { warning, complaints: [] };
  }
  if (taken)
    return {
      says: `answers, takes ${ours}${sendsBack ? ', and sends people back to us' : ''}`,
      complaints: [],
    };
  if (sendsBack !== true) {
    const wrong = `${hasSecret ? 'or clientSecret ' : ''}is not the one the service has (${error})`;
    const right = `${ours} as they stand at the service, with ${redirectUri} as redirect address there`;
    return { complaints: [{ path: `${path}.clientId`, wrong, right }] };
  }
  const wrong = hasSecret
    ? `is not the one the service has for this clientId (${error})`
    : `is missing: the service knows the clientId, and wants a secret too (${error})`;
  const right = 'the secret as the service shows it, to the letter; the secret itself, not its id';
  return { complaints: [{ path: `${path}.clientSecret`, wrong, right }] };
}

/** What a provider that could not be asked about itself lets us say of its settings. */
export function discoveryComplaint(problem: Problem, { path, issuer }: Place): Complaint {
  const { asked, why, expected, found, status } = problem.facts;
  if (why === 'issuer' && found !== undefined)
    return {
      path: `${path}.issuer`,
      wrong: `is ${expected}, but the service calls itself ${found}`,
      right: `issuer: ${found}`,
    };
  const metadata = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  if (asked === 'discovery' && status === 404)
    return {
      path: `${path}.issuer`,
      wrong: `has nothing at ${metadata}`,
      right: "the issuer as the service writes it; Keycloak's issuer ends in /realms/NAME",
    };
  const [what, right] = failureLines(problem);
  return { path, wrong: `does not work: ${what}`, right };
}

/** Its state holds a code; what is thrown at somebody who wants to sign in holds the facts too. */
async function whyDown(provider: Provider): Promise<Problem> {
  const { code } = provider.state();
  const memory = { state: 'check', nonce: 'check', verifier: 'check' };
  try {
    // Of a federation somebody has to be meant, so that its metadata is asked for.
    const member = 'https://invalid.invalid/';
    await provider.start({ memory, redirectUri: 'https://invalid.invalid/', silent: false, member });
  } catch (thrown) {
    if (isProblem(thrown)) return thrown;
    throw thrown;
  }
  return new Problem(code !== undefined && isCode(code) ? code : 'provider.unreachable');
}
