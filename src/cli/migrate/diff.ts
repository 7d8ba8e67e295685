/**
 * What changes in a file, as people read it (unified diff), without the secrets that stand in it. The only door to diff.
 *
 * Pure.
 */
import { createTwoFilesPatch } from 'diff';
import type { FileChange } from './step.ts';

/** What something secret is called in any of the files. */
const NAME = '[\\w.-]*(?:secret|pass|passw(?:or)?d|passwort|pwd|pw|credentials|auth_token|api_?key|_key)';

/** A value behind such a name: an assignment; a line of a `.env`; a header or parameter that a web server sets. */
const SECRETS = [
  new RegExp(
    `((?:^|[\\s{,;"'#/+-]|\\\\n)${NAME}["']?\\s*[=:]\\s*)(?:"(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*'|[^\\s,;}]+)`,
    'gi',
  ),
  new RegExp(`^([ +-]*#? ?${NAME}=)(?!\\[secret\\]$).+$`, 'gim'),
  /((?:proxy_set_header|fastcgi_param|RequestHeader\s+set|SetEnv)\s+\S*(?:secret|token|passw|auth|key)\S*\s+)(?:"[^"]*"|'[^']*'|[^\s;]+)/gi,
];

/** More lines than anybody reads. */
const MOST = 2000;

/** Longer than any line a person reads. */
const LONGEST = 2000;

/** The change as a diff; every secret reads `[secret]`. */
export function diffOf({ file, before, after }: FileChange): string {
  const from = before === undefined ? '/dev/null' : file;
  const patch = createTwoFilesPatch(from, file, before ?? '', after, undefined, undefined, {
    context: 2,
    maxEditLength: MOST,
  });
  if (patch === undefined) return `${file}: more changes than can be shown`;
  const lines = patch
    .replace(/^(?:Index: .*\n)?=+\n/, '')
    .trimEnd()
    .split('\n');
  return masked(
    lines.map((line) => (line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line)).join('\n'),
  );
}

/** Without what stands behind the name of something secret. */
function masked(text: string): string {
  return SECRETS.reduce((said, secret) => said.replace(secret, (_, name: string) => `${name}[secret]`), text);
}
