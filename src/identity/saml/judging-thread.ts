/**
 * The thread in which XML is judged, because one response takes as long as hundreds of requests.
 *
 * One thread, started when it is first needed. What waits is bounded, and so is what one piece may take: a message
 * that keeps the thread busy for longer ends it, and the next one starts another.
 */
import { Worker } from 'node:worker_threads';
import { Problem } from '../../base/problem.ts';
import type { Judged } from './expected.ts';
import type { LogoutJudged } from './logout.ts';
import type { AggregateJudged, MetadataJudged } from './metadata.ts';
import type { Job } from './thread.ts';

/** Hands work to the thread. */
export interface JudgingThread {
  /** Throws `saml.busy` where too much waits already, or one piece took too long. */
  judge(job: Extract<Job, { kind: 'response' }>): Promise<Judged>;
  /** The same for a message of single logout. */
  judgeLogout(job: Extract<Job, { kind: 'logout' }>): Promise<LogoutJudged>;
  /** Signs a message of ours. */
  sign(job: Extract<Job, { kind: 'sign' }>): Promise<string>;
  /** The same for metadata. */
  judgeMetadata(job: Extract<Job, { kind: 'metadata' }>): Promise<MetadataJudged>;
  /** The same for the metadata of many. */
  judgeAggregate(job: Extract<Job, { kind: 'aggregate' }>): Promise<AggregateJudged>;
}

/** At 20 ms each this is the patience of one person. */
const MOST_WAITING = 200;

/** Milliseconds. */
const LONGEST = 5_000;
/** Milliseconds after which a thread with nothing to do is let go. */
const IDLE = 60_000;

interface Waiting {
  readonly job: Job;
  readonly done: (result: unknown) => void;
  readonly failed: (cause: unknown) => void;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly bug?: string;
}

/** What one thread may take. */
interface ThreadBounds {
  /** Milliseconds for one piece. */
  readonly longest?: number;
  /** MiB of memory; Node's own limit. */
  readonly memory?: number;
}

/** Makes one; nothing is started yet. */
export function createJudgingThread({ longest = LONGEST, memory }: ThreadBounds = {}): JudgingThread {
  const queue: Waiting[] = [];
  let worker: Worker | undefined;
  let current: { readonly waiting: Waiting; readonly id: number; readonly timer: NodeJS.Timeout } | undefined;
  let count = 0;
  let resting: NodeJS.Timeout | undefined;

  function rest(): void {
    clearTimeout(resting);
    resting = setTimeout(() => {
      void worker?.terminate();
      worker = undefined;
    }, IDLE).unref();
  }

  function begin(): Worker {
    // From the checkout it is TypeScript, from the package JavaScript.
    const file = import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js';
    const made = new Worker(new URL(file, import.meta.url), {
      ...(memory !== undefined && { resourceLimits: { maxOldGenerationSizeMb: memory } }),
    });
    made.on('message', (answer: Answer) => settle(made, answer));
    made.on('error', (cause) =>
      broken(made, isMemory(cause) ? new Problem('saml.busy', { why: 'memory' }) : cause),
    );
    // Last, because a listener holds the process again.
    made.unref();
    return made;
  }

  function next(): void {
    if (current !== undefined) return;
    const waiting = queue.shift();
    if (waiting === undefined) {
      rest();
      return;
    }
    clearTimeout(resting);
    worker ??= begin();
    const used = worker;
    count += 1;
    const timer = setTimeout(() => broken(used, new Problem('saml.busy', { why: 'slow' })), longest);
    current = { waiting, id: count, timer };
    used.postMessage({ id: count, job: waiting.job });
  }

  function settle(from: Worker, { id, result, bug }: Answer): void {
    if (from !== worker || current?.id !== id) return;
    const { waiting, timer } = current;
    clearTimeout(timer);
    current = undefined;
    if (bug === undefined) waiting.done(result);
    else waiting.failed(new Error(`The SAML thread failed: ${bug}`));
    next();
  }

  function broken(from: Worker, cause: unknown): void {
    if (from !== worker) return;
    worker = undefined;
    void from.terminate();
    if (current !== undefined) {
      clearTimeout(current.timer);
      current.waiting.failed(cause);
      current = undefined;
    }
    next();
  }

  function ask(job: Job): Promise<unknown> {
    if (queue.length >= MOST_WAITING) return Promise.reject(new Problem('saml.busy', { why: 'full' }));
    return new Promise((done, failed) => {
      queue.push({ job, done, failed });
      next();
    });
  }

  return {
    judge: (job) => ask(job) as Promise<Judged>,
    judgeLogout: (job) => ask(job) as Promise<LogoutJudged>,
    sign: (job) => ask(job) as Promise<string>,
    judgeMetadata: (job) => ask(job) as Promise<MetadataJudged>,
    judgeAggregate: (job) => ask(job) as Promise<AggregateJudged>,
  };
}

function isMemory(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
