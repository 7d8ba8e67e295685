/**
 * Does a log hold tokens?
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type DoctorCheck, green, grey, red } from './check.ts';

/** A JWT: two parts that begin as JSON does, and a third. */
const JWT = /eyJ[\w-]{6,}\.eyJ[\w-]{6,}\.[\w-]+/;
const NAMED = /[?&#](?:jwt|token|id_token|access_token)=(?!(?:$|[&\s"'#]|redacted|\[|\*|x{3}|-))/i;

/** Line by line, whatever its size; of a line that holds one its number alone is told. */
export const checkLog: DoctorCheck = {
  name: 'log',
  group: 'jitsi',
  asks: 'Does the log that was named hold no token?',
  docs: 'explain/urls.md',
  async run({ wanted }) {
    if (wanted.log === undefined)
      return grey(
        'No log was named.',
        'Name one: --log /var/log/nginx/access.log; error.log and that of Prosody too.',
      );
    const found: number[] = [];
    let count = 0;
    const lines = createInterface({
      input: createReadStream(wanted.log),
      crlfDelay: Number.POSITIVE_INFINITY,
    });
    try {
      for await (const line of lines) {
        count += 1;
        if (JWT.test(line) || NAMED.test(line)) found.push(count);
      }
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown)) throw thrown;
      return grey(
        `Could not tell: ${wanted.log} cannot be read (${thrown.code}).`,
        'Name a file that this user may read.',
      );
    }
    if (found.length === 0) return green(`${wanted.log}: none in ${count} lines.`);
    const first = found.slice(0, 3).join(', ');
    return red(
      `${wanted.log}: ${found.length} of ${count} lines hold a token (the first: line ${first}).`,
      "Keep queries out of it: a log format without $request and $http_referer (Jitsi's packages redact since March 2026), error_log … emerg in nginx, and for Prosody log levels above error of mod_token_verification. Then delete the lines: what stands there opens doors until it ends.",
    );
  },
};
