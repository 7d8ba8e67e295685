/**
 * One lua5.4 that judges tokens for as long as a test lasts: a JSON line there, a JSON line back.
 *
 * Which Lua judges is said in plugins/judge_server.lua.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { needCommand, needLuaModule } from '../support/real/need.ts';
import { enterInReport, privateDirectory } from '../support/real/program.ts';
import { JITSI_PLUGINS, luaPath, OUR_PLUGINS } from './prosody.ts';

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

const PATIENCE = 10_000;

/** Starts the judge. Throws, naming the Debian package, where something is not installed. */
export async function startLuaJudge(): Promise<LuaJudge> {
  needLuaModule('cjson.safe', 'lua-cjson');
  needLuaModule('openssl.pkey', 'lua-luaossl');
  const dir = await privateDirectory('lua-judge');
  const lua = spawn(
    needCommand('lua5.4', 'lua5.4'),
    [`${OUR_PLUGINS}/judge_server.lua`, ...(JITSI_PLUGINS === undefined ? [] : [JITSI_PLUGINS])],
    {
      env: { ...process.env, LUA_PATH: luaPath(dir) },
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
      rmSync(dir, { recursive: true, force: true });
      enterInReport({ name: 'lua5.4', version, pid: lua.pid ?? 0, logBytes: Buffer.byteLength(complaints) });
    },
  };
}
