/**
 * One request as our own routes see it: what was asked, in which language, with
 * which of our cookies.
 */
import type { Asked } from '../admission/arrival.ts';
import { Problem } from '../base/problem.ts';
import type { Words } from '../pages/words/en.ts';
import { wordsFor } from '../pages/words/language.ts';
import { readCookies } from './cookies.ts';

/** What a route is handed. */
export interface Visit {
  readonly asked: Asked;
  readonly query: URLSearchParams;
  readonly cookies: ReadonlyMap<string, string>;
  readonly words: Words;
  /** Good for the scripts and the one style of this answer. */
  readonly nonce: string;
  /** A part of the path that the route's pattern names. */
  param(name: string): string;
  /** The fields of a posted form of so many bytes at most. Throws `request.too-large` and `request.malformed`. */
  form(largest?: number): Promise<URLSearchParams>;
  /** What was posted, as it came, of so many bytes at most. Throws as `form`. */
  text(largest: number): Promise<string>;
}

/** Bytes of a posted form, unless its route takes more. */
const LARGEST_BODY = 64 * 1024;

/** Together with that: nobody's form of ours has so many fields. */
const MOST_FIELDS = 64;

/** What a visit is made of. */
export interface VisitParts {
  readonly asked: Asked;
  /** Called once at most, by the answers that have scripts or styles. */
  readonly nonce: () => string;
  readonly param: (name: string) => string;
}

/** Makes a visit of a judged request. What most answers never look at is worked out when it is looked at. */
export function visitOf(request: Request, { asked, nonce, param }: VisitParts): Visit {
  let form: Promise<URLSearchParams> | undefined;
  const cookies = once(() => readCookies(asked.header('cookie')));
  const words = once(() => wordsFor(asked.header('accept-language')));
  const made = once(nonce);
  const query = once(() => bounded(new URLSearchParams(asked.query)));
  return {
    asked,
    param,
    form: (largest = LARGEST_BODY) => {
      form ??= textOf(request, largest).then((text) => bounded(new URLSearchParams(text)));
      return form;
    },
    text: (largest) => textOf(request, largest),
    get query() {
      return query();
    },
    get cookies() {
      return cookies();
    },
    get words() {
      return words();
    },
    get nonce() {
      return made();
    },
  };
}

/** The body, if it is no larger than any form of ours. What says its length first is held to it by Node. */
async function textOf(request: Request, largest: number): Promise<string> {
  const length = request.headers.get('content-length');
  if (Number(length ?? 0) > largest) throw new Problem('request.too-large', { what: 'body' });
  try {
    return await (length === null ? chunksOf(request, largest) : request.text());
  } catch (cause) {
    // Who goes away in the middle of a form is no fault of ours.
    if (cause instanceof Error && 'code' in cause && cause.code === 'ECONNRESET')
      throw new Problem('request.malformed', { what: 'aborted' }, cause);
    throw cause;
  }
}

/** Counted as it comes. Left standing where it is too much: to cancel it would close the connection before the answer. */
async function chunksOf({ body }: Request, largest: number): Promise<string> {
  const reader = body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
    size += next.value.length;
    if (size > largest) throw new Problem('request.too-large', { what: 'body' });
    chunks.push(next.value);
  }
  return Buffer.concat(chunks).toString();
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function bounded(fields: URLSearchParams): URLSearchParams {
  if (fields.size > MOST_FIELDS) throw new Problem('request.too-large', { what: 'fields' });
  return fields;
}

/** Is this what a browser fetches for a frame (`Sec-Fetch-Dest`)? */
export function isFramed(destination: string | undefined): boolean {
  return destination !== undefined && ['iframe', 'frame', 'embed', 'object'].includes(destination);
}

/** The one value of a field. Throws `request.malformed` where it stands twice. */
export function single(fields: URLSearchParams, name: string): string | undefined {
  const values = fields.getAll(name);
  if (values.length > 1) throw new Problem('request.malformed', { repeated: name });
  return values[0];
}
