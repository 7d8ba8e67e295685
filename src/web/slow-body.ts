/**
 * A body that nobody waits for may not keep a connection open for ever, and no more may an answer that nobody takes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Milliseconds within which a body of which nothing is to be kept must be there. */
const SLOWEST = 30_000;

/** Drops the connection of a request whose body does not end in time. */
export function dropIfSlow(incoming: IncomingMessage): void {
  const { headers, complete } = incoming;
  if (complete || (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined))
    return;
  const limit = setTimeout(() => incoming.destroy(), SLOWEST).unref();
  const there = () => clearTimeout(limit);
  incoming.once('end', there).once('close', there);
}

/** Milliseconds within which a caller must have taken what is waiting for them: some dozen kB, so a kB a second at most. */
const UNTAKEN = 60_000;

/** Calls back once everything written so far was taken, or the answer was taken to its end. One wait at a time. */
export type Taking = (then: () => void) => void;

/**
 * Watches how an answer is taken. Who takes it too slowly, or not at all, is left: their connection, and what stands
 * behind it, is for others. Made once for an answer, since a large one is waited for many times.
 */
export function takingOf(outgoing: ServerResponse, patience: number = UNTAKEN): Taking {
  let next: (() => void) | undefined;
  let limit: NodeJS.Timeout | undefined;
  const taken = () => {
    const then = next;
    next = undefined;
    then?.();
  };
  const late = () => {
    if (next !== undefined) outgoing.destroy();
  };
  outgoing
    .on('drain', taken)
    .on('finish', taken)
    .once('close', () => {
      next = undefined;
      clearTimeout(limit);
    });
  return (then) => {
    next = then;
    limit = limit?.refresh() ?? setTimeout(late, patience);
  };
}

const PIECE = 16_384;

/** Sends a whole body and ends the answer, piece by piece as it is taken. */
export function sendInPieces(outgoing: ServerResponse, body: Uint8Array, patience = UNTAKEN): void {
  let at = 0;
  const taking = takingOf(outgoing, patience);
  const more = () => {
    while (at < body.length) {
      const piece = body.subarray(at, at + PIECE);
      at += piece.length;
      if (!outgoing.write(piece)) return taking(more);
    }
    outgoing.end();
  };
  more();
}
