/**
 * Our whole server in front of a real Prosody with stream management, and people who are signed in there.
 *
 * Prosody keeps a connection that breaks off for ten minutes, far longer than any wait of a test: somebody who is
 * seen to leave left because the stream was closed, and for no other reason.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { fixedClock } from '../../src/base/clock.ts';
import { parseRoomPath } from '../../src/base/room.ts';
import { SESSION_COOKIE } from '../../src/web/cookies.ts';
import { serve } from '../support/http-server.ts';
import { APP_ID, ORIGIN, type Stage, type StageOptions, startStage } from '../support/server-stage.ts';
import { type ClientOptions, type Started, startClient, type XmppClient } from '../support/xmpp-client.ts';
import { nodeOf } from './minted.ts';
import { DOMAIN, type Prosody, type ProsodySetup, startProsody } from './prosody.ts';

/** What that Prosody holds tokens against. */
export const SECRET = 'a shared secret of more than thirty-two bytes';

/** Starts the Prosody of a meeting. */
export function startMeetings(more: Partial<ProsodySetup> = {}): Promise<Prosody> {
  return startProsody({
    appId: APP_ID,
    audience: APP_ID,
    keys: { secret: SECRET },
    domainVerification: true,
    meetings: true,
    ...more,
  });
}

/** A gate in front of Prosody. */
export interface Gate {
  readonly stage: Stage;
  readonly origin: string;
  /** Somebody who is signed in. */
  person(name: string): Promise<Person>;
}

/** Somebody who is signed in. */
export interface Person {
  readonly name: string;
  readonly handle: string;
  readonly cookie: string;
}

/** Opens a gate until the test ends. */
export async function openGate(
  t: TestContext,
  prosody: Prosody,
  { config, ...options }: StageOptions = {},
): Promise<Gate> {
  // Jitsi's web server: its config.js and nothing else.
  const web = await serve(t, (_, response) => response.end(CONFIG_JS));
  const stage = await startStage({
    // Prosody judges by the machine's own clock: what begins here holds there for four minutes of ours.
    clock: fixedClock(Date.now() - 200_000),
    ...options,
    config: {
      upstream: { url: `http://127.0.0.1:${web}`, xmpp: prosody.origin },
      tokens: { appId: APP_ID, secret: SECRET },
      access: 'members',
      ...config,
    },
  });
  t.after(() => stage.close());
  return {
    stage,
    origin: `http://127.0.0.1:${stage.ports.public}`,
    async person(name) {
      const person = { id: `sso#${name}`, provider: 'sso', name, emailVerified: false, groups: [] };
      const { id, session } = await stage.parts.sessions.issue({ person });
      return { name, handle: session.handle, cookie: `${SESSION_COOKIE}=${id.reveal()}` };
    },
  };
}

const CONFIG_JS = `var config = { hosts: { domain: '${DOMAIN}', muc: 'muc.${DOMAIN}' },
  bosh: '${ORIGIN}/http-bind', websocket: '${ORIGIN.replace('http', 'ws')}/xmpp-websocket' };`;

/** How a browser on the page of this room connects; with an empty cookie, one that is not signed in. */
export function browserAt(gate: Gate, { cookie }: Pick<Person, 'cookie'>, address: string): ClientOptions {
  const app = appAt(gate, address);
  return { ...app, headers: { ...app.headers, origin: ORIGIN, ...(cookie !== '' && { cookie }) } };
}

/** How an app connects: from no page, with no cookie, with a token or without. */
export function appAt(gate: Gate, address: string, token?: string): ClientOptions {
  const { name, tenant } = parseRoomPath(address);
  return {
    origin: gate.origin,
    path: `${tenant === undefined ? '' : `/${tenant}`}/xmpp-websocket`,
    query: `room=${encodeURIComponent(name)}${token === undefined ? '' : `&token=${token}`}`,
    headers: { host: new URL(ORIGIN).host },
    domain: DOMAIN,
  };
}

/** Who was let in. */
export function letIn(started: Started): XmppClient {
  if (started.kind !== 'in') assert.fail(JSON.stringify(started));
  return started.client;
}

/** What a room is called in Prosody. */
export const muc = (address: string) => `${nodeOf(parseRoomPath(address))}@muc.${DOMAIN}`;

/** Somebody in the meeting at this address. */
export async function enter(gate: Gate, person: Person, address: string): Promise<XmppClient> {
  const client = letIn(await startClient(browserAt(gate, person, address)));
  assert.equal(await client.join(muc(address), person.name), 'joined');
  return client;
}

/** Was this person seen to leave the room? */
export const isGone = (client: XmppClient, nick: string) =>
  client.seen.some((one) => one.nick === nick && one.is === 'gone');

/** Speaks in a room until the others hear it: what was seen up to then came before. */
export async function speaks(
  client: XmppClient,
  { room, others, text }: { room: string; others: readonly XmppClient[]; text: string },
): Promise<void> {
  client.say(muc(room), text);
  const heard = (one: XmppClient) => () => one.seen.some((seen) => seen.text === text);
  await Promise.all([client, ...others].map((one) => one.until(heard(one))));
}
