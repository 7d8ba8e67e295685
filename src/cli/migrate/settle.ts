/**
 * Which settings the steps are for: those that are there, else those that were found, written down.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Complaint, formatComplaints } from '../../config/complaints.ts';
import { type Config, loadConfig, parseConfig } from '../../config/load.ts';
import type { Io } from '../command.ts';
import { counted } from '../text.ts';
import type { Written } from './settings.ts';
import { isInTheWay, type Unwritten, writeSettings } from './write-settings.ts';

/** The name of the settings in their folder. */
export const SETTINGS = 'ostiary.yaml';

/** What came of it. */
export interface Settled {
  readonly file: string;
  /** `there`: they are used as they stand. `unusable`: nothing was written, and there are no steps. */
  readonly state: 'there' | 'written' | 'unusable';
  readonly config?: Config;
  /** What was found, as the file would have it; where one is there already, not. */
  readonly yaml?: string;
  /** Files with a secret each that were written beside it. */
  readonly secrets: readonly string[];
  readonly decided: readonly string[];
  readonly complaints: readonly Complaint[];
  /** Secrets that are there already, without settings beside them. */
  readonly inTheWay: readonly string[];
  /** What the disk did not take. */
  readonly unwritten?: Unwritten;
}

const NOTHING = { secrets: [], decided: [], complaints: [], inTheWay: [] } as const;

/** Settles it. Throws what `node:fs` throws. */
export function settle({ env }: Pick<Io, 'env'>, folder: string, wanted: Written): Settled {
  const file = join(folder, SETTINGS);
  if (existsSync(file)) {
    const loaded = loadConfig(file, env);
    return 'config' in loaded
      ? { ...NOTHING, file, state: 'there', config: loaded.config }
      : { ...NOTHING, file, state: 'unusable', complaints: loaded.complaints };
  }
  const secrets = new Map(wanted.secrets.map(({ name, secret }) => [join(folder, name), secret.reveal()]));
  const loaded = parseConfig({
    yamlText: wanted.yaml,
    env: {},
    readFile: (path) => secrets.get(path) ?? '',
    folder,
  });
  const said = { ...NOTHING, file, yaml: wanted.yaml, decided: wanted.decided };
  if ('complaints' in loaded) return { ...said, state: 'unusable', complaints: loaded.complaints };
  const inTheWay = wanted.secrets
    .filter((secret) => isInTheWay(folder, secret))
    .map(({ name }) => join(folder, name));
  if (inTheWay.length > 0) return { ...said, state: 'unusable', inTheWay };
  const unwritten = writeSettings(file, wanted);
  if (unwritten !== undefined) return { ...said, state: 'unusable', unwritten };
  return { ...said, state: 'written', config: loaded.config, secrets: [...secrets.keys()] };
}

/** What is said of it: as an answer, and as a mistake. */
export function settledText(settled: Settled): {
  readonly out: readonly string[];
  readonly err: readonly string[];
} {
  const { file, state, yaml, secrets, decided, complaints, inTheWay, unwritten } = settled;
  if (yaml === undefined)
    return state === 'there'
      ? {
          out: [`\n===== Settings\n${file} is there already, and is what the steps below are for.`],
          err: [],
        }
      : { out: [], err: [formatComplaints(complaints, file)] };
  const found = [`\n===== Settings: ${file}\n${yaml.trimEnd()}`, ...decided.map((said) => `! ${said}`)];
  if (complaints.length > 0)
    return {
      out: found,
      err: [
        formatComplaints(complaints, file),
        'It was not written: what is missing could not be found. Name more folders, or --host.',
      ],
    };
  if (inTheWay.length > 0)
    return {
      out: found,
      err: [
        `${inTheWay.join(', ')} is there already, and no settings beside it.`,
        'Move it away, or name another folder with --out.',
      ],
    };
  if (unwritten !== undefined)
    return {
      out: found,
      err: [
        `${unwritten.file} could not be written (${unwritten.code}). Nothing was written.`,
        'See that there is room and that this user may write there, or name another folder with --out.',
      ],
    };
  const beside =
    secrets.length === 0
      ? ''
      : `, and ${counted(secrets.length, 'secret')} beside it, which others cannot read`;
  return {
    out: [
      ...found,
      `It was written${beside}. Change it as you like, and run this again: the steps follow it.`,
    ],
    err: [],
  };
}

/** The same for programs. No secret is in it: the settings name the files of theirs. */
export function settledJson({ config: _, state, file, yaml, ...lists }: Settled) {
  return { state, file, yaml, ...lists };
}
