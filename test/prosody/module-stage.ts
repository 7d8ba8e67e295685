/**
 * A Prosody with our module, and our server in the token-service door beside it: people reach Prosody directly, with the
 * token that we hand them.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { fixedClock } from '../../src/base/clock.ts';
import { SESSION_COOKIE } from '../../src/web/cookies.ts';
import { freePort } from '../support/http-server.ts';
import { APP_ID, PREFIX, type Stage, type StageOptions, startStage } from '../support/server-stage.ts';
import { until } from '../support/until.ts';
import { type ClientOptions, startClient, type XmppClient } from '../support/xmpp-client.ts';
import { letIn, muc, SECRET, startMeetings } from './gate-stage.ts';
import { DOMAIN, type Prosody, type ProsodySetup } from './prosody.ts';

/** What the module shows us. */
export const MODULE_SECRET = 'what the module in Prosody shows us: thirty-two bytes and more';

/** A Prosody whose module reports to one port of ours, whoever listens there. */
export interface Reporting {
  readonly prosody: Prosody;
  readonly port: number;
}

/** Starts Prosody with the module. */
export async function startReporting(
  given: Partial<ProsodySetup> | ((port: number) => Partial<ProsodySetup>) = {},
  settings: ProsodySetup['module'] = {},
): Promise<Reporting> {
  const port = await freePort();
  const more = typeof given === 'function' ? given(port) : given;
  const prosody = await startMeetings({
    module: {
      ostiary_url: `http://127.0.0.1:${port}${PREFIX}`,
      ostiary_secret: MODULE_SECRET,
      ...settings,
    },
    ...more,
  });
  return { prosody, port };
}

/** Our server beside that Prosody. */
export interface Beside extends Reporting {
  readonly stage: Stage;
  /** Somebody who is signed in, and in these groups. */
  person(name: string, groups?: readonly string[]): Promise<Someone>;
}

/** Somebody who is signed in. */
export interface Someone {
  readonly name: string;
  readonly handle: string;
  readonly headers: { readonly cookie: string };
}

/** Opens our server until the test ends, and waits until it is reported to where somebody reports. */
export async function openBeside(
  t: TestContext,
  reporting: Reporting,
  { config, ...options }: StageOptions = {},
  { reports = true }: { readonly reports?: boolean } = {},
): Promise<Beside> {
  const stage = await startStage({
    // Prosody judges by the machine's own clock: what begins here holds there for minutes of ours.
    clock: fixedClock(Date.now() - 60_000),
    ...options,
    config: {
      tokens: { appId: APP_ID, secret: SECRET },
      prosodyModule: { secret: MODULE_SECRET },
      access: 'members-wait',
      hosts: ['staff'],
      listen: { public: { port: 0 }, inner: { port: reporting.port } },
      ...config,
    },
  });
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= stage.close();
    return closing;
  };
  t.after(close);
  if (reports) await until(() => stage.parts.reports.state().heard.length > 0);
  return {
    ...reporting,
    stage: { ...stage, close },
    async person(name, groups = []) {
      const person = { id: `sso#${name}`, provider: 'sso', name, emailVerified: false, groups: [...groups] };
      const { id, session } = await stage.parts.sessions.issue({ person });
      return { name, handle: session.handle, headers: { cookie: `${SESSION_COOKIE}=${id.reveal()}` } };
    },
  };
}

/** The token that Jitsi is sent back with, or undefined where somebody is not let in. */
export async function tokenFor(
  { stage }: Pick<Beside, 'stage'>,
  { headers }: Someone,
  room: string,
): Promise<string | undefined> {
  const { headers: answered } = await stage.ask(`${PREFIX}/join?room=${room}`, { headers });
  return /#jwt=%22([\w.-]+)%22/.exec(answered.get('location') ?? '')?.[1];
}

/** How a browser with a token reaches Prosody. */
export function straightTo({ prosody }: Reporting, room: string, token?: string): ClientOptions {
  return {
    origin: prosody.origin,
    query: `room=${room}${token === undefined ? '' : `&token=${token}`}`,
    headers: {},
    domain: DOMAIN,
  };
}

/** Somebody in the meeting of this name. */
export async function inside(beside: Beside, person: Someone, room: string): Promise<XmppClient> {
  const token = (await tokenFor(beside, person, room)) ?? assert.fail(`${person.name} was not let in`);
  const client = letIn(await startClient(straightTo(beside, room, token)));
  assert.equal(await client.join(muc(`/${room}`), person.name), 'joined');
  return client;
}
