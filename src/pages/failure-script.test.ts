import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import {
  FAILURE_FILE,
  FAILURE_INTEGRITY,
  failureElement,
  failureScript,
  PROBLEM_KEY,
} from './failure-script.ts';

const NOW = 1_800_000_000_000;
const NAMED = {
  sub: 'meet.jitsi',
  room: 'standup',
  exp: NOW / 1000 + 60,
  context: { user: { name: 'Ada Lövelace', affiliation: 'owner', email: 'ada@example.org' } },
};
const token = (claims: object) =>
  ['{"alg":"none"}', JSON.stringify(claims), 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

interface Happens {
  readonly conference?: object;
  readonly connection?: object;
  readonly jwt?: string | undefined;
}

/** Jitsi's page as far as the script looks at it. */
function jitsi({ framed = false, mayBeFramed = false, storage = true, app = true } = {}) {
  const kept = new Map([[PROBLEM_KEY, 'of an earlier time']]);
  const seen: { went: string | undefined; address: string | undefined; listens: number } = {
    went: undefined,
    address: undefined,
    listens: 0,
  };
  let look = () => {};
  let turn = () => {};
  let state: Record<string, object> = {};
  const happens = ({ conference = {}, connection = {}, jwt = token(NAMED) }: Happens) => {
    state = {
      'features/base/conference': conference,
      'features/base/connection': connection,
      'features/base/jwt': { jwt },
    };
    if (seen.listens > 0) look();
  };
  happens({});
  const store = {
    getState: () => state,
    subscribe: (listener: () => void) => {
      look = listener;
      seen.listens += 1;
      return () => {
        seen.listens -= 1;
      };
    },
  };
  const self = {};
  const refusing = () => {
    throw new Error('keeps nothing');
  };
  const window = { self, top: framed ? {} : self, ...(app && { APP: { store } }) };
  runInNewContext(failureScript('/_ostiary', mayBeFramed), {
    window,
    sessionStorage: storage
      ? {
          setItem: (key: string, value: string) => kept.set(key, value),
          removeItem: (key: string) => kept.delete(key),
        }
      : { setItem: refusing, removeItem: refusing },
    location: { pathname: '/acme/standup', replace: (to: string) => Object.assign(seen, { went: to }) },
    history: {
      replaceState: (_state: null, _title: string, address: string) => Object.assign(seen, { address }),
    },
    Date: { now: () => NOW },
    setInterval: (each: () => void) => {
      turn = each;
      return 1;
    },
    clearInterval: () => {
      turn = () => {};
    },
    ...{ atob, TextDecoder, Uint8Array, URLSearchParams },
  });
  return {
    happens,
    seen,
    kept,
    turn: () => turn(),
    /** What is kept, parsed. */
    told: () => JSON.parse(kept.get(PROBLEM_KEY) ?? '{}'),
  };
}

/** A page whose application has started. */
function started(options: Parameters<typeof jitsi>[0] = {}) {
  const page = jitsi(options);
  page.turn();
  return page;
}

const failed = (name: string, more: object = {}) => ({ error: { name, ...more } });
const leadsTo = (code: string) => `/_ostiary/problem?to=%2Facme%2Fstandup&code=${code}`;
const over = token({ ...NAMED, exp: NOW / 1000 - 1 });

for (const [title, what, code, check] of [
  [
    'who is not allowed into the room',
    {
      conference: failed('conference.connectionError.notAllowed', {
        params: ['general', 'Room and token mismatched'],
      }),
    },
    'jitsi.refused',
    'conference.connectionError.notAllowed: general',
  ],
  [
    'who is not allowed, told by an older client in no words',
    { conference: failed('conference.connectionError.notAllowed') },
    'jitsi.refused',
    'conference.connectionError.notAllowed',
  ],
  [
    'whose token was refused',
    { connection: failed('connection.passwordRequired', { message: "invalid 'iss' claim" }) },
    'jitsi.token-refused',
    "connection.passwordRequired: invalid 'iss' claim",
  ],
  [
    'whose token was refused by a clock that runs ahead',
    { connection: failed('connection.passwordRequired', { message: 'Not acceptable by exp' }) },
    'jitsi.token-expired',
    'connection.passwordRequired: Not acceptable by exp',
  ],
  [
    'whose token is over',
    { jwt: over, connection: failed('connection.passwordRequired') },
    'jitsi.token-expired',
    'connection.passwordRequired',
  ],
  [
    'whose page would reload itself with a token that is over',
    { jwt: over, connection: failed('connection.droppedError', { message: 'closed' }) },
    'jitsi.token-expired',
    'connection.droppedError: closed',
  ],
] as const)
  test(`${title} is led to our page, which is told why`, () => {
    const page = started();
    page.happens(what);
    assert.equal(page.seen.went, leadsTo(code));
    assert.equal(page.seen.address, '/acme/standup', 'no token goes along in a Referer');
    assert.equal(page.seen.listens, 0);
    const { claims, ...told } = page.told();
    assert.deepEqual(told, { at: NOW, path: '/acme/standup', code, check });
    assert.deepEqual(
      { ...claims, exp: undefined },
      { name: 'Ada Lövelace', room: 'standup', tenant: 'meet.jitsi', role: 'owner', exp: undefined },
    );
  });

for (const [title, what] of [
  ['nothing has happened', {}],
  [
    'there is no token, and Jitsi goes to the sign-in',
    { jwt: '', connection: failed('connection.passwordRequired') },
  ],
  ['the room has a password', { conference: failed('conference.passwordRequired') }],
  ['somebody knocks in the lobby', { conference: failed('conference.connectionError.membersOnly') }],
  ['the host is waited for', { conference: failed('conference.authenticationRequired') }],
  [
    'visitors wait for the meeting to begin',
    { conference: failed('conference.connectionError.notAllowed', { params: ['no-main-participants'] }) },
  ],
  ['the network is away and the token good', { connection: failed('connection.droppedError') }],
] as const)
  test(`nobody is led away while ${title}`, () => {
    const page = started();
    page.happens(what);
    assert.equal(page.seen.went, undefined);
    assert.equal(page.seen.listens, 1);
  });

test('who was in the meeting once is led away by nothing that comes later', () => {
  const page = started();
  page.happens({ conference: { conference: {} } });
  page.happens({ jwt: over, connection: failed('connection.passwordRequired') });
  page.happens({ conference: failed('conference.connectionError.notAllowed') });
  assert.deepEqual([page.seen.went, page.seen.listens], [undefined, 0]);
});

test('what an earlier failure left is gone as soon as the page is there', () =>
  assert.deepEqual([...jitsi().kept], []));

test('no token is kept, even where Jitsi repeats one in its message', () => {
  const page = started();
  const message = `Token ${token(NAMED)} not allowed`;
  page.happens({ connection: failed('connection.passwordRequired', { message }) });
  assert.equal(page.told().check, 'connection.passwordRequired: Token  not allowed');
  assert.doesNotMatch(`${page.seen.went} ${page.kept.get(PROBLEM_KEY)}`, /eyJ|signature|ada@/);
});

test('a token that says nothing leads to our page all the same', () => {
  const page = started();
  page.happens({ jwt: 'junk', connection: failed('connection.passwordRequired') });
  assert.equal(page.seen.went, leadsTo('jitsi.token-refused'));
});

test('in a frame it does nothing, unless our pages may be shown there', () => {
  const what = { conference: failed('conference.connectionError.notAllowed') };
  for (const mayBeFramed of [false, true]) {
    const page = started({ framed: true, mayBeFramed });
    page.happens(what);
    assert.equal(page.seen.went, mayBeFramed ? leadsTo('jitsi.refused') : undefined);
  }
});

test('a browser that keeps nothing is led to our page all the same', () => {
  const page = started({ storage: false });
  page.happens({ conference: failed('conference.connectionError.notAllowed') });
  assert.equal(page.seen.went, leadsTo('jitsi.refused'));
});

test('where Jitsi has no store, or one of another make, nothing happens and nothing is thrown', () => {
  const without = jitsi({ app: false });
  for (let turn = 0; turn < 600; turn += 1) without.turn();
  assert.equal(without.seen.went, undefined);
  const page = started();
  page.happens({ conference: undefined as never, connection: null as never });
  assert.deepEqual([page.seen.went, page.seen.listens], [undefined, 0]);
});

test('neither form can close its own element, and the file is the one its hash names', () => {
  assert.doesNotMatch(failureScript('/_ostiary', true) + FAILURE_FILE, /<\/|<!--/);
  const hash = createHash('sha384').update(FAILURE_FILE).digest('base64');
  assert.equal(FAILURE_INTEGRITY, `sha384-${hash}`);
  assert.match(
    failureElement('https://meet.example.org/_ostiary', false),
    /^<script src="https:\/\/meet\.example\.org\/_ostiary\/failures\.js" integrity="sha384-[A-Za-z0-9+/]{64}" crossorigin="anonymous" data-to="https:\/\/meet\.example\.org\/_ostiary\/problem"><\/script>$/,
  );
});
