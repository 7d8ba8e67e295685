/**
 * Who asks and who is asked share a machine of few processors with each other and with strangers: a server is measured
 * by the time it had on a processor, as the system counts it, so that neither its waiting nor theirs counts.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Seconds of processor this process has had, in all its threads, and those it started. */
export function processorSeconds(pid: number): number {
  let seconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [nanoseconds = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    seconds += Number(nanoseconds) / 1e9;
    const children = readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean);
    for (const child of children) seconds += processorSeconds(Number(child));
  }
  return seconds;
}
