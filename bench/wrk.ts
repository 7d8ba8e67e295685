/**
 * Requests by wrk, one thread, as many connections as nginx keeps, for a second: each with the next cookie.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SECONDS = 1;

/** What is asked for. A star in the path or a header is the request's number, counted to `distinct`. */
export interface Asked {
  readonly url: string;
  readonly cookies: readonly string[];
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly distinct: number;
}

/** Made beforehand, so that wrk itself costs little. */
function scriptOf({ cookies, path, headers, distinct }: Asked): string {
  const lines = Object.entries(headers).map(
    ([name, value]) => `    [${JSON.stringify(name)}] = (${JSON.stringify(value)}):gsub('%*', number),`,
  );
  return `
local cookies = { ${cookies.map((cookie) => JSON.stringify(cookie)).join(', ')} }
local made, at = {}, 0
for number = 0, ${cookies.length * distinct - 1} do
  local number = tostring(number % ${distinct})
  local headers = {
    ['Cookie'] = cookies[#made % #cookies + 1],
${lines.join('\n')}
  }
  for name, value in pairs(headers) do headers[name] = value end
  made[#made + 1] = { (${JSON.stringify(path)}):gsub('%*', number), headers }
end
function request()
  at = at % #made + 1
  local one = made[at]
  if type(one) == 'table' then
    one = wrk.format('GET', one[1], one[#one])
    made[at] = one
  end
  return one
end
`;
}

/** How many were answered. Any answer that is neither 2xx nor 3xx ends the run. */
export async function wrk(asked: Asked): Promise<{ readonly requests: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'ostiary-wrk-'));
  const script = join(folder, 'script.lua');
  try {
    await writeFile(script, scriptOf(asked));
    const { stdout } = await run('wrk', ['-t1', '-c32', `-d${SECONDS}s`, '-s', script, asked.url], {
      timeout: SECONDS * 20_000,
    });
    if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${asked.url} failed: ${stdout}`);
    return { requests: Number(/(\d+) requests in/.exec(stdout)?.[1]) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
