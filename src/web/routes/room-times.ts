/**
 * When rooms are open, said by an application that books them: for the rooms it may ask tokens for, and no others.
 * What another said of the same room it neither sees nor changes.
 */
import type { BookedTimes } from '../../admission/booked-times.ts';
import { appProvider, mayUse } from '../../admission/vouched.ts';
import { parseDuration } from '../../base/duration.ts';
import type { AuditEvent } from '../../base/log.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import type { Room } from '../../base/room.ts';
import { cleanName } from '../../identity/profile.ts';
import { opensAfter, windowBetween } from '../../policy/next-time.ts';
import { isWithin, readTimeWindow, type TimeWindow, windowText } from '../../policy/times.ts';
import { provenApp, roomNamed, toldApplication } from '../application.ts';
import type { App } from '../apps.ts';
import { requireOAuthForm } from '../oauth.ts';
import type { WebParts } from '../parts.ts';
import { data, visitFacts } from '../respond.ts';
import type { Route } from '../routes.ts';
import type { Visit } from '../visit.ts';

/** The routes of rooms with times. */
export function roomTimesRoutes(parts: WebParts): readonly Route[] {
  const line = (path: string, does: string, handle: Handler): Route => ({
    ...{ method: 'POST', path, on: ['public', 'inner'], from: 'an application', does },
    handle: (visit) => answered(visit, handle, parts),
  });
  return [
    line(
      '/room-times',
      'an application says when one of its rooms is open, in place of what it said before',
      set,
    ),
    line('/room-times/list', 'an application asks what it said of the times of its rooms', list),
    line('/room-times/remove', 'an application takes back what it said of the times of a room', remove),
  ];
}

interface Asking {
  readonly visit: Visit;
  readonly app: App;
  readonly form: URLSearchParams;
}

type Handler = (asking: Asking, parts: WebParts) => Promise<Response>;

async function answered(visit: Visit, handle: Handler, parts: WebParts): Promise<Response> {
  try {
    const form = await visit.form();
    requireOAuthForm(visit.asked, form);
    // A page has no secret of an application's: whatever stands in it is everybody's.
    if (visit.asked.header('origin') !== undefined)
      throw new Problem('client.not-allowed', { why: 'browser' });
    await parts.limits.notBarred('client', { address: visit.asked.address });
    const app = await provenApp(visit, form, parts);
    try {
      if (!app.roomTimes) throw new Problem('client.not-allowed', { why: 'roomTimes' });
      await parts.limits.countApp(app.name);
      return await handle({ visit, app, form }, parts);
    } catch (thrown) {
      if (isProblem(thrown) && thrown.status < 500) await recordRefusal({ visit, app, form }, thrown, parts);
      throw thrown;
    }
  } catch (thrown) {
    return toldApplication(thrown, { visit }, parts);
  }
}

async function set(asking: Asking, parts: WebParts): Promise<Response> {
  const { app, form } = asking;
  const room = roomOf(asking);
  const times = timesIn(form);
  const title = cleanName(said(form, 'title'));
  const hostsEarly = earlyIn(said(form, 'hosts_early'));
  const by = appProvider(app.name);
  const now = parts.clock.now();
  // Nobody means a time that is over, and the room would be shut to everybody for it.
  if (!times.some((window) => isWithin(window, now) || opensAfter(window, now) !== undefined))
    throw new Problem('request.malformed', { what: 'times', why: 'over' });
  const booked = await parts.bookings.set({
    ...{ by, room, times, hostsEarly },
    ...(title !== undefined && { title }),
  });
  await record(asking, { event: 'room-times-set', room, booked }, parts);
  return data(asJson(booked));
}

async function list({ app, form }: Asking, parts: WebParts): Promise<Response> {
  const asked = said(form, 'room');
  const room = asked === undefined ? undefined : roomNamed(asked, said(form, 'tenant'));
  const all = await parts.bookings.list(appProvider(app.name));
  const meant = all.filter(
    ({ room: one }) => room === undefined || (one.claim === room.claim && one.tenant === room.tenant),
  );
  return data({ rooms: meant.map(asJson) });
}

async function remove(asking: Asking, parts: WebParts): Promise<Response> {
  const room = roomOf(asking);
  const gone = await parts.bookings.remove(room, appProvider(asking.app.name));
  if (gone !== undefined) await record(asking, { event: 'room-times-removed', room }, parts);
  return data({ removed: gone !== undefined });
}

/** The room meant, if this application may ask for it. Throws `client.room` and the problems of names. */
function roomOf({ app, form }: Asking): Room {
  const name = said(form, 'room');
  if (name === undefined) throw new Problem('room.missing');
  const room = roomNamed(name, said(form, 'tenant'));
  if (!mayUse(app, room)) throw new Problem('client.room', { app: app.name });
  return room;
}

function said(form: URLSearchParams, name: string): string | undefined {
  return form.get(name) || undefined;
}

/** `times`, windows as in the configuration with semicolons between; or `from` and `until`, and perhaps `zone`. */
function timesIn(form: URLSearchParams): readonly TimeWindow[] {
  const [times, from, until] = ['times', 'from', 'until'].map((name) => said(form, name));
  if ((times === undefined) === (from === undefined && until === undefined))
    throw new Problem('request.malformed', { what: 'times' });
  const windows =
    times === undefined
      ? [windowBetween(instantIn(from), instantIn(until), said(form, 'zone') ?? 'UTC')]
      : times.split(';').map((text) => readTimeWindow(text));
  return windows.map((window) => {
    if (window === undefined) throw new Problem('request.malformed', { what: 'times', why: 'unreadable' });
    return window;
  });
}

/** @see RFC 3339, section 5.6 */
function instantIn(text = ''): number {
  const is = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(text);
  return is ? Date.parse(text) : Number.NaN;
}

const LONGEST_EARLY = 86_400;

function earlyIn(text: string | undefined): number {
  const early = text === undefined ? 0 : parseDuration(text);
  if (early === undefined || early > LONGEST_EARLY)
    throw new Problem('request.malformed', { what: 'hosts_early' });
  return early;
}

/** What an application is told of what it said. */
function asJson({ room: { name, tenant }, times, hostsEarly, title, until }: BookedTimes) {
  return {
    room: name,
    ...(tenant !== undefined && { tenant }),
    times: times.map(windowText),
    ...(title !== undefined && { title }),
    hosts_early: hostsEarly,
    forgotten_at: new Date(until).toISOString(),
  };
}

interface Recorded {
  readonly event: Extract<AuditEvent, 'room-times-set' | 'room-times-removed'>;
  readonly room: Room;
  readonly booked?: BookedTimes;
}

async function record(
  { visit, app }: Asking,
  { event, room, booked }: Recorded,
  { audit, clock }: WebParts,
): Promise<void> {
  await audit.record({
    at: clock.now(),
    event,
    ...visitFacts(visit),
    by: appProvider(app.name),
    room: room.name,
    ...(room.tenant !== undefined && { tenant: room.tenant }),
    ...(booked && { times: booked.times.map(windowText).join('; ') }),
  });
}

async function recordRefusal(
  { visit, app, form }: Asking,
  { code }: Problem,
  { audit, clock }: WebParts,
): Promise<void> {
  await audit.record({
    at: clock.now(),
    event: 'app-refused',
    ...visitFacts(visit),
    provider: appProvider(app.name),
    ...(form.has('room') && { room: (form.get('room') ?? '').slice(0, 100) }),
    code,
  });
}
