/**
 * coturn's command line on this machine: which allocations run, and an end to some of them.
 *
 * Telnet, a password, a prompt after each answer. Speaks to loopback alone, because the password goes there in clear.
 *
 * @see coturn, src/apps/relay/turn_admin_server.c, `print_session`, `cancel_session`
 */
import { connect, type Socket } from 'node:net';
import { Problem } from '../base/problem.ts';
import type { Secret } from '../base/secret.ts';
import type { EndAllocations } from '../base/turn-server.ts';

/** Where it is, and what opens it. */
export interface CoturnCliParts {
  readonly port: number;
  readonly password: Secret;
}

/** Milliseconds for one conversation. */
const LIMIT = 5000;
/** It shows 256 at most; one person has fewer in one room, but a person may be in many. */
const ROUNDS = 20;
const MOST_BYTES = 4 * 1024 * 1024;

/** Makes the one thing we want of it. */
export function createCoturnCli({ port, password }: CoturnCliParts): EndAllocations {
  return async (names) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const talk = conversation(socket);
    try {
      await talk('', /password:/i);
      const welcome = await talk(password.reveal(), /> $|password:/i);
      if (!/> $/.test(welcome)) throw new Problem('outbound.failed', { why: 'coturn password' });
      let ended = 0;
      for (const name of names) ended += await endAll(name, talk);
      return ended;
    } finally {
      socket.destroy();
    }
  };
}

type Talk = (line: string, until: RegExp) => Promise<string>;

async function endAll(name: string, talk: Talk): Promise<number> {
  const ended = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    // It looks for a part of a name; whose it really is stands in the answer.
    const running = idsIn(await talk(`ps ${name}`, /> $/), name);
    const fresh = running.filter((id) => !ended.has(id));
    if (fresh.length === 0) break;
    for (const id of fresh) {
      await talk(`cs ${id}`, /> $/);
      ended.add(id);
    }
  }
  return ended.size;
}

/** The ids of allocations that are this one's. */
export function idsIn(answer: string, name: string): readonly string[] {
  return [...answer.matchAll(/ id=(\d+), user <([^>\r\n]*)>/g)].flatMap(([, id, user]) =>
    id !== undefined && user === name ? [id] : [],
  );
}

/** One question, one answer: everything that comes until the prompt. */
function conversation(socket: Socket): Talk {
  let heard = '';
  let wake: (() => void) | undefined;
  let over: Problem | undefined;
  const end = (why: string, cause?: unknown) => {
    over ??= new Problem('outbound.failed', { why }, cause);
    wake?.();
  };
  socket.setEncoding('latin1');
  socket.setTimeout(LIMIT, () => end('coturn is silent'));
  socket.on('error', (cause) => end('coturn is not there', cause));
  socket.on('close', () => end('coturn hung up'));
  socket.on('data', (chunk) => {
    heard += chunk;
    if (heard.length > MOST_BYTES) end('coturn says too much');
    wake?.();
  });
  return async (line, until) => {
    if (line !== '') {
      heard = '';
      socket.write(`${line}\r\n`, 'latin1');
    }
    while (!until.test(heard)) {
      if (over !== undefined) throw over;
      await new Promise<void>((next) => {
        wake = next;
      });
    }
    return heard;
  };
}
