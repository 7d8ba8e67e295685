/**
 * Requests to Jitsi: streamed both ways and never kept, or read whole where a
 * small document is to be changed. Knows nothing of who asks and may ask.
 *
 * A door to undici. Follows nothing, inflates nothing, checks every certificate.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SecureContext } from 'node:tls';
import { type Dispatcher, Pool } from 'undici';
import { Problem } from '../base/problem.ts';
import { headerIn, withoutHeaders } from './headers.ts';
import {
  callerLeft,
  informationalLimit,
  problemOf,
  rawText,
  worthAnotherTry,
} from './upstream-http-answer.ts';
import { passing } from './upstream-http-pass.ts';

/** What is asked of Jitsi. */
export interface UpstreamAsk {
  /** Jitsi's web server, or Prosody itself. */
  readonly to: 'web' | 'xmpp';
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Names and values in turns, `Host` among them. */
  readonly headers: readonly string[];
}

/** What a streamed request may have beside. */
export interface UpstreamPassing extends UpstreamAsk {
  /** The caller's body, where it was read already. */
  readonly body?: Uint8Array;
  /** Seconds until the answer must have begun, where it may be held back for longer than others. */
  readonly heldFor?: number;
  /** Shown the first bytes of the answer's body. */
  readonly beginning?: (chunk: Uint8Array) => void;
}

/** The caller's two ends. */
export interface CallerEnds {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** What becomes of an answer's headers on the way to the caller. */
export type AnswerHeaders = (raw: readonly string[], status: number) => string[];

/** How a passage ended: to its end, broken off by Jitsi, or left by the caller. */
export type Ended = 'whole' | 'cut' | 'left';

/** A whole answer. */
export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** The way to Jitsi's web server. */
export interface UpstreamHttp {
  /**
   * Streams the request up and the answer down. Before the answer began it throws `upstream.unreachable`,
   * `upstream.slow` or `upstream.unusable`; after that nothing: an answer that breaks off breaks off for the caller too.
   */
  pass(ends: CallerEnds, ask: UpstreamPassing, answerHeaders: AnswerHeaders): Promise<Ended>;
  /** A small answer, unencoded and at most so many bytes. Throws the same, `upstream.unusable` where it is longer. */
  whole(ask: UpstreamAsk & { readonly body?: Uint8Array }, most: number): Promise<UpstreamAnswer>;
  /** Breaks off what is under way. */
  close(): Promise<void>;
}

/** What the adapter is made of. */
export interface UpstreamHttpParts {
  readonly origins: { readonly web: string; readonly xmpp?: string };
  /** The name that a certificate must show, where it is not the one in the origin: Jitsi's public name. */
  readonly servername?: string;
  /** Which authorities are believed; the system's if not given. */
  readonly secureContext?: SecureContext;
  /** Seconds until an answer must have begun. Streams may last. */
  readonly timeout: number;
  /** Milliseconds within which a caller must have taken what is waiting for them; 60,000. */
  readonly patience?: number;
}

/** Makes the way. */
export function createUpstreamHttp(parts: UpstreamHttpParts): UpstreamHttp {
  const { web, xmpp = web } = parts.origins;
  // Two pools even to one server: thousands of waiting polls must not stand in the way of a file.
  const pools = { web: poolTo(web, parts), xmpp: poolTo(xmpp, parts) };
  const plain = { web: web.startsWith('http:'), xmpp: xmpp.startsWith('http:') };
  return {
    pass: (ends, ask, answerHeaders) =>
      passing(ends, ask, {
        pool: pools[ask.to],
        plain: plain[ask.to],
        answerHeaders,
        patience: parts.patience,
      }),
    whole: (ask, most) => readWhole(ask, { pool: pools[ask.to], most, timeout: parts.timeout }),
    close: async () => {
      await Promise.all([pools.web.destroy(), pools.xmpp.destroy()]);
    },
  };
}

function poolTo(origin: string, { servername, secureContext, timeout }: UpstreamHttpParts): Pool {
  const milliseconds = timeout * 1000;
  return new Pool(new URL(origin).origin, {
    // Counted anew when the request was sent to its end: a long upload is no slow answer.
    headersTimeout: milliseconds,
    bodyTimeout: 0,
    allowH2: false,
    connect: {
      timeout: milliseconds,
      allowH2: false,
      ...(servername !== undefined && { servername }),
      ...(secureContext !== undefined && { secureContext }),
    },
  });
}

interface Reading {
  readonly pool: Pool;
  readonly most: number;
  /** Seconds for the whole exchange. */
  readonly timeout: number;
}

async function readWhole(
  ask: UpstreamAsk & { readonly body?: Uint8Array },
  reading: Reading,
): Promise<UpstreamAnswer> {
  // Inflating could make much of little.
  const headers = withoutHeaders(
    ask.headers,
    (name) => name === 'accept-encoding' || name === 'content-length',
  );
  const asking = { ...ask, headers: [...headers, 'Accept-Encoding', 'identity'] };
  try {
    return await readOnce(asking, reading);
  } catch (cause) {
    if (ask.body === undefined && worthAnotherTry(cause, ask.method))
      return readOnce(asking, reading).catch((again: unknown) => {
        throw problemOf(again, ask.to);
      });
    throw problemOf(cause, ask.to);
  }
}

function readOnce(
  { method, path, headers, body, to }: UpstreamAsk & { readonly body?: Uint8Array },
  { pool, most, timeout }: Reading,
): Promise<UpstreamAnswer> {
  return new Promise((done, failed) => {
    const limit = informationalLimit(to);
    const chunks: Buffer[] = [];
    let control: Dispatcher.DispatchController | undefined;
    let length = 0;
    let answer: Omit<UpstreamAnswer, 'body'> | undefined;
    let late: Problem | undefined;
    const deadline = setTimeout(() => {
      late = new Problem('upstream.slow', { to });
      control?.abort(late);
    }, timeout * 1000);
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        control = controller;
        if (late !== undefined) controller.abort(late);
      },
      onResponseStart(controller, status) {
        if (limit(status)) return;
        const raw = rawText(controller.rawHeaders, to);
        if (!/^(?:identity)?$/i.test(headerIn(raw, 'content-encoding') ?? ''))
          throw new Problem('upstream.unusable', { to, why: 'encoding' });
        answer = { status, headers: raw };
      },
      onResponseData(_, chunk) {
        length += chunk.length;
        if (length > most) throw new Problem('upstream.unusable', { to, why: 'too-large', limit: most });
        chunks.push(chunk);
      },
      onResponseEnd() {
        clearTimeout(deadline);
        if (answer !== undefined) done({ ...answer, body: Buffer.concat(chunks, length) });
      },
      onResponseError(_, cause) {
        clearTimeout(deadline);
        failed(cause ?? callerLeft());
      },
    };
    pool.dispatch(
      { method: method as Dispatcher.HttpMethod, path, headers: [...headers], body: body ?? null },
      handler,
    );
  });
}
