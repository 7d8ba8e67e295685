/**
 * A request's body read whole: so much of it, and in so much time. Who sends more, or lets us wait, is left.
 */
import type { IncomingMessage } from 'node:http';
import { Problem } from '../base/problem.ts';

/** How much, and how long. */
export interface BodyBounds {
  /** Bytes. */
  readonly most: number;
  /** Seconds; 30. */
  readonly within?: number;
}

/** The bytes a request says it has; undefined where it does not say. */
export function declaredLength({ headers }: Pick<IncomingMessage, 'headers'>): number | undefined {
  if (headers['transfer-encoding'] !== undefined) return undefined;
  return Number(headers['content-length'] ?? 0);
}

/** Reads it. Throws `request.too-large`, and `request.malformed` where it never came to its end. */
export function bodyOf(incoming: IncomingMessage, { most, within = 30 }: BodyBounds): Promise<Buffer> {
  return new Promise((done, failed) => {
    if ((declaredLength(incoming) ?? 0) > most) {
      failed(new Problem('request.too-large', { limit: most }));
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    const end = (problem?: Problem) => {
      clearTimeout(limit);
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
    const limit = setTimeout(() => incoming.destroy(), within * 1000);
    incoming.on('data', taken).once('end', whole).once('close', left);
    incoming.on('error', ignore);
  });
}

const ignore = (): void => {};
