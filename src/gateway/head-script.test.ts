import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { Secret } from '../base/secret.ts';
import { markOfToken } from '../identity/issuer.ts';
import { FRAGMENT_KEY, SCRIPTS } from '../pages/scripts.ts';
import { headScript, inject } from './head-script.ts';

const TOKEN = 'eyJhbGciOiJub25lIn0.eyJhdWQiOiJqaXRzaSJ9.ZGlzcGxheS1vbmx5';
const JWT = `config.deeplinking.disabled=true&jwt=%22${TOKEN}%22`;
const NOW = 1_750_000_000_000;

for (const [title, before, after] of [
  ['without a fragment', '', `#${JWT}`],
  ['with an empty one', '#', `#${JWT}`],
  ['beside an override', '#config.startWithAudioMuted=true', `#config.startWithAudioMuted=true&${JWT}`],
  ['in the place of a token from elsewhere', '#jwt=%22eyJ.x.y%22&a=1', `#a=1&${JWT}`],
  ['in the place of two tokens', '#a=1&jwt=%22x%22&jwt&b=2', `#a=1&b=2&${JWT}`],
  ['in the place of one alone', '#jwt=x', `#${JWT}`],
  ["beside what a router of somebody's wrote", '#/chat/1', `#/chat/1&${JWT}`],
  ['beside empty pieces, odd escapes and second equals signs', '#&a=%zz=1&&b', `#&a=%zz=1&&b&${JWT}`],
  ['beside keys that only look like it', '#%6Awt=1&jwtx=2&JWT=3', `#%6Awt=1&jwtx=2&JWT=3&${JWT}`],
] as const)
  test(`the display token stands behind the # ${title}`, () =>
    assert.equal(opened({ hash: before }).address, `https://meet.example.org/standup${after}`));

test("Jitsi's client reads the very token, as JSON, from what it finds", () => {
  const { address } = opened({ hash: '#/only' });
  const pieces = new URL(address).hash.slice(1).split('&');
  const value = pieces.find((piece) => piece.startsWith('jwt='))?.split('=')[1] ?? '';
  assert.equal(JSON.parse(decodeURIComponent(value)), TOKEN);
});

test("Jitsi's own way into the app stays away, whatever the link says: it would carry the display token there", () =>
  assert.equal(
    opened({ hash: '#config.deeplinking.disabled=false&a=1&config.deeplinking={}' }).address,
    `https://meet.example.org/standup#a=1&config.deeplinking={}&${JWT}`,
  ));

test('a token in the query leaves the address line; what else stands there stays', () =>
  assert.equal(
    opened({ search: '?jwt=eyJ&lang=de&x=%20' }).address,
    `https://meet.example.org/standup?lang=de&x=%20#${JWT}`,
  ));

test('the address is written whole, so that no base of the page and no double slash leads it elsewhere', () =>
  assert.equal(
    opened({ pathname: '//evil.example' }).address,
    `https://meet.example.org//evil.example#${JWT}`,
  ));

test('what was put by comes back behind what stands there, once', () => {
  const storage = stored('config.startWithAudioMuted=true&config.defaultLanguage=%22pt-BR%22');
  const expected = 'a=1&config.defaultLanguage=%22pt-BR%22&config.startWithAudioMuted=true';
  assert.equal(
    opened({ hash: '#a=1', storage }).address,
    `https://meet.example.org/standup#${expected}&${JWT}`,
  );
  assert.equal(storage.size, 0);
  assert.equal(opened({ hash: '#a=1', storage }).address, `https://meet.example.org/standup#a=1&${JWT}`);
});

test('what stands there is never overridden', () => {
  const storage = stored('config.startWithAudioMuted=true');
  assert.equal(
    opened({ hash: '#config.startWithAudioMuted=false', storage }).address,
    `https://meet.example.org/standup#config.startWithAudioMuted=false&${JWT}`,
  );
});

test('of one key said twice the last counts, as it does for Jitsi', () => {
  const storage = stored('config.startSilent=true&config.startSilent=false');
  assert.match(
    opened({ storage }).address,
    /#config\.startSilent=false&config\.deeplinking\.disabled=true&jwt=/,
  );
});

test('the number by which an embedding page is answered comes back', () =>
  assert.match(
    opened({ storage: stored('jitsi_meet_external_api_id=0') }).address,
    /#jitsi_meet_external_api_id=0&config\.deeplinking\.disabled=true&jwt=/,
  ));

