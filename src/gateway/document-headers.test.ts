import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentHeaders, isDocument } from './document-headers.ts';

const ABOUT = { nonce: 'OURS', frameAncestors: [] };
const ALWAYS = [
  ['Content-Type', 'text/html; charset=utf-8'],
  ['Cache-Control', 'no-store'],
  ['Content-Security-Policy', "frame-ancestors 'self'"],
  ['Cross-Origin-Opener-Policy', 'same-origin-allow-popups'],
];

test('what spoke of the body as it was goes, and what else the web server said stays', () =>
  assert.deepEqual(
    went(
      'Content-Type',
      'text/html',
      'Content-Length',
      '12',
      'ETag',
      '"a"',
      'last-modified',
      'x',
      'Accept-Ranges',
      'bytes',
      'Cache-Control',
      'max-age=60',
      'Expires',
      'x',
      'X-Jitsi-Shard',
      's1',
      'Set-Cookie',
      'a=1',
      'Set-Cookie',
      'b=2',
    ),
    [['X-Jitsi-Shard', 's1'], ['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2'], ...ALWAYS],
  ));

test('the script may run, under every policy and in every report', () => {
  const headers = went(
    'Content-Security-Policy',
    "script-src 'self'",
    'content-security-policy',
    "default-src 'self' 'unsafe-inline'",
    'Content-Security-Policy-Report-Only',
    "script-src 'self'; frame-ancestors 'none'",
  );
  assert.deepEqual(
    headers.filter(([name = '']) => name.startsWith('Content-Security')),
    [
      ['Content-Security-Policy', "script-src 'self' 'nonce-OURS'"],
      ['Content-Security-Policy', "default-src 'self' 'unsafe-inline'"],
      ['Content-Security-Policy', "frame-ancestors 'self'"],
      ['Content-Security-Policy-Report-Only', "script-src 'self' 'nonce-OURS'; frame-ancestors 'none'"],
    ],
  );
});

for (const [title, headers, listed, ancestors] of [
  ['nothing was said', [], [], "'self'"],
  ['nothing was said, and an origin is listed', [], ['https://a.example'], "'self' https://a.example"],
  ['same origin', ['X-Frame-Options', 'SAMEORIGIN'], [], "'self'"],
  ['nobody', ['X-Frame-Options', 'DENY'], [], "'none'"],
  [
    'nobody, and yet an origin is listed',
    ['X-Frame-Options', 'DENY'],
    ['https://a.example'],
    "'self' https://a.example",
  ],
  [
    'a policy says',
    ['Content-Security-Policy', 'frame-ancestors https://b.example'],
    ['https://a.example'],
    'https://b.example',
  ],
] as const)
  test(`who may frame the meeting, where the web server says: ${title}`, () => {
    const went = documentHeaders(headers, { nonce: 'n', frameAncestors: listed });
    assert.deepEqual(
      went.filter((value) => value.startsWith('frame-ancestors')),
      [`frame-ancestors ${ancestors}`],
    );
    assert.ok(!went.includes('X-Frame-Options'));
  });

for (const [said, goes] of [
  [[], 'same-origin-allow-popups'],
  [['unsafe-none'], 'same-origin-allow-popups'],
  [['same-origin'], 'same-origin'],
  [['noopener-allow-popups'], 'noopener-allow-popups'],
  [['same-origin; report-to="x"'], 'same-origin; report-to="x"'],
  [['same-origin', 'same-origin'], 'same-origin-allow-popups'],
] as const)
  test(`no opener keeps hold of the meeting where the web server says ${JSON.stringify(said)}`, () => {
    const headers = said.flatMap((value) => ['Cross-Origin-Opener-Policy', value]);
    assert.deepEqual(
      went(...headers).filter(([name = '']) => name.startsWith('Cross')),
      [['Cross-Origin-Opener-Policy', goes]],
    );
  });

for (const [status, headers, is] of [
  [200, ['Content-Type', 'text/html'], true],
  [200, ['content-type', 'text/html; charset=UTF-8'], true],
  [200, ['content-type', 'text/html;charset="utf-8"', 'content-encoding', 'identity'], true],
  [200, ['content-type', 'text/html; charset=iso-8859-1'], false],
  [200, ['content-type', 'text/html', 'content-encoding', 'gzip'], false],
  [200, ['content-type', 'text/html', 'content-type', 'text/plain'], false],
  [200, ['content-type', 'application/xhtml+xml'], false],
  [200, [], false],
  [404, ['content-type', 'text/html'], false],
  [206, ['content-type', 'text/html'], false],
] as const)
  test(`${status} ${headers.join(' ')} is ${is ? 'a' : 'no'} document for a script`, () =>
    assert.equal(isDocument(status, headers), is));

function went(...headers: readonly string[]): readonly (readonly string[])[] {
  const flat = documentHeaders(headers, ABOUT);
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : []));
}
