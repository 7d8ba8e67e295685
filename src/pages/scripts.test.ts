import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { LONGEST_FRAGMENT, SCRIPTS, type ScriptName, scriptTag } from './scripts.ts';

test('the list of scripts is short, and this is all of it', () => {
  assert.deepEqual(Object.keys(SCRIPTS), [
    'submit-form',
    'take-link',
    'keep-fragment',
    'wait',
    'hosting',
    'tell-opener',
    'sign-out-behind',
    'problem-facts',
    'enter-framed',
    'tell-parent',
    'pass-from-fragment',
  ]);
});

for (const [name, source] of Object.entries(SCRIPTS)) {
  test(`${name} writes no markup, evaluates no text and calls nobody but us`, () => {
    assert.doesNotMatch(
      source,
      /innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function\(|XMLHttp|import|cookie|localStorage/,
    );
    // Where it asks stands in the page, whose policy lets it ask our own origin alone; and nobody else is told.
    assert.equal(/fetch/.test(source), /tell-opener|sign-out-behind|hosting/.test(name));
    for (const [, asked] of source.matchAll(/fetch\(([^,]*),/g))
      assert.match(asked ?? '', /^(?:done|here)\.getAttribute\('data-[\w-]+'\)$/);
    // One is for pages of other origins: those of the operator's list, which stands in the page.
    const heardBy = name === 'tell-parent' ? /, origin\)$/ : /, location\.origin\)$/;
    for (const [said] of source.matchAll(/postMessage\([^;]*?\)/g)) assert.match(said, heardBy);
    assert.equal(/sessionStorage/.test(source), /keep-fragment|problem-facts/.test(name));
  });

  test(`${name} cannot close its own tag, and stays small`, () => {
    assert.doesNotMatch(source, /<\/|<!--/);
    assert.ok(source.length < 1700);
  });
}

test('a script is allowed by its nonce alone', () => {
  assert.ok(String(scriptTag('submit-form', 'n"1')).startsWith('<script nonce="n&quot;1">(function'));
});

test('a form marked so is submitted once, and the page says so', () => {
  assert.deepEqual(submitted('navigate'), { times: 1, saidSo: true });
});

test('who reloads goes on', () => {
  assert.deepEqual(submitted('reload'), { times: 1, saidSo: true });
});

test('who comes back by the back button is not sent away again', () => {
  assert.deepEqual(submitted('back_forward'), { times: 0, saidSo: false });
});

test('a page brought back alive from history is not submitted again', () => {
  assert.deepEqual(
    submitted('navigate', ({ pageshow }) => pageshow?.({ persisted: true })),
    { times: 1, saidSo: false },
  );
});

test('who waits goes in when told so, and the title says nothing else', () => {
  const { went, said, title } = waiting(({ heard }) => heard('go'));
  assert.deepEqual([went, said, title], ['/join', 'Go', 'Go']);
});

test('a proxy that answers for a server being restarted ends nobody’s waiting: the stream is asked for again', () => {
  const { asked, said, buttonHidden } = waiting(({ fail, later }) => {
    fail(2);
    later();
  });
  assert.deepEqual({ asked, said, buttonHidden }, { asked: 2, said: '', buttonHidden: true });
});

test('a stream that the browser opens again by itself is not opened twice', () =>
  assert.equal(waiting(({ fail, later }) => (fail(0), later())).asked, 1));

test('a browser that is on the network again asks at once, and no stream stays behind', () => {
  const { asked, open } = waiting(({ fail, online, later }) => {
    fail(2);
    online();
    later();
  });
  assert.deepEqual({ asked, open }, { asked: 2, open: 1 });
});

for (const how of ['over', 'patience'] as const)
  test(`when waiting ends (${how}) the page promises nothing more, offers to look again, and asks no more`, () => {
    const ended = waiting(({ heard, outOfPatience, online, later }) => {
      if (how === 'over') heard('over');
      else outOfPatience();
      online();
      later();
    });
    const { asked, open, said, title, promises, buttonHidden } = ended;
    assert.deepEqual(
      { asked, open, said, title, promises, buttonHidden },
      { asked: 1, open: 0, said: 'Over', title: 'Over', promises: false, buttonHidden: false },
    );
  });

