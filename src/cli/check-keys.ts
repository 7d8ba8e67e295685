/**
 * What other applications prove themselves by: are their keys there, and has each a secret of its own?
 */
import { silentLog } from '../base/log.ts';
import { isProblem } from '../base/problem.ts';
import type { Secret } from '../base/secret.ts';
import type { Complaint } from '../config/complaints.ts';
import type { Config } from '../config/load.ts';
import { failureLines } from './failure.ts';

/** How an application proves itself, as the operator said it. */
export interface SaidKeys {
  readonly jwksUri?: string;
  readonly publicKeyFile?: string;
  /** Where its keys are found, if neither is named. */
  readonly discoveredAt?: string;
  /** The one algorithm it signs with. */
  readonly algorithm: string;
}

/** Another setting that holds the same secret, told as the end of a sentence. */
export interface HeldBy {
  readonly who: string;
  readonly secret: Secret | undefined;
}

/** Where keys are read and judged. */
export interface KeysAbout {
  readonly config: Config;
  /** `issuers[0]` */
  readonly path: string;
  readonly now: () => number;
}

/** Whose secret this is too, if anybody's. */
export function alsoHeldBy(secret: Secret, others: readonly HeldBy[]): string | undefined {
  return others.find((other) => other.secret?.reveal() === secret.reveal())?.who;
}

function settingOf({ jwksUri, publicKeyFile }: SaidKeys): string {
  if (publicKeyFile !== undefined) return 'publicKeyFile';
  return jwksUri === undefined ? 'iss' : 'jwksUri';
}

/** Reads the keys, or fetches them where they are published: what is wrong with them, if anything is. */
export async function keyComplaint(said: SaidKeys, about: KeysAbout): Promise<Complaint | undefined> {
  const { algorithm } = said;
  const path = `${about.path}.${settingOf(said)}`;
  const right = `a key fit for ${algorithm}, or algorithm: the one that is signed with there`;
  try {
    const { openTheirKeys } = await import('../app.ts');
    const keys = openTheirKeys(about.config, said, { clock: { now: about.now }, log: silentLog });
    const usable = await keys?.usable?.(algorithm);
    return usable === 0 ? { path, wrong: `holds no key that is fit for ${algorithm}`, right } : undefined;
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    const [what, whatToDo] = failureLines(thrown);
    const readable = 'a PEM file with one public key, which this user may read';
    return {
      path,
      wrong: `does not work: ${what}`,
      right: thrown.code === 'key.unusable' ? readable : whatToDo,
    };
  }
}
