/**
 * The applications whose links let people in: are their keys there, and has each a secret of its own?
 */
import { silentLog } from '../base/log.ts';
import { isProblem } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import type { Complaint } from '../config/complaints.ts';
import type { Config } from '../config/load.ts';
import type { Issuer } from '../identity/issuer.ts';
import { failureLines } from './failure.ts';
import type { Finding } from './finding.ts';

type IssuerConfig = Config['issuers'][number];

/** Looks at every one, and fetches what it publishes. */
export function checkIssuers(config: Config, now: () => number): Promise<readonly Finding[]> {
  return Promise.all(config.issuers.map((said, at) => looked(said, { config, at, now })));
}

interface About {
  readonly config: Config;
  readonly at: number;
  readonly now: () => number;
}

async function looked(said: IssuerConfig, about: About): Promise<Finding> {
  const subject = `issuer ${said.iss}`;
  const warning = sharedWith(said, about);
  if (warning !== undefined) return { subject, warning, complaints: [] };
  if (said.secret !== undefined) return { subject, says: 'has a secret of its own', complaints: [] };
  const setting = said.publicKeyFile === undefined ? 'jwksUri' : 'publicKeyFile';
  const wrong = await keyComplaint(said, about);
  if (wrong === undefined) return { subject, says: 'has keys that hold its tokens', complaints: [] };
  return { subject, complaints: [{ path: `issuers[${about.at}].${setting}`, ...wrong }] };
}

/** Whoever holds a secret can speak for everybody who signs with it. */
function sharedWith({ secret }: IssuerConfig, { config, at }: About): string | undefined {
  if (secret === undefined) return undefined;
  const isSame = (other: Secret | undefined) => other?.reveal() === secret.reveal();
  if (isSame(config.tokens.secret))
    return 'signs with the secret that Prosody has: whoever reads it there makes tokens for every room; right would be one of its own';
  const other = config.issuers.find((one, place) => place !== at && isSame(one.secret));
  return (
    other &&
    `signs with the secret of ${other.iss} too: each can speak for the other; right would be one of its own`
  );
}

async function keyComplaint(
  said: IssuerConfig,
  { config, now }: About,
): Promise<Omit<Complaint, 'path'> | undefined> {
  const right = `a key fit for ${said.algorithm ?? 'RS256'}, or algorithm: the one that the application signs with`;
  try {
    const issuer = await opened({ ...config, issuers: [said] }, now);
    const { keys, algorithm } = issuer;
    const usable = keys instanceof Secret ? 1 : await keys.usable?.(algorithm);
    return usable === 0 ? { wrong: `holds no key that is fit for ${algorithm}`, right } : undefined;
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    const [what, whatToDo] = failureLines(thrown);
    return {
      wrong: `does not work: ${what}`,
      right:
        thrown.code === 'key.unusable'
          ? 'a PEM file with one public key, which this user may read'
          : whatToDo,
    };
  }
}

async function opened(config: Config, now: () => number): Promise<Issuer> {
  const { openParts } = await import('../app.ts');
  const parts = await openParts(
    { ...config, store: { path: ':memory:' } },
    { clock: { now }, log: silentLog },
  );
  await parts.close();
  const [issuer] = parts.issuers.values();
  if (issuer === undefined) throw new TypeError('an issuer was lost');
  return issuer;
}