test('the code leaves the address line for the field', () => {
  assert.deepEqual(passed('#ab%2Dcd'), { value: 'ab-cd', address: '/_ostiary/pass?x=1', focused: true });
});

test('a fragment that cannot be decoded leaves the address line all the same', () => {
  assert.deepEqual(passed('#%zz'), { value: '', address: '/_ostiary/pass?x=1', focused: false });
});

test('without a fragment nothing is touched', () => {
  assert.deepEqual(passed(''), { value: '', address: undefined, focused: false });
});

test('a fragment longer than the field is cut', () => {
  assert.equal(passed(`#${'a'.repeat(10_000)}`).value.length, 128);
});

for (const [title, hash, kept] of [
  ['settings are put by', '#config.startSilent=true&a=%22b%22', 'config.startSilent=true&a=%22b%22'],
  ['a token is not', '#jwt=%22eyJ%22&a=1&jwt=x', 'a=1'],
  ['a token alone leaves nothing to put by', '#jwt=%22eyJ%22', undefined],
  ['what is too long is not put by', `#${'a'.repeat(LONGEST_FRAGMENT + 1)}`, undefined],
] as const)
  test(`behind the # of the sign-in page: ${title}, and the address line is clean`, () =>
    assert.deepEqual(keptBy(hash), {
      kept: kept === undefined ? [] : [['ostiary-fragment /standup', `1000 ${kept}`]],
      address: '/_ostiary/sign-in?to=%2Fstandup',
    }));

test('coming again without a fragment keeps what was put by', () =>
  assert.deepEqual(keptBy(''), { kept: [], address: undefined }));

test('a browser that keeps nothing goes on without', () =>
  assert.equal(keptBy('#a=1', true).address, '/_ostiary/sign-in?to=%2Fstandup'));

for (const [title, hash, token] of [
  ['a token', '#a=1&jwt=%22eyJ.x.y%22', 'eyJ.x.y'],
  ['the last of two', '#jwt=%22one%22&jwt=%22two%22', 'two'],
] as const)
  test(`${title} behind the # is what is submitted, and nobody is sent to sign in`, () =>
    assert.deepEqual(taken(hash), { token, auto: ['link'] }));

for (const hash of ['', '#a=1', '#jwt=eyJ.x.y', '#jwt', '#jwt=7', '#jwt=%22%22', '#jwt=%zz', '#xjwt=%22a%22'])
  test(`${hash || 'nothing'} behind the # is no token, and the sign-in goes on`, () =>
    assert.deepEqual(taken(hash), { token: '', auto: ['sign-in'] }));

/** Which form is submitted by itself, and with what. */
function taken(hash: string): { token: string; auto: readonly string[] } {
  const auto = new Set(['sign-in']);
  const form = (name: string) => ({
    setAttribute: () => auto.add(name),
    removeAttribute: () => auto.delete(name),
    querySelector: () => field,
  });
  const field = { value: '' };
  run('take-link', {
    document: {
      querySelector: (selector: string) => form(selector.includes('data-link') ? 'link' : 'sign-in'),
    },
    location: { hash },
  });
  return { token: field.value, auto: [...auto] };
}

const FACTS = { code: 'jitsi.refused', path: '/standup', claims: { name: 'Ada' } };

test('what went wrong is kept, and the operator’s page comes in place of ours', () => {
  const { kept, went, told } = problem({ next: '/own' });
  assert.deepEqual(kept, { ...FACTS, at: 60_000, led: true });
  assert.deepEqual([went, told], ['/own', undefined]);
});

test('what Jitsi’s page put by a moment ago about this room is kept with it', () => {
  const claims = { name: 'Ada Lövelace', role: 'owner', exp: 9 };
  const before = { at: 59_000, path: '/standup', check: 'connection.passwordRequired', claims };
  assert.deepEqual(problem({ before }).kept, {
    ...{ ...FACTS, at: 60_000, check: 'connection.passwordRequired' },
    claims: { name: 'Ada Lövelace', role: 'host', exp: 9 },
  });
  for (const other of [{ ...before, path: '/other' }, { ...before, at: -1000 }, 'x', null, 7])
    assert.deepEqual(problem({ before: other }).kept, { ...FACTS, at: 60_000 });
});

