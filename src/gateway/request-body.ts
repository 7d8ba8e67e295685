/**
 * A request's body read whole: so much of it, and in so much time. Who sends more, or lets us wait, is left.
 */
import type { IncomingMessage } from 'node:http';
import { Problem } from '../base/problem.ts';
import { dropIfSlow } from '../web/slow-body.ts';

/** The bytes a request says it has; undefined where it does not say. */
export function declaredLength({ headers }: Pick<IncomingMessage, 'headers'>): number | undefined {
  if (headers['transfer-encoding'] !== undefined) return undefined;
  return Number(headers['content-length'] ?? 0);
}

/** What was read of requests that go on being read. */
const read = new WeakMap<IncomingMessage, Promise<Buffer>>();

/** Reads it, up to so many bytes; of one that was read before what was read. Throws `request.too-large`, and `request.malformed` where it never came to its end. */
export async function bodyOf(incoming: IncomingMessage, most: number): Promise<Buffer> {
  const before = read.get(incoming);
  const reading = before ?? readOnce(incoming, most);
  if (before === undefined) read.set(incoming, reading);
  const body = await reading;
  if (body.length > most) throw new Problem('request.too-large', { limit: most });
  return body;
}

function readOnce(incoming: IncomingMessage, most: number): Promise<Buffer> {
  return new Promise((done, failed) => {
    if ((declaredLength(incoming) ?? 0) > most) {
      failed(new Problem('request.too-large', { limit: most }));
      return;
    }
    // One that says nothing of a body has ended before anybody listens.
    if (incoming.readableEnded) {
      done(Buffer.alloc(0));
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    const end = (problem?: Problem) => {
      incoming.off('data', taken).off('end', whole).off('close', left);
      if (problem === undefined) done(Buffer.concat(chunks, length));
      else failed(problem);
    };
    const taken = (chunk: Buffer) => {
      length += chunk.length;
      if (length > most) {
        // The answer says that the connection closes; until then nothing more is taken.
        incoming.pause();
        end(new Problem('request.too-large', { limit: most }));
      } else chunks.push(chunk);
    };
    const whole = () => end();
    const left = () => end(new Problem('request.malformed', { what: 'body' }));
    dropIfSlow(incoming);
    incoming.on('data', taken).once('end', whole).once('close', left);
    incoming.on('error', ignore);
  });
}

const ignore = (): void => {};
