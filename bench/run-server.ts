/**
 * Starts a server of a benchmark in a process of its own.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A running one. */
export interface Server {
  readonly url: string;
  readonly cookies: readonly string[];
  readonly pid: number;
  /** Tells it what it was started for. */
  say(word: string): void;
  stop(): void;
}

/** Starts one; what it takes stands in server.ts. On SIGUSR2 it clears its memory. */
export function startServer(...args: readonly string[]): Promise<Server> {
  return startServerOf(new URL('./server.ts', import.meta.url).pathname, ...args);
}

/** Starts one of another program. */
export async function startServerOf(program: string, ...args: readonly string[]): Promise<Server> {
  const child = spawn(process.execPath, ['--expose-gc', program, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const said = JSON.parse(line) as Pick<Server, 'url' | 'cookies'>;
    return { ...said, pid: child.pid ?? 0, say: (word) => child.stdin.write(word), stop: () => child.kill() };
  }
  throw new Error(`${args.join(' ')} ended`);
}
