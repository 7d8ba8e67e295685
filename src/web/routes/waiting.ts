/**
 * Waiting before a room: a stream of events that says when to go on.
 *
 * @see HTML Standard, section 9.2, server-sent events
 */
import { SSEStreamingApi } from 'hono/streaming';
import { SAY_WAITING } from '../../admission/door-book.ts';
import type { Called, Stands } from '../../admission/lobby.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import { readTarget, type Target } from '../jitsi-state.ts';
import { limitKey } from '../origin.ts';
import type { WebParts } from '../parts.ts';
import type { Route } from '../routes.ts';
import { single, type Visit } from '../visit.ts';

/** Milliseconds between two signs of life: proxies close what is silent for a minute. */
const ALIVE = 20_000;
/** Milliseconds after which a browser that lost the stream asks again. */
const RETRY = 3000;

/** The routes of waiting. */
export function waitingRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/waiting',
      on: ['public'],
      from: 'anyone',
      does: 'events for the page of somebody who waits: when to go on. Nothing but their own session is told of',
      handle: (visit) => events(visit, parts),
    },
  ];
}

async function events(visit: Visit, parts: WebParts): Promise<Response> {
  const target = readTarget(single(visit.query, 'to'));
  if (target === undefined) throw new Problem('room.unusable', { why: 'target' });
  const outcome = await outcomeFor(visit, target, parts);
  // Whatever else is to be said is said at the door.
  if (outcome.kind !== 'wait')
    return stream((send) => {
      send('go');
      return undefined;
    });
  const { session, person } = outcome;
  if (person.guest) await parts.limits.countGuest(person.id);
  return stream((send) => {
    // A place first: who gets none stands on no list.
    const leave = parts.lobby.wait({
      room: target.room,
      session,
      address: limitKey(visit.asked.address),
      called: send,
      stands: () => stands(visit, target, parts),
    });
    const noted = told(parts.door.waiting.note(person, target.room), parts);
    const said = setInterval(
      () => void told(parts.door.waiting.note(person, target.room), parts),
      SAY_WAITING,
    );
    said.unref();
    return () => {
      leave();
      clearInterval(said);
      void noted.then(() => told(parts.door.waiting.strike(person.id, target.room), parts));
    };
  });
}

/** What the door says now. Nobody is let in because something failed. */
async function stands(visit: Visit, target: Target, parts: WebParts): Promise<Stands> {
  try {
    const outcome = await outcomeFor(visit, target, parts);
    if (outcome.kind === 'wait') return 'waits';
    return outcome.kind === 'refused' && outcome.turnedAway ? 'turned-away' : 'elsewhere';
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    parts.log.warn('waiting-not-looked-at', { code: thrown.code }, thrown);
    return 'waits';
  }
}

/** What is not written down costs a line on a host's page, and is tried again. */
async function told(written: Promise<void>, { log }: WebParts): Promise<void> {
  try {
    await written;
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    log.warn('waiting-not-written-down', { code: thrown.code }, thrown);
  }
}

function outcomeFor({ asked }: Visit, { room, app }: Target, { admit }: WebParts) {
  return admit({ asked, wants: { kind: 'enter', room }, ...(app && { client: app }) });
}

/** Begins a stream; `begin` gives what is to happen when the browser goes away. Throws what `begin` throws. */
function stream(begin: (send: (why: Called) => void) => (() => void) | undefined): Response {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const events = new SSEStreamingApi(writable, readable);
  void events.write(`retry: ${RETRY}\n\n`);
  const alive = setInterval(() => void events.write(': \n\n'), ALIVE).unref();
  let leave: (() => void) | undefined;
  const end = () => {
    clearInterval(alive);
    leave?.();
  };
  events.onAbort(end);
  try {
    leave = begin((why) => {
      end();
      void last(events, why);
    });
  } catch (thrown) {
    end();
    throw thrown;
  }
  return new Response(events.responseReadable, {
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      // nginx keeps nothing back then.
      'x-accel-buffering': 'no',
    },
  });
}

async function last(events: SSEStreamingApi, why: Called): Promise<void> {
  if (why !== 'again') await events.writeSSE({ event: why, data: '' });
  await events.close();
}
