/** A meeting in a page, with a stand-in for Jitsi's class and for the window around it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { type ExternalApi, type JoinOptions, joinMeeting, type TokenReason, tokenFor } from './embed.ts';

/** One frame as Jitsi's class would have built it. */
interface Frame extends ExternalApi {
  readonly options: Record<string, unknown>;
  readonly host: string;
  disposed: boolean;
  /** Jitsi says something. */
  says(event: string, about?: unknown): void;
  /** The document in the frame has loaded. */
  loads(): void;
  readonly contentWindow: object;
}

let frames: Frame[] = [];
/** What waits for time to pass, and for how long. */
let waiting: { readonly go: () => void; readonly milliseconds: number }[];
let windowListeners: Set<(event: unknown) => void>;

const last = (): Frame => {
  const frame = frames.at(-1);
  if (frame === undefined) throw new Error('no frame was built');
  return frame;
};

const Api = function (this: unknown, host: string, options: Record<string, unknown>): Frame {
  const heard = new Map<string, ((about: never) => void)[]>();
  const element = Object.assign(new EventTarget(), { contentWindow: {} });
  const frame: Frame = {
    host,
    options,
    disposed: false,
    contentWindow: element.contentWindow,
    addListener: (event, listener) => void heard.set(event, [...(heard.get(event) ?? []), listener]),
    dispose: () => {
      frame.disposed = true;
    },
    getIFrame: () => element as unknown as HTMLIFrameElement,
    executeCommand: () => {},
    says: (event, about = {}) => {
      for (const listener of heard.get(event) ?? []) listener(about as never);
    },
    loads: () => void element.dispatchEvent(new Event('load')),
  };
  frames.push(frame);
  return frame;
} as unknown as NonNullable<JoinOptions['api']>;

beforeEach(() => {
  frames = [];
  windowListeners = new Set();
  waiting = [];
  Object.assign(globalThis, {
    window: {
      addEventListener: (_: string, listener: (event: unknown) => void) => windowListeners.add(listener),
      removeEventListener: (_: string, listener: (event: unknown) => void) =>
        windowListeners.delete(listener),
      setTimeout: (go: () => void, milliseconds: number) => waiting.push({ go, milliseconds }),
    },
  });
});
afterEach(() => {
  for (const name of ['window', 'reportError']) Reflect.deleteProperty(globalThis, name);
});

/** A meeting, and every reason for which a token was asked. */
async function meet(more: Partial<JoinOptions> = {}) {
  const asked: TokenReason[] = [];
  const meeting = await joinMeeting({
    domain: 'meet.example.org',
    room: 'standup',
    parent: {} as HTMLElement,
    api: Api,
    token: (why) => {
      asked.push(why);
      return `token ${asked.length}`;
    },
    ...more,
  });
  return { meeting, asked };
}

/** Lets everything that was promised happen. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
}

/** Whatever waited for no longer than this goes on. */
function passes(milliseconds: number): void {
  const due = waiting.filter((one) => one.milliseconds <= milliseconds);
  waiting = waiting.filter((one) => !due.includes(one));
  for (const { go } of due) go();
}

function posts(data: unknown, from: { origin?: string; source?: unknown } = {}): void {
  const event = { data, origin: 'https://meet.example.org', source: last().contentWindow, ...from };
  for (const listener of windowListeners) listener(event);
}

const required = { error: { name: 'connection.passwordRequired', type: 'CONNECTION', isFatal: false } };
const fatal = { error: { name: 'connection.droppedError', type: 'CONNECTION', isFatal: true } };

test('the frame is built for the room, with the token and whatever else Jitsi is told', async () => {
  const parent = {} as HTMLElement;
  const { meeting, asked } = await meet({ parent, options: { lang: 'fr', configOverwrite: { a: 1 } } });
  assert.deepEqual(last().options, {
    lang: 'fr',
    configOverwrite: { a: 1 },
    roomName: 'standup',
    parentNode: parent,
    jwt: 'token 1',
  });
  assert.deepEqual([last().host, asked, meeting.api], ['meet.example.org', ['first'], last()]);
});

test('a token that is text is used as it is, and no token is none', async () => {
  await meet({ token: 'text' });
  assert.equal(last().options['jwt'], 'text');
  await joinMeeting({ domain: 'http://localhost:8080', room: 'a', parent: {} as HTMLElement, api: Api });
  assert.deepEqual([last().host, 'jwt' in last().options], ['localhost:8080', false]);
});

test('a first token that cannot be had is told at once, and nothing is left behind', async () => {
  const token = () => Promise.reject(new Error('not signed in'));
  await assert.rejects(meet({ token }), { message: 'not signed in' });
  assert.deepEqual([frames.length, windowListeners.size], [0, 0]);
});

