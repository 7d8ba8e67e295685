/**
 * A body that nobody waits for may not keep a connection open for ever.
 */
import type { IncomingMessage } from 'node:http';

/** Milliseconds within which a body of which nothing is to be kept must be there. */
const SLOWEST = 30_000;

/** Drops the connection of a request whose body does not end in time. */
export function dropIfSlow(incoming: IncomingMessage): void {
  const { headers, complete } = incoming;
  if (complete || (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined))
    return;
  const limit = setTimeout(() => incoming.destroy(), SLOWEST);
  const there = () => clearTimeout(limit);
  incoming.once('end', there).once('close', there);
}
