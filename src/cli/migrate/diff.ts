/**
 * What changes in a file, as people read it (unified diff), without the secrets that stand in it. The only door to diff.
 *
 * Pure.
 */
import { createTwoFilesPatch } from 'diff';
import type { FileChange } from './step.ts';

/** What a value of something secret is called, in any of the files. */
const SECRET =
  /((?:^|[\s{,;"'#/+-])[\w.-]*(?:secret|passw(?:or)?d|bindpw|credentials|auth_token|_key)["']?\s*[=:]\s*)(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,;}]+)/gi;

/** The change as a diff; every secret reads `[secret]`. */
export function diffOf({ file, before, after }: FileChange): string {
  const patch = createTwoFilesPatch(
    before === undefined ? '/dev/null' : file,
    file,
    before ?? '',
    after,
    undefined,
    undefined,
    {
      context: 2,
    },
  );
  return masked(patch.replace(/^(?:Index: .*\n)?=+\n/, '').trimEnd());
}

/** Without what stands behind the name of something secret. */
function masked(text: string): string {
  return text.replace(SECRET, (_, name: string) => `${name}[secret]`);
}