for (const put of [
  'config.bosh=%22https%3A%2F%2Fevil.example%22',
  'config.startWithAudioMuted=%22true%22',
  'config.startWithAudioMuted=1',
  'config.startWithAudioMuted=tru',
  'config.startWithAudioMuted',
  'config.defaultLanguage=%22de%26jwt%3Dx%22',
  'config.defaultLanguage=%22../../evil%22',
  'jitsi_meet_external_api_id=%221%22',
  'jitsi_meet_external_api_id=%zz',
  'constructor=true',
  '__proto__={}',
  'toString=undefined',
  'jwt=%22eyJ%22',
  '',
])
  test(`${put || 'nothing'} put by does not come back`, () =>
    assert.equal(opened({ storage: stored(put) }).address, `https://meet.example.org/standup#${JWT}`));

test('what was put by for another room stays where it is', () => {
  const storage = stored('config.startSilent=true', '/other');
  assert.equal(opened({ storage }).address, `https://meet.example.org/standup#${JWT}`);
  assert.equal(storage.size, 1);
});

test('what was put by long ago is thrown away', () => {
  const storage = stored('config.startSilent=true', '/standup', NOW - 3_600_001);
  assert.equal(opened({ storage }).address, `https://meet.example.org/standup#${JWT}`);
  assert.equal(storage.size, 0);
});

test('a browser that keeps nothing gets its token all the same', () =>
  assert.equal(opened({ storage: 'forbidden' }).address, `https://meet.example.org/standup#${JWT}`));

test('what the sign-in page put by is what comes back, without any token', () => {
  const storage = new Map<string, string>();
  const seen = signInPage('#jwt=%22eyJ%22&config.startAudioOnly=true', storage);
  assert.equal(seen, '/_ostiary/sign-in?to=%2Fstandup');
  assert.doesNotMatch([...storage.values()].join(), /jwt|eyJ/);
  assert.match(
    opened({ storage }).address,
    /standup#config\.startAudioOnly=true&config\.deeplinking\.disabled=true&jwt=/,
  );
});

test('the script leaves the document, and its token with it', () => assert.equal(opened({}).removed, 1));

test('no value ends the script, whatever stands in it', () => {
  const path = '/</script><script>alert(1)</script><!--\u2028';
  const script = headScript({ token: new Secret(`${TOKEN}</script>`), path });
  assert.doesNotMatch(script, /<\/|<!--|<s/);
  assert.match(opened({ script }).address, /jwt=%22eyJ[\w.]+%3C%2Fscript%3E%22$/);
});

const LINK = 'eyJhbGciOiJIUzI1NiJ9.eyJyb29tIjoic3RhbmR1cCJ9.c2lnbmVk';
const HANDED = { address: '/_ostiary/link?to=%2Fstandup' };
const scriptWith = (link: { address: string; mark?: number } | undefined) =>
  headScript({ token: new Secret(TOKEN), path: '/standup', ...(link && { link }) });

test('another application’s token behind the # is handed on before anything of Jitsi’s runs, with what stands beside it', () => {
  const hash = `#a=1&jwt=%22${LINK}%22`;
  for (const link of [HANDED, { ...HANDED, mark: markOfToken('another') }])
    assert.deepEqual(opened({ hash, script: scriptWith(link) }), {
      address: '',
      removed: 1,
      left: `https://meet.example.org${HANDED.address}${hash}`,
      stopped: 1,
    });
});

for (const [title, hash, link] of [
  ['no application may send any', `#jwt=%22${LINK}%22`, undefined],
  ['it is the one by which they are here', `#jwt=%22${LINK}%22`, { ...HANDED, mark: markOfToken(LINK) }],
  ['it is our own display token', '#jwt=%22a.b.ZGlzcGxheS1vbmx5%22', HANDED],
  ['it is no JSON', `#jwt=${LINK}`, HANDED],
  ['it is no text', '#jwt=7', HANDED],
  ['it is empty of a value', '#jwt', HANDED],
] as const)
  test(`a token behind the # goes nowhere where ${title}`, () => {
    const seen = opened({ hash, script: scriptWith(link) });
    assert.deepEqual([seen.left, seen.stopped], ['', 0]);
    assert.equal(seen.address, `https://meet.example.org/standup#${JWT}`);
  });

test('of two tokens behind the # the last is looked at, as Jitsi does', () => {
  const script = scriptWith({ ...HANDED, mark: markOfToken(LINK) });
  assert.equal(opened({ hash: `#jwt=%22other.x.y%22&jwt=%22${LINK}%22`, script }).stopped, 0);
  assert.equal(opened({ hash: `#jwt=%22${LINK}%22&jwt=%22other.x.y%22`, script }).stopped, 1);
});

