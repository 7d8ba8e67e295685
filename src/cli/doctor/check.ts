/**
 * The shape of one thing the doctor looks at: it asks, never touches, and says what to do.
 */
import type { Around, Hindered } from './around.ts';

/** green: as it should be · yellow: works, and hardly can be meant · red: wrong · grey: not applicable, or could not be told. */
export type Light = 'green' | 'yellow' | 'red' | 'grey';

/** What was found, and what to do about it. Both are sentences, without a secret in them. */
export interface Verdict {
  readonly light: Light;
  readonly says: string;
  readonly fix?: string;
  /** Of grey: the name of the check that tells why it could not be told. */
  readonly waitsFor?: string;
}

/** The groups, in the order in which they are told. */
export const GROUPS = {
  ours: 'Our side',
  providers: 'Sign-in services',
  prosody: 'Prosody',
  turn: 'TURN',
  jitsi: "Jitsi's web server",
  outside: 'What strangers find',
} as const;

/** One thing that is looked at. */
export interface DoctorCheck {
  /** In lower case with hyphens; stands in `--json` and in the documentation. */
  readonly name: string;
  readonly group: keyof typeof GROUPS;
  /** A question that green answers with yes. */
  readonly asks: string;
  /** Where more stands: a file below docs/, perhaps with its heading. */
  readonly docs: string;
  /** What it throws is told as what could not be found out. */
  run(around: Around): Promise<Verdict | readonly Verdict[]>;
}

/** As it should be. */
export function green(says: string): Verdict {
  return { light: 'green', says };
}

/** Works, and hardly can be meant. */
export function yellow(says: string, fix: string): Verdict {
  return { light: 'yellow', says, fix };
}

/** Wrong. */
export function red(says: string, fix: string): Verdict {
  return { light: 'red', says, fix };
}

/** Could not be told, for a reason that another check tells. */
export function waiting(says: string, waitsFor: string): Verdict {
  return { light: 'grey', says, waitsFor };
}

/** Cannot be asked here. `told` is the check by which it is told, where nothing else is. */
export function hindered({ why, fix, waitsFor }: Hindered, told?: string): Verdict {
  const by = waitsFor ?? told;
  return { ...grey(`Could not tell: ${why}.`, fix), ...(by !== undefined && { waitsFor: by }) };
}

/** Not applicable here; `fix` is how it could be found out, where it could. */
export function grey(says: string, fix?: string): Verdict {
  return { light: 'grey', says, ...(fix !== undefined && { fix }) };
}
