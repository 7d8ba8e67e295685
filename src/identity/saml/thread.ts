/**
 * What runs in the thread: one message or one metadata document after the other. Started by `judging-thread.ts` beside it.
 */
import { parentPort } from 'node:worker_threads';
import type { Expected } from './expected.ts';
import { judgeLogout, type LogoutCarried, type LogoutExpected } from './logout.ts';
import { judgeAggregate, judgeMetadata, type MetadataJob } from './metadata.ts';
import { judgeResponse } from './response.ts';
import { signedText } from './signature.ts';

/** One piece of work. */
export type Job =
  | { readonly kind: 'response'; readonly xml: string; readonly expected: Expected }
  | {
      readonly kind: 'logout';
      readonly carried: LogoutCarried;
      readonly expected: LogoutExpected;
    }
  | {
      readonly kind: 'sign';
      readonly xml: string;
      /** PEM. */
      readonly by: { readonly key: string; readonly certificate: string };
    }
  | ({ readonly kind: 'metadata' } & MetadataJob)
  | ({ readonly kind: 'aggregate' } & Omit<MetadataJob, 'entityId'>);

function carryOut(job: Job): unknown {
  switch (job.kind) {
    case 'response':
      return judgeResponse(job.xml, job.expected);
    case 'logout':
      return judgeLogout(job.carried, job.expected);
    case 'sign':
      return signedText(job.xml, job.by);
    case 'metadata':
      return judgeMetadata(job);
    case 'aggregate':
      return judgeAggregate(job);
  }
}

// What a library prints of a stranger's message is heard by nobody.
const silent = () => true;
process.stdout.write = silent;
process.stderr.write = silent;

parentPort?.on('message', async ({ id, job }: { readonly id: number; readonly job: Job }) => {
  // What is thrown here is a bug of ours; it is told by its name alone, because its words may hold what was sent.
  try {
    parentPort?.postMessage({ id, result: await carryOut(job) });
  } catch (thrown) {
    parentPort?.postMessage({
      id,
      bug: thrown instanceof Error ? `${thrown.name} ${placeOf(thrown)}` : 'thrown',
    });
  }
});

/** The first place of our own or a library's code in a stack. */
function placeOf({ stack = '' }: Error): string {
  return /\/([\w.-]+:\d+):\d+\)?$/m.exec(stack)?.[1] ?? '';
}
