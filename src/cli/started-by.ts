/**
 * Is npm, which started us, still there? Ended by force it hands no signal on, and the shell between us may stay.
 */
import { readFileSync } from 'node:fs';

/** Milliseconds between two looks. */
const LOOK = 500;

/** Process ids: our parent, and its own parent where the system shows it. */
function above(): string {
  const parent = process.ppid;
  try {
    const [, , grandparent] = readFileSync(`/proc/${parent}/stat`, 'utf8').replace(/^.*\)/s, ')').split(' ');
    return `${parent} ${grandparent}`;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return String(parent);
    throw thrown;
  }
}

/**
 * To be called as the process begins, with its environment: what listens for the end of npm; undefined where npm did not
 * start us.
 *
 * @see man 5 proc_pid_stat, field 4; npm, docs/content/using-npm/scripts.md (npm_lifecycle_event)
 */
export function startedByNpm(
  env: Readonly<Record<string, string | undefined>>,
): ((told: () => void) => () => void) | undefined {
  if (env['npm_lifecycle_event'] === undefined) return undefined;
  const before = above();
  return (told) => {
    const looking = setInterval(() => above() !== before && told(), LOOK);
    return () => clearInterval(looking);
  };
}