test('who was led to the operator’s page for this a moment ago stays on ours', () => {
  const before = { at: 55_000, code: 'jitsi.refused', led: true };
  assert.equal(problem({ before, next: '/own' }).went, undefined);
  assert.equal(problem({ before: { ...before, at: 40_000 }, next: '/own' }).went, '/own');
  assert.equal(problem({ before: { ...before, code: 'jitsi.token-expired' }, next: '/own' }).went, '/own');
});

test('in a frame our page stays, and the page around it is to be told all of it', () => {
  const { went, told } = problem({ next: '/own', framed: true });
  assert.equal(went, undefined);
  assert.deepEqual(told, {
    to: ['https://a'],
    message: { event: 'refused', problem: { ...FACTS, at: 60_000 } },
  });
});

test('a browser that keeps nothing stays on our page, which says everything', () =>
  assert.equal(problem({ next: '/own', full: true }).went, undefined));

test('what stood behind the # of a page about a problem is gone', () =>
  assert.equal(problem({ hash: '#jwt=%22eyJ%22' }).address, '/_ostiary/problem?code=x'));

interface ProblemPage {
  readonly before?: unknown;
  readonly next?: string;
  readonly framed?: boolean;
  readonly full?: boolean;
  readonly hash?: string;
}

function problem({ before, next, framed = false, full = false, hash = '' }: ProblemPage) {
  const seen: { kept?: unknown; went?: string; address?: string } = {};
  const window: Record<string, unknown> = {};
  window['parent'] = framed ? {} : window;
  const element = (attributes: Record<string, string | undefined>) => ({
    getAttribute: (name: string) => attributes[name] ?? null,
    setAttribute: (name: string, value: string) => {
      attributes[name] = value;
    },
  });
  const around = element({ 'data-tells': '{"to":["https://a"],"message":{"event":"refused"}}' });
  const page = element({ 'data-problem': JSON.stringify(FACTS), 'data-next': next });
  run('problem-facts', {
    window,
    document: {
      querySelector: (selector: string) => (selector === '[data-problem]' ? page : framed ? around : null),
    },
    location: {
      ...{ hash, pathname: '/_ostiary/problem', search: '?code=x' },
      replace: (went: string) => Object.assign(seen, { went }),
    },
    history: {
      state: null,
      replaceState: (_state: null, _title: string, address: string) => Object.assign(seen, { address }),
    },
    Date: { now: () => 60_000 },
    sessionStorage: {
      getItem: () => (before === undefined ? null : JSON.stringify(before)),
      setItem: (_key: string, value: string) => {
        if (full) throw new Error('full');
        seen.kept = JSON.parse(value);
      },
    },
  });
  const tells = framed ? JSON.parse(around.getAttribute('data-tells') ?? '') : undefined;
  return { ...seen, told: tells };
}

function keptBy(hash: string, full = false) {
  const seen: { kept: [string, string][]; address: string | undefined } = { kept: [], address: undefined };
  run('keep-fragment', {
    document: { querySelector: () => ({ getAttribute: () => '/standup' }) },
    location: { hash, pathname: '/_ostiary/sign-in', search: '?to=%2Fstandup' },
    history: {
      state: null,
      replaceState: (_state: null, _title: string, address: string) => Object.assign(seen, { address }),
    },
    Date: { now: () => 1000 },
    sessionStorage: {
      setItem: (key: string, value: string) => {
        if (full) throw new Error('full');
        seen.kept.push([key, value]);
      },
    },
  });
  return seen;
}

type Listeners = { pageshow?: (event: { persisted: boolean }) => void };

function submitted(type: string, then: (listeners: Listeners) => void = () => {}) {
  const form = { times: 0 };
  const status = { hidden: true };
  const listeners: Listeners = {};
  run('submit-form', {
    document: { querySelector: (selector: string) => (selector.startsWith('form') ? form : status) },
    performance: { getEntriesByType: () => [{ type }] },
    window: {
      addEventListener: (name: 'pageshow', listener: NonNullable<Listeners['pageshow']>) =>
        Object.assign(listeners, { [name]: listener }),
    },
    HTMLFormElement: class {
      submit(this: typeof form) {
        this.times += 1;
      }
    },
  });
  then(listeners);
  return { times: form.times, saidSo: !status.hidden };
}