for (const [what, says] of [
  ['Jitsi says that a token is required', () => last().says('errorOccurred', required)],
  ['Jitsi says so as older versions do', () => last().says('errorOccurred', required.error)],
  ['the connection is lost for good', () => last().says('errorOccurred', fatal)],
  [
    'the doorkeeper does not take it',
    () =>
      posts({ type: 'ostiary', event: 'refused', code: 'ticket.unacceptable', status: 401, id: 'K7QF-2M9X' }),
  ],
] as const) {
  test(`where ${what}, the frame is built anew with a new token`, async () => {
    const { asked, meeting } = await meet();
    const first = last();
    says();
    await settled();
    assert.deepEqual([frames.length, first.disposed, last().options['jwt']], [2, true, 'token 2']);
    assert.equal(asked.length, 2);
    assert.equal(meeting.api, last());
  });

  test(`where ${what} in a conference, the frame is not touched until that is over`, async () => {
    const { asked } = await meet();
    const first = last();
    first.loads();
    first.says('videoConferenceJoined');
    says();
    await settled();
    assert.deepEqual([frames.length, first.disposed, asked], [1, false, ['first']]);
    first.says('videoConferenceLeft');
    await settled();
    assert.deepEqual([frames.length, first.disposed, asked.length], [2, true, 2]);
  });
}

test('Jitsi’s page that has loaded itself anew is in no conference', async () => {
  const { meeting, asked } = await meet();
  const heard: string[] = [];
  meeting.on('left', ({ room }) => heard.push(room));
  last().loads();
  last().says('videoConferenceJoined');
  last().says('errorOccurred', fatal);
  last().loads();
  await settled();
  assert.deepEqual(
    [heard, asked, meeting.inConference],
    [['standup'], ['first', 'connection-failed'], false],
  );
});

test('a call of many hours is left alone, and hanging up asks for no token', async () => {
  const { meeting, asked } = await meet();
  last().says('videoConferenceJoined');
  passes(4 * 3_600_000);
  assert.equal(await meeting.rebuild(), false);
  last().says('videoConferenceLeft');
  last().says('readyToClose');
  await settled();
  assert.deepEqual([frames.length, asked], [1, ['first']]);
  assert.equal(await meeting.rebuild(), true);
  assert.deepEqual([frames.length, asked], [2, ['first', 'rebuilt']]);
});

for (const error of [
  { name: 'conference.connectionError.notAllowed', type: 'CONFERENCE', isFatal: true },
  { name: 'connection.otherError', type: 'CONNECTION', isFatal: false },
  { name: 'config.fetch', type: 'CONFIG', isFatal: true },
])
  test(`${error.name} is told, and no token would help`, async () => {
    const { meeting, asked } = await meet();
    const heard: unknown[] = [];
    meeting.on('error', (told) => heard.push(told));
    last().says('errorOccurred', { error });
    await settled();
    assert.deepEqual([heard, asked], [[error], ['first']]);
  });

test('who is refused by the rules is told so, and asks no second time', async () => {
  const { meeting, asked } = await meet();
  const heard: unknown[] = [];
  meeting.on('refused', (told) => heard.push(told));
  posts({ type: 'ostiary', event: 'refused', code: 'entry.refused', status: 403, id: 'K7QF-2M9X' });
  await settled();
  assert.deepEqual([heard, asked], [[{ code: 'entry.refused', status: 403, id: 'K7QF-2M9X' }], ['first']]);
});

test('whoever else says so is not heard', async () => {
  const { asked } = await meet();
  const message = { type: 'ostiary', event: 'refused', code: 'ticket.unacceptable', status: 401, id: 'x' };
  posts(message, { origin: 'https://evil.example' });
  posts(message, { source: {} });
  posts({ ...message, type: 'other' });
  posts({ ...message, status: '401' });
  posts('ostiary');
  posts(null);
  await settled();
  assert.deepEqual(asked, ['first']);
});

test('everything the contract says is understood', async () => {
  const { messages } = JSON.parse(
    readFileSync(new URL('../contract/frame-messages.json', import.meta.url), 'utf8'),
  );
  for (const { type, event, ...rest } of messages) {
    const { meeting } = await meet();
    const heard: unknown[] = [];
    meeting.on(event, (told) => heard.push(told));
    posts({ type, event, ...rest });
    const url = event === 'outside' ? { url: `${rest.url}#jwt=%22token%201%22` } : {};
    assert.deepEqual(heard, [{ ...rest, ...url }]);
    meeting.dispose();
  }
});

test('a problem that is no object is left out, and the refusal told all the same', async () => {
  const { meeting } = await meet();
  const heard: unknown[] = [];
  meeting.on('refused', (told) => heard.push(told));
  const refusal = { code: 'entry.refused', status: 403, id: 'K7QF-2M9X' };
  for (const problem of ['text', null, ['list']])
    posts({ type: 'ostiary', event: 'refused', ...refusal, problem });
  assert.deepEqual(heard, [refusal, refusal, refusal]);
});