const PUT = '<script nonce="n">S</script>';

for (const [title, before, after] of [
  ['a plain head', '<!doctype html><html><head>', '<title>x</title></head></html>'],
  [
    'capitals, attributes and line feeds',
    '<HTML lang=en data-x="a>b"\n>\n  <HEAD prefix=\'og: >\' id=h/>',
    '<base href="/">',
  ],
  ['a byte order mark', '\ufeff<!DOCTYPE html PUBLIC "-//W3C//DTD">\r\n<html><head\t>', 'x'],
  ['comments that speak of heads', '<!-- <head> --><!--><html><!---><!-- a --!><head>', '<head>'],
  ['no html tag, and what browsers take for a comment', '<?xml version="1.0"?><!foo><head>', 'x'],
  ['letters of two bytes', '<!-- Größe --><html title="ü"><head>', 'ä'],
] as const)
  test(`the script comes first in the head: ${title}`, () =>
    assert.equal(inject(Buffer.from(before + after), 'S', 'n')?.toString(), before + PUT + after));

for (const [title, document] of [
  ['no head', '<!doctype html><html><body><head></body></html>'],
  ['a header', '<html><header>x</header></html>'],
  [
    'something before it, for which browsers make a head of their own',
    '<html><meta charset="utf-8"><head></head>',
  ],
  ['text before it', 'Hello <head>'],
  ['a head inside a comment without end', '<!-- <head>'],
  ['a tag without end', '<html><head class="a>'],
  ['nothing', ''],
  ['a head far down', `<!--${'x'.repeat(70_000)}--><head>`],
] as const)
  test(`a document with ${title} is not touched`, () =>
    assert.equal(inject(Buffer.from(document), 'S', 'n'), undefined));

test('a document that is not UTF-8 is not touched', () => {
  assert.equal(inject(Buffer.from('<html><head>\u00fc', 'latin1'), 'S', 'n'), undefined);
  assert.equal(inject(Buffer.from('\ufeff<html><head>\u00fc', 'utf16le'), 'S', 'n'), undefined);
});

interface Opened {
  readonly hash?: string;
  readonly search?: string;
  readonly pathname?: string;
  readonly storage?: Map<string, string> | 'forbidden';
  readonly script?: string;
}

function stored(fragment: string, path = '/standup', at = NOW): Map<string, string> {
  return new Map([[`${FRAGMENT_KEY} ${path}`, `${at} ${fragment}`]]);
}

/** Runs the script as the page would, and tells what stands in the address line then. */
function opened({ hash = '', search = '', pathname = '/standup', storage = new Map(), script }: Opened) {
  const seen = { address: '', removed: 0, left: '', stopped: 0 };
  const globals = {
    location: {
      ...{ hash: hash === '#' ? '' : hash, search, pathname, origin: 'https://meet.example.org' },
      replace: (to: string) => (seen.left = to),
    },
    window: { stop: () => (seen.stopped += 1) },
    history: { state: null, replaceState: (_state: null, _title: string, to: string) => (seen.address = to) },
    document: { currentScript: { remove: () => (seen.removed += 1) } },
    Date: { now: () => NOW },
    ...sessionStorageOf(storage),
  };
  runInNewContext(script ?? headScript({ token: new Secret(TOKEN), path: '/standup' }), globals, {
    timeout: 1000,
  });
  return seen;
}

/** The sign-in page with this fragment: its address afterwards. */
function signInPage(hash: string, storage: Map<string, string>): string {
  let address = '';
  runInNewContext(
    SCRIPTS['keep-fragment'],
    {
      location: { hash, pathname: '/_ostiary/sign-in', search: '?to=%2Fstandup' },
      history: { state: null, replaceState: (_state: null, _title: string, to: string) => (address = to) },
      document: { querySelector: () => ({ getAttribute: () => '/standup' }) },
      Date: { now: () => NOW },
      ...sessionStorageOf(storage),
    },
    { timeout: 1000 },
  );
  return address;
}

function sessionStorageOf(storage: Map<string, string> | 'forbidden'): object {
  if (storage === 'forbidden')
    return Object.defineProperty({}, 'sessionStorage', {
      enumerable: true,
      get: () => ({
        getItem: () => {
          throw new Error('denied');
        },
      }),
    });
  return {
    sessionStorage: {
      getItem: (key: string) => storage.get(key) ?? null,
      setItem: (key: string, value: string) => storage.set(key, value),
      removeItem: (key: string) => storage.delete(key),
    },
  };
}
