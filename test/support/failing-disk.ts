/**
 * A disk that stops, is full, or fails once: `node:fs` as it is, up to the call that is named.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** Everything that changes something on a disk. */
const CHANGING = [
  'openSync',
  'writeSync',
  'ftruncateSync',
  'fsyncSync',
  'mkdirSync',
  'renameSync',
  'rmSync',
  'rmdirSync',
  'chmodSync',
] as const;

/** What is thrown where the machine stops: no failure that anybody could handle. */
export class Stopped extends Error {}

/** How it fails. `stop`: from that call on nothing happens any more. `once`: that call alone fails, with EIO. */
export type Failing =
  | { readonly how: 'stop' | 'once'; readonly call: number }
  /** Nothing can grow any more from that call on. */
  | { readonly how: 'full'; readonly call: number };

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Does some work on such a disk; the work came to an end unless it was stopped. Gives how many calls there were. */
export async function onDisk(
  { how, call }: Failing,
  work: () => Promise<unknown>,
): Promise<{ readonly calls: number; readonly isStopped: boolean }> {
  const real = Object.fromEntries(CHANGING.map((name) => [name, fs[name]]));
  let calls = 0;
  const isNow = () => calls === call;
  const judge = (words: readonly unknown[]): number | undefined => {
    calls += 1;
    if (calls < call || (how === 'once' && !isNow())) return undefined;
    const [handle, content, , length, position] = words;
    if (how !== 'full')
      return typeof handle === 'number' && content instanceof Uint8Array ? Number(length) >> 1 : 0;
    if (!(typeof handle === 'number' && content instanceof Uint8Array)) return undefined;
    const room = fs.fstatSync(handle).size - Number(position);
    return room >= Number(length) ? undefined : Math.max(0, room);
  };
  for (const name of CHANGING)
    Object.assign(fs, {
      [name]: (...words: unknown[]) => {
        const act = real[name] as unknown as (...all: unknown[]) => unknown;
        if (name === 'openSync' && !/[wa+]/.test(String(words[1]))) return act(...words);
        const part = judge(words);
        if (part === undefined) return act(...words);
        if (name === 'writeSync' && part > 0 && (how !== 'stop' || isNow()))
          act(words[0], words[1], words[2], part, words[4]);
        throw how === 'stop' ? new Stopped() : failure(how === 'full' ? 'ENOSPC' : 'EIO');
      },
    });
  syncBuiltinESMExports();
  try {
    await work();
    return { calls, isStopped: false };
  } catch (thrown) {
    if (!(thrown instanceof Stopped)) throw thrown;
    return { calls, isStopped: true };
  } finally {
    Object.assign(fs, real);
    syncBuiltinESMExports();
  }
}