test('after three frames that came to nothing there is no fourth, and that is told', async () => {
  const { meeting, asked } = await meet();
  const failed: TokenReason[] = [];
  meeting.on('failed', ({ why }) => failed.push(why));
  for (let tries = 0; tries < 5; tries += 1) {
    last().says('errorOccurred', required);
    passes(60_000);
    await settled();
  }
  assert.deepEqual([frames.length, asked.length], [3, 3]);
  assert.ok(failed.every((why) => why === 'token-required') && failed.length === 3);
});

test('a new token that cannot be had is told, with what the page’s own source said', async () => {
  const cause = new Error('signed out');
  let calls = 0;
  const { meeting } = await meet({
    token: () => {
      calls += 1;
      if (calls > 1) throw cause;
      return 'first';
    },
  });
  const heard: unknown[] = [];
  meeting.on('failed', (told) => heard.push(told));
  last().says('errorOccurred', required);
  await settled();
  assert.deepEqual([heard, frames.length], [[{ why: 'token-required', cause }], 1]);
});

test('a token that is text cannot become another one: that is told', async () => {
  const { meeting } = await meet({ token: 'text' });
  const heard: unknown[] = [];
  meeting.on('failed', (told) => heard.push(told));
  last().says('errorOccurred', required);
  await settled();
  assert.deepEqual([heard, frames.length], [[{ why: 'token-required' }], 1]);
});

test('after the meeting is taken away nothing is built and nobody is told', async () => {
  const { meeting, asked } = await meet();
  let heard = 0;
  meeting.on('error', () => {
    heard += 1;
  });
  const frame = last();
  meeting.dispose();
  frame.says('errorOccurred', required);
  await settled();
  assert.deepEqual(
    [frame.disposed, heard, asked.length, windowListeners.size, meeting.api],
    [true, 0, 1, 0, undefined],
  );
});

test('a token that comes after the meeting was taken away builds no frame', async () => {
  let give: (token: string) => void = () => {};
  let calls = 0;
  const { meeting } = await meet({
    token: () => {
      calls += 1;
      return calls === 1 ? 'first' : new Promise<string>((done) => (give = done));
    },
  });
  last().says('errorOccurred', required);
  await settled();
  meeting.dispose();
  give('late');
  await settled();
  assert.equal(frames.length, 1);
});

test('who listens can stop, and one that throws keeps nobody else from hearing', async () => {
  const { meeting } = await meet();
  const thrown: unknown[] = [];
  Object.assign(globalThis, { reportError: (cause: unknown) => thrown.push(cause) });
  const heard: string[] = [];
  meeting.on('joined', () => {
    throw new Error('theirs');
  });
  const stop = meeting.on('joined', () => heard.push('one'));
  meeting.on('joined', () => heard.push('two'));
  last().says('videoConferenceJoined');
  stop();
  last().says('videoConferenceJoined');
  assert.deepEqual([heard, thrown.length], [['one', 'two', 'two'], 2]);
});

const jwt = (exp: unknown) =>
  `e30.${Buffer.from(JSON.stringify({ exp, name: 'Zoë?>' })).toString('base64url')}.x`;

test('a token is kept until shortly before its end, as the answer says or as it says itself', async () => {
  for (const answer of [{ access_token: 'opaque', expires_in: 600 }, jwt(600)]) {
    let now = 0;
    let calls = 0;
    const get = tokenFor(
      () => {
        calls += 1;
        return answer;
      },
      { now: () => now },
    );
    await get();
    now = 539_000;
    await get();
    assert.equal(calls, 1);
    now = 540_000;
    await get();
    assert.equal(calls, 2);
  }
});

test('a token of which nobody can tell the end is asked for each time', async () => {
  for (const token of ['opaque', 'a.b.c', jwt('soon'), jwt(undefined)]) {
    let calls = 0;
    const get = tokenFor(() => {
      calls += 1;
      return token;
    });
    await get();
    await get();
    assert.equal(calls, 2);
  }
});

test('two who ask at once make one question', async () => {
  let calls = 0;
  const get = tokenFor(async () => {
    calls += 1;
    return jwt(9_999_999_999);
  });
  assert.deepEqual(new Set(await Promise.all([get(), get(), get()])).size, 1);
  assert.equal(calls, 1);
});

test('a token that did not do is not handed out again', async () => {
  const asked: TokenReason[] = [];
  const get = tokenFor((why) => {
    asked.push(why);
    return jwt(9_999_999_999 + asked.length);
  });
  const first = await get();
  assert.notEqual(await get('refused'), first);
  assert.deepEqual(asked, ['first', 'refused']);
});

test('an answer without a token is none', () =>
  assert.rejects(tokenFor(() => ({ access_token: '' }))(), TypeError));

test('a question that failed is asked again', async () => {
  let calls = 0;
  const get = tokenFor(() => {
    calls += 1;
    if (calls === 1) throw new Error('away');
    return 'token';
  });
  await assert.rejects(get());
  assert.equal(await get(), 'token');
});
