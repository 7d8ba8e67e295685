/**
 * A room for other applications: what whoever leads it may do, as JSON.
 *
 * An application of the list may do in a room what it may make somebody there: one that may vouch for hosts does what
 * a host does; any other invites, in no higher role than its own, and takes back what it made.
 */
import { appProvider, mayUse } from '../../admission/vouched.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import { parseRoomPath, type Room } from '../../base/room.ts';
import { provenApp } from '../application.ts';
import type { App } from '../apps.ts';
import { type Actor, act, invitationsOf, madeBy } from '../hosting.ts';
import { doneJson, roomJson, viewOf, waitingJson } from '../hosting-view.ts';
import { requireOAuthForm } from '../oauth.ts';
import type { WebParts } from '../parts.ts';
import { tellProblem } from '../problem-answer.ts';

import { data, problemJson, visitFacts } from '../respond.ts';
import type { Route } from '../routes.ts';
import { single, type Visit } from '../visit.ts';

const PATHS = ['/api/room/:room', '/api/room/:tenant/:room'] as const;

/** The routes of rooms for applications. */
export function roomApiRoutes(parts: WebParts): readonly Route[] {
  const line = (method: Route['method'], does: string, work: Work) =>
    PATHS.map(
      (path): Route => ({
        ...{ method, path, does, on: ['public', 'inner'], from: 'an application' },
        handle: (visit) => answered(visit, work, parts),
      }),
    );
  return [
    ...line('GET', 'the room as its hosts see it: who waits, its invitations, who was put out of it', look),
    ...line('POST', 'what its hosts do: let in, turn away, invite, take back, put out, allow again', change),
  ];
}

type Work = (asking: Asking, parts: WebParts) => Promise<Response>;

interface Asking {
  readonly visit: Visit;
  readonly form: URLSearchParams;
  readonly room: Room;
  readonly app: App;
}

/** Whatever goes wrong is told as JSON; and who asked for what they may not, in the audit. */
async function answered(visit: Visit, work: Work, parts: WebParts): Promise<Response> {
  const heard: { app?: App } = {};
  try {
    return await work(await askingOf(visit, heard, parts), parts);
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    tellProblem(thrown, visit, parts);
    if (heard.app !== undefined && thrown.status < 500) await refused(visit, heard.app, thrown, parts);
    const response = problemJson(thrown, visit.asked.id);
    if (thrown.code === 'client.unknown') response.headers.set('www-authenticate', 'Basic realm="ostiary"');
    return response;
  }
}

async function askingOf(visit: Visit, heard: { app?: App }, parts: WebParts): Promise<Asking> {
  const { asked } = visit;
  const form = asked.method === 'POST' ? await visit.form() : new URLSearchParams();
  if (asked.method === 'POST') requireOAuthForm(asked, form);
  // A page has no secret of an application's: whatever stands in it is everybody's.
  if (asked.header('origin') !== undefined) throw new Problem('client.not-allowed', { why: 'browser' });
  await parts.limits.notBarred('client', { address: asked.address });
  const app = await provenApp(visit, form, parts);
  heard.app = app;
  const room = parseRoomPath(asked.path.slice(`${parts.places.prefix}/api/room`.length));
  if (!mayUse(app, room)) throw new Problem('client.room', { app: app.name });
  return { visit, form, room, app };
}

async function look({ visit, room, app }: Asking, parts: WebParts): Promise<Response> {
  leads(app);
  return single(visit.query, 'only') === 'waiting'
    ? data(waitingJson(await parts.door.waiting.list(room)))
    : data(roomJson(room, await viewOf(room, parts)));
}

async function change({ visit, form, room, app }: Asking, parts: WebParts): Promise<Response> {
  await parts.limits.countApp(app.name);
  const actor = actorOf(app);
  const doing = single(form, 'do');
  if (doing === 'revoke') await mayRevoke({ form, room, app }, parts);
  else if (doing !== 'invite') leads(app);
  const done = await act({ visit, fields: form, room, actor }, parts);
  const { publicUrl, prefix } = parts.places;
  return data(doneJson(done, (code) => `${publicUrl}${prefix}/invite?code=${code}`));
}

/** Throws `client.role` for one that may vouch for no host. */
function leads({ name, role }: App): void {
  if (role !== 'host') throw new Problem('client.role', { app: name, why: 'host' });
}

async function mayRevoke(
  { form, room, app }: Pick<Asking, 'form' | 'room' | 'app'>,
  parts: WebParts,
): Promise<void> {
  const id = single(form, 'invitation');
  const found = (await invitationsOf(room, parts)).find((one) => one.id === id);
  if (found !== undefined && madeBy(found) !== appProvider(app.name)) leads(app);
}

function actorOf({ name, role }: App): Actor {
  return { id: appProvider(name), inviting: { role, maker: { kind: 'app', name } } };
}

async function refused(
  visit: Visit,
  { name }: App,
  { code }: Problem,
  { audit, clock, places }: WebParts,
): Promise<void> {
  await audit.record({
    ...{ at: clock.now(), event: 'app-refused', code, ...visitFacts(visit), provider: appProvider(name) },
    room: visit.asked.path.slice(`${places.prefix}/api/room/`.length).slice(0, 100),
  });
}
