/**
 * The process: words and environment in, exit code out.
 */
import { runCli } from './cli/program.ts';
import { typedLines } from './cli/secret-line.ts';
import { startedByNpm } from './cli/started-by.ts';

// Whoever reads us may have seen enough: `ostiary sessions list | head`.
process.stdout.on('error', (fault: NodeJS.ErrnoException) => {
  if (fault.code !== 'EPIPE') throw fault;
  process.exit(0);
});

const orphaned = startedByNpm(process.env);
const lines = typedLines(process.stdin, (text) => void process.stderr.write(text));

const code = await runCli({
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  env: process.env,
  argv: process.argv.slice(2),
  cwd: process.cwd(),
  now: () => Date.now(),
  secret: lines.secret,
  ask: lines.shown,
  typed: () => process.stdin.isTTY === true,
  colours: () => process.stdout.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb',
  on: (signal, heard) => {
    process.on(signal, heard);
    return () => void process.off(signal, heard);
  },
  ...(orphaned !== undefined && { orphaned }),
});

// A server that could not start must not stay for a socket it had opened already.
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
