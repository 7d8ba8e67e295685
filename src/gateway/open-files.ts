/**
 * Files of Jitsi's that strangers may have, kept by file: whatever query or tenant
 * they are asked for under, Jitsi is asked once a minute. Bounded in size, in
 * number, and in how many are fetched at a time, because strangers choose the names.
 *
 * Knows no wire: it is handed the way to ask.
 */
import { promisify } from 'node:util';
import { gzip as gzipWithCallback } from 'node:zlib';
import type { Clock } from '../base/clock.ts';
import { isProblem, Problem } from '../base/problem.ts';
import { headerIn, towardsAnybody, withoutHeaders } from './headers.ts';

const gzip = promisify(gzipWithCallback);

/** A file, or that there is none. */
export interface OpenFile {
  readonly status: 200 | 404;
  /** Names and values in turns, without those that speak of length, coding and caches. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** The same, shorter, where that is worth it. */
  readonly gzipped?: Buffer;
}

/** What it is made of. `ask` fetches a file by its name at the root; it throws `upstream.*`. */
export interface OpenFilesParts {
  readonly ask: (
    file: string,
    most: number,
  ) => Promise<{ readonly status: number; readonly headers: readonly string[]; readonly body: Buffer }>;
  readonly clock: Clock;
}

/** The files that are kept. */
export interface OpenFiles {
  /**
   * Undefined where it cannot be kept, being too large or meant for one alone. Throws what asking throws, and
   * `request.too-many` where too many others wait already.
   */
  get(file: string): Promise<OpenFile | undefined>;
}

/** Milliseconds. */
const FRESH = 60_000;
const MISSING = 10_000;
/** Bytes. */
const LARGEST = 8 * 1024 * 1024;
const ALTOGETHER = 64 * 1024 * 1024;
const WORTH_SHORTENING = 1024;
const MOST_FILES = 2000;
const AT_A_TIME = 8;
const WAITING = 256;

interface Kept {
  readonly file: OpenFile | undefined;
  readonly until: number;
  readonly size: number;
}

/** Makes the memory; nothing is asked yet. */
export function createOpenFiles({ ask, clock }: OpenFilesParts): OpenFiles {
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<OpenFile | undefined>>();
  const turns = createTurns();
  let size = 0;

  function forget(name: string): void {
    size -= kept.get(name)?.size ?? 0;
    kept.delete(name);
  }

  function keep(name: string, file: OpenFile | undefined): void {
    forget(name);
    const entry = {
      file,
      until: clock.now() + (file?.status === 200 ? FRESH : MISSING),
      size: (file?.body.length ?? 0) + (file?.gzipped?.length ?? 0),
    };
    kept.set(name, entry);
    size += entry.size;
    for (const oldest of kept.keys()) {
      if (size <= ALTOGETHER && kept.size <= MOST_FILES) break;
      forget(oldest);
    }
  }

  async function fetched(name: string): Promise<OpenFile | undefined> {
    const file = await turns(async () => readable(name, await askFor(name, ask)));
    keep(name, file);
    return file;
  }

  return {
    async get(name) {
      const known = kept.get(name);
      if (known !== undefined && clock.now() < known.until && known.until - clock.now() <= FRESH)
        return known.file;
      let fetching = underWay.get(name);
      if (fetching === undefined) {
        fetching = fetched(name).finally(() => underWay.delete(name));
        underWay.set(name, fetching);
      }
      return fetching;
    },
  };
}

/** So many at a time, so many waiting, and nobody else. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= AT_A_TIME) {
      if (waiting.length >= WAITING) throw new Problem('request.too-many', { retryAfter: 5 });
      await new Promise<void>((go) => waiting.push(go));
    } else running += 1;
    try {
      return await work();
    } finally {
      // Whoever waits takes the place over.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

async function askFor(name: string, ask: OpenFilesParts['ask']) {
  try {
    return await ask(name, LARGEST);
  } catch (thrown) {
    if (isProblem(thrown, 'upstream.unusable')) return undefined;
    throw thrown;
  }
}

/** What is made anew for every answer, or would make one person's of what is for all. */
const OURS =
  /^(?:content-length|content-encoding|transfer-encoding|cache-control|expires|age|vary|accept-ranges|set-cookie|date)$/;

async function readable(
  name: string,
  answer: Awaited<ReturnType<typeof askFor>>,
): Promise<OpenFile | undefined> {
  if (answer === undefined) return undefined;
  const { status, body } = answer;
  const type = headerIn(answer.headers, 'content-type') ?? '';
  // A web server that has no such file may answer with the conference page, settings and all.
  const isPage = /html/i.test(type) && !/\.html?$/i.test(name);
  if (status === 404 || isPage) return { status: 404, headers: [], body: Buffer.alloc(0) };
  if (status !== 200 || headerIn(answer.headers, 'set-cookie') !== undefined) return undefined;
  const headers = withoutHeaders(towardsAnybody(answer.headers), (name) => OURS.test(name));
  if (body.length < WORTH_SHORTENING || !/^text\/|javascript|json|svg|xml|wasm/.test(type))
    return { status, headers, body };
  return { status, headers, body, gzipped: await gzip(body) };
}
