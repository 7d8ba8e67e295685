/**
 * One request streamed to Jitsi and its answer streamed back: each side waits
 * for the slower one, and nothing is kept. A door to undici.
 */
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import type { Dispatcher, Pool } from 'undici';
import { type Taking, takingOf } from '../web/slow-body.ts';
import type { AnswerHeaders, CallerEnds, Ended, UpstreamPassing } from './upstream-http.ts';
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
  /** Without TLS. */
  readonly plain: boolean;
  readonly answerHeaders: AnswerHeaders;
  /** Milliseconds. */
  readonly patience?: number | undefined;
}

/** Any word will do. @see undici, lib/core/request.js, `servername` */
const PLAIN = 'plain';
const ignore = (): void => {};
/** A whole body up to this many bytes goes out with its head as one text, which costs less than two pieces. */
const SMALL = 16_384;

/** Streams both ways; the contract is `UpstreamHttp.pass`. */
export function passing(
  ends: CallerEnds,
  ask: UpstreamPassing,
  { pool, plain, answerHeaders, patience }: PassingBy,
): Promise<Ended> {
  const { incoming, outgoing } = ends;
  if (outgoing.destroyed) return Promise.resolve('left');
  return new Promise((done, failed) => {
    const body = ask.body === undefined ? bodyOf(incoming) : undefined;
    const options = {
      method: ask.method as Dispatcher.HttpMethod,
      path: ask.path,
      headers: ask.headers as string[],
      body: body ?? ask.body ?? null,
      // Without TLS nobody needs a name to show, and undici would look for one in Host each time.
      servername: plain ? PLAIN : null,
      headersTimeout: ask.heldFor === undefined ? null : ask.heldFor * 1000,
    };
    let isInformational = informationalLimit(ask.to);
    let control: Dispatcher.DispatchController | undefined;
    let over = false;
    let tried = false;
    let flowing = false;
    let length = '';
    let taking: Taking | undefined;
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        control = controller;
        if (over) controller.abort(callerLeft());
      },
      onResponseStart(controller, status, headers) {
        if (isInformational(status)) return;
        outgoing.writeHead(status, answerHeaders(rawText(controller.rawHeaders, ask.to), status));
        // Node holds the head back until there is a body, which costs nothing where one is on its way. A stream of
        // events may be silent for long.
        const said = headers['content-length'];
        if (typeof said === 'string') length = said;
        if (said === undefined)
          queueMicrotask(() => {
            if (!flowing && !outgoing.destroyed) outgoing.flushHeaders();
          });
      },
      onResponseData(controller, chunk) {
        const isFirst = !flowing;
        if (isFirst) ask.beginning?.(chunk);
        flowing = true;
        if (isFirst && chunk.length <= SMALL && String(chunk.length) === length) {
          outgoing.end(chunk.toString('latin1'), 'latin1');
          return;
        }
        if (outgoing.destroyed || outgoing.write(chunk)) return;
        controller.pause();
        taking ??= takingOf(outgoing, patience);
        taking(() => controller.resume());
      },
      onResponseEnd() {
        if (over) return;
        over = true;
        flowing = true;
        outgoing.end();
        done('whole');
      },
      onResponseError(_, cause) {
        if (over) return;
        if (!tried && body === undefined && !outgoing.headersSent && worthAnotherTry(cause, ask.method)) {
          tried = true;
          isInformational = informationalLimit(ask.to);
          pool.dispatch(options, handler);
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
    outgoing.on('error', ignore);
    outgoing.on('close', () => {
      if (over) return;
      over = true;
      release(incoming, body);
      control?.abort(callerLeft());
      done('left');
    });
    pool.dispatch(options, handler);
  });
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