function passed(hash: string) {
  const seen: { value: string; address: string | undefined; focused: boolean } = {
    value: '',
    address: undefined,
    focused: false,
  };
  const field = { value: '', maxLength: 128, focus: () => {} };
  const next = { focus: () => Object.assign(seen, { focused: true }) };
  run('pass-from-fragment', {
    document: { querySelector: (selector: string) => (selector.includes('from-fragment') ? field : next) },
    location: { hash, pathname: '/_ostiary/pass', search: '?x=1' },
    history: {
      state: null,
      replaceState: (_state: null, _title: string, address: string) => Object.assign(seen, { address }),
    },
  });
  return { ...seen, value: field.value };
}

interface Waits {
  /** The server says so on the newest stream. */
  readonly heard: (event: string) => void;
  /** The newest stream fails, and is in this state then. */
  readonly fail: (readyState: number) => void;
  readonly online: () => void;
  readonly outOfPatience: () => void;
  /** Whatever else waits for its time has its time. */
  readonly later: () => void;
}

/** What has become of the waiting page after this. */
function waiting(then: (page: Waits) => void) {
  const PATIENCE = 7_200_000;
  const attributes: Record<string, string> = {
    ...{ 'data-waits': '/waiting', 'data-target': '/join', 'data-patience': String(PATIENCE) },
    ...{ 'data-go': 'Go', 'data-over': 'Over' },
  };
  const here = { textContent: '', getAttribute: (name: string) => attributes[name] };
  const again = { hidden: false };
  const lead = { hidden: false };
  const document = {
    title: 'Not begun',
    querySelector: (selector: string) =>
      ({ '[data-waits]': here, '[data-again]': again, '[data-until-over]': lead })[selector] ?? null,
  };
  const streams: Stream[] = [];
  class Stream {
    readyState = 1;
    onerror = () => {};
    readonly listeners = new Map<string, () => void>();
    constructor() {
      streams.push(this);
    }
    addEventListener(event: string, listener: () => void) {
      this.listeners.set(event, listener);
    }
    close() {
      this.readyState = 2;
    }
  }
  const timers = new Map<number, { readonly after: number; readonly run: () => void }>();
  let numbered = 0;
  const elapse = (chosen: (after: number) => boolean) => {
    for (const [id, { after, run: elapsed }] of [...timers])
      if (chosen(after) && timers.delete(id)) elapsed();
  };
  const seen: { went?: string } = {};
  const listeners = new Map<string, () => void>();
  const newest = () => streams.at(-1) as Stream;
  const window = {
    EventSource: Stream,
    addEventListener: (event: string, listener: () => void) => listeners.set(event, listener),
    removeEventListener: (event: string) => listeners.delete(event),
  };
  run('wait', {
    ...{ document, window, EventSource: Stream },
    location: { replace: (to: string) => Object.assign(seen, { went: to }) },
    setTimeout: (elapsed: () => void, after: number) => {
      numbered += 1;
      timers.set(numbered, { after, run: elapsed });
      return numbered;
    },
    clearTimeout: (id: number) => timers.delete(id),
  });
  then({
    heard: (event) => newest().listeners.get(event)?.(),
    fail: (readyState) => {
      newest().readyState = readyState;
      newest().onerror();
    },
    online: () => listeners.get('online')?.(),
    outOfPatience: () => elapse((after) => after === PATIENCE),
    later: () => elapse((after) => after < PATIENCE),
  });
  return {
    ...seen,
    asked: streams.length,
    open: streams.filter(({ readyState }) => readyState !== 2).length,
    said: here.textContent,
    title: document.title,
    promises: !lead.hidden,
    buttonHidden: again.hidden,
  };
}

function run(name: ScriptName, globals: object): void {
  runInNewContext(SCRIPTS[name], globals, { timeout: 1000 });
}
