/**
 * One request streamed to Jitsi and its answer streamed back: each side waits
 * for the slower one, and nothing is kept. A door to undici.
 */
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import type { Dispatcher, Pool } from 'undici';
import type { AnswerHeaders, CallerEnds, Ended, UpstreamAsk } from './upstream-http.ts';
import {
  callerLeft,
  informationalLimit,
  problemOf,
  rawText,
  worthAnotherTry,
} from './upstream-http-answer.ts';

/** How a request is passed. */
export interface PassingBy {
  readonly pool: Pool;
  readonly answerHeaders: AnswerHeaders;
}

const ignore = (): void => {};

/** Streams both ways; the contract is `UpstreamHttp.pass`. */
export function passing(ends: CallerEnds, ask: UpstreamAsk, by: PassingBy): Promise<Ended> {
  return new Promise((done, failed) => {
    const { incoming, outgoing } = ends;
    if (outgoing.destroyed) {
      done('left');
      return;
    }
    const body = bodyOf(incoming);
    let control: Dispatcher.DispatchController | undefined;
    let over = false;
    outgoing.on('error', ignore);
    outgoing.once('close', () => {
      if (over) return;
      over = true;
      release(incoming, body);
      control?.abort(callerLeft());
      done('left');
    });
    const attempt = (first: boolean): void => {
      const hear = answering(ends, ask, by);
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart(controller) {
          control = controller;
          if (over) controller.abort(callerLeft());
        },
        ...hear,
        onResponseEnd() {
          if (over) return;
          over = true;
          outgoing.end();
          done('whole');
        },
        onResponseError(_, cause) {
          if (over) return;
          if (first && body === undefined && !outgoing.headersSent && worthAnotherTry(cause, ask.method)) {
            attempt(false);
            return;
          }
          over = true;
          release(incoming, body);
          if (!outgoing.headersSent) failed(problemOf(cause, ask.to));
          else {
            outgoing.destroy();
            done('cut');
          }
        },
      };
      by.pool.dispatch(
        {
          method: ask.method as Dispatcher.HttpMethod,
          path: ask.path,
          headers: ask.headers as string[],
          body: body ?? null,
        },
        handler,
      );
    };
    attempt(true);
  });
}

/** The answer as it comes in. */
function answering(
  { outgoing }: CallerEnds,
  { to }: UpstreamAsk,
  { answerHeaders }: PassingBy,
): Pick<Dispatcher.DispatchHandler, 'onResponseStart' | 'onResponseData'> {
  const isInformational = informationalLimit(to);
  let flowing = false;
  return {
    onResponseStart(controller, status) {
      if (isInformational(status)) return;
      outgoing.writeHead(status, answerHeaders(rawText(controller.rawHeaders, to), status));
      // Node holds the head back until there is a body, and a stream of events may be silent for long.
      queueMicrotask(() => {
        if (!flowing && !outgoing.writableEnded && !outgoing.destroyed) outgoing.flushHeaders();
      });
    },
    onResponseData(controller, chunk) {
      flowing = true;
      if (outgoing.destroyed || outgoing.write(chunk)) return;
      controller.pause();
      outgoing.once('drain', () => controller.resume());
    },
  };
}

/**
 * The request's body as a stream of its own: undici destroys what it has read or given up, and with the caller's
 * own stream would go the socket that the answer is written to.
 */
function bodyOf(incoming: IncomingMessage): PassThrough | undefined {
  const { 'transfer-encoding': coding, 'content-length': length } = incoming.headers;
  if (coding === undefined && (length === undefined || Number(length) === 0)) return undefined;
  const body = new PassThrough();
  body.on('error', ignore);
  incoming.pipe(body);
  return body;
}

/** What the caller still sends is read and forgotten, so that the answer can reach it. */
function release(incoming: IncomingMessage, body: PassThrough | undefined): void {
  if (body === undefined) return;
  incoming.unpipe(body);
  body.destroy();
  incoming.resume();
}
