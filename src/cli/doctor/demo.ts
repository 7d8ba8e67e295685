/**
 * Is it the demo that is looked at? There a stand-in is where Prosody would be, and says so in every answer.
 */
import { isProblem } from '../../base/problem.ts';
import { isLoopback } from '../../config/loopback.ts';
import type { Probe } from '../../outbound/probe.ts';

/** The header of the stand-in's answers. */
const STAND_IN = 'x-ostiary-stand-in';

/** On this machine alone: where people come from elsewhere, a stand-in left in the way is a fault like any other. */
export async function isStandIn(xmpp: Pick<Probe, 'origin' | 'ask'>, publicUrl: string): Promise<boolean> {
  if (![publicUrl, xmpp.origin].every((url) => isLoopback(new URL(url).hostname))) return false;
  try {
    return (await xmpp.ask({ path: '/http-bind' })).headers[STAND_IN] !== undefined;
  } catch (thrown) {
    if (isProblem(thrown, 'outbound.failed')) return false;
    throw thrown;
  }
}
