/**
 * Starts a server of a benchmark in a process of its own.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A running one. */
export interface Server {
  readonly url: string;
  readonly cookies: readonly string[];
  stop(): void;
}

/** Starts one; what it takes stands in server.ts. */
export async function startServer(...args: readonly string[]): Promise<Server> {
  const child = spawn(process.execPath, [new URL('./server.ts', import.meta.url).pathname, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines)
    return { ...(JSON.parse(line) as Omit<Server, 'stop'>), stop: () => child.kill() };
  throw new Error(`${args.join(' ')} ended`);
}
