/**
 * One lua5.4 that judges tokens for as long as a test lasts: a JSON line there, a JSON line back.
 *
 * Which Lua judges is said in plugins/judge_server.lua.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { needCommand, needLuaModule } from '../support/real/need.ts';
import { enterInReport } from '../support/real/program.ts';
import { JITSI_PLUGINS } from './prosody.ts';

/** What the Lua says. */
export interface LuaVerdict {
  readonly accepted?: boolean;
  readonly condition?: string;
  readonly text?: string;
  readonly child?: string;
  /** It stopped with an error: the client would wait for ever. */
  readonly unanswered?: boolean;
}

/** A running judge. */
export interface LuaJudge {
  ask(question: object): Promise<LuaVerdict>;
  close(): Promise<void>;
}

const PLUGINS = fileURLToPath(new URL('plugins', import.meta.url));
const PATIENCE = 10_000;

/** Starts the judge. Throws, naming the Debian package, where something is not installed. */
export async function startLuaJudge(): Promise<LuaJudge> {
  needLuaModule('cjson.safe', 'lua-cjson');
  needLuaModule('openssl.pkey', 'lua-luaossl');
  const lua = spawn(
    needCommand('lua5.4', 'lua5.4'),
    [`${PLUGINS}/judge_server.lua`, ...(JITSI_PLUGINS === undefined ? [] : [JITSI_PLUGINS])],
    {
      // Debian has basexx for 5.2 alone; it runs on 5.4 as it is.
      env: { ...process.env, LUA_PATH: `${PLUGINS}/?.lua;;/usr/share/lua/5.2/?.lua` },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  let complaints = '';
  lua.stderr.on('data', (data) => {
    complaints += String(data);
  });
  const lines = createInterface({ input: lua.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const late = setTimeout(() => lua.kill('SIGKILL'), PATIENCE);
    const { value } = await lines.next();
    clearTimeout(late);
    if (value === undefined) throw new Error(`Lua answered no more: ${complaints}`);
    return JSON.parse(value);
  };
  const { version } = await answer();
  return {
    ask: (question) => {
      lua.stdin.write(`${JSON.stringify(question)}\n`);
      return answer();
    },
    close: async () => {
      const exit = once(lua, 'exit');
      lua.stdin.end();
      await exit;
      enterInReport({ name: 'lua5.4', version, pid: lua.pid ?? 0, logBytes: Buffer.byteLength(complaints) });
    },
  };
}
