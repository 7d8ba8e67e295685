/** What a header of a proxy says, and what is no header of a proxy. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isProblem } from '../base/problem.ts';
import { headerText, oneHeader, valuesIn } from './header-values.ts';

/** As Node gives bytes: each one character. */
const bytes = (text: string) => Buffer.from(text).toString('latin1');

function whyNot(work: () => unknown): unknown {
  try {
    work();
  } catch (thrown) {
    if (isProblem(thrown, 'header.unacceptable')) return thrown.facts['why'];
    throw thrown;
  }
  return 'taken';
}

test('bytes are read as UTF-8, whatever Node made of them', () =>
  fc.assert(
    fc.property(
      fc
        .string({ unit: 'binary' })
        .filter((text) => text !== '' && text.isWellFormed() && !/\p{Cc}/u.test(text)),
      (text) => {
        if (bytes(text).length > 8192) return;
        assert.equal(headerText(['X-Name', bytes(text)], 'X-Name', 'utf-8'), text);
        assert.equal(headerText(['X-Name', encodeURIComponent(text)], 'X-Name', 'url'), text);
      },
    ),
  ));

test('bytes that are no UTF-8 are refused, and taken where the operator says Latin-1', () => {
  const raw = ['X-Name', 'L\u00f6we'];
  assert.equal(
    whyNot(() => headerText(raw, 'X-Name', 'utf-8')),
    'encoding',
  );
  assert.equal(headerText(raw, 'X-Name', 'latin1'), 'Löwe');
  assert.equal(
    whyNot(() => headerText(['X-Name', '%f6'], 'X-Name', 'url')),
    'encoding',
  );
  assert.equal(
    whyNot(() => headerText(['X-Name', 'a%'], 'X-Name', 'url')),
    'encoding',
  );
});

test('control characters are refused, however they are written', () => {
  assert.equal(
    whyNot(() => headerText(['X-Name', 'a\tb'], 'X-Name', 'utf-8')),
    'control',
  );
  assert.equal(
    whyNot(() => headerText(['X-Name', bytes('a\u0085b')], 'X-Name', 'utf-8')),
    'control',
  );
  assert.equal(
    whyNot(() => headerText(['X-Name', 'a%0Ab'], 'X-Name', 'url')),
    'control',
  );
});

test('a header that is there twice is nobody’s, in whatever spelling', () => {
  for (const other of ['X-Remote-User', 'x-remote-user', 'X_Remote_User', 'X.Remote.User', 'X-Remote_User'])
    for (const raw of [
      ['X-Remote-User', 'ada', other, 'eve'],
      [other, 'eve', 'X-Remote-User', 'ada'],
    ])
      assert.match(
        String(whyNot(() => oneHeader(raw, 'X-Remote-User'))),
        /^(?:repeated|spelling)$/,
        String(raw),
      );
});

test('a header that is spelled in another way than the proxy writes it is not its', () => {
  for (const other of ['X_Remote_User', 'X.Remote.User', 'x-remote_user'])
    assert.equal(
      whyNot(() => oneHeader([other, 'eve'], 'X-Remote-User')),
      'spelling',
    );
  assert.equal(
    whyNot(() => oneHeader(['OIDC-CLAIM-sub', 'eve'], 'OIDC_CLAIM_sub')),
    'spelling',
  );
  assert.equal(oneHeader(['oidc_claim_sub', 'ada'], 'OIDC_CLAIM_sub'), 'ada');
});

test('an empty header says nothing, and one of more than eight kilobytes too much', () => {
  assert.equal(headerText(['mail', ''], 'mail', 'utf-8'), undefined);
  assert.equal(
    whyNot(() => oneHeader(['mail', 'a'.repeat(8193)], 'mail')),
    'too-long',
  );
});

test('a separator in a value is told from one between two', () => {
  const shibboleth = { separator: ';', escaped: true };
  assert.deepEqual(valuesIn('member;staff', shibboleth), ['member', 'staff']);
  assert.deepEqual(valuesIn('a\\;b;c', shibboleth), ['a;b', 'c']);
  assert.deepEqual(valuesIn(';;a;', shibboleth), ['a']);
  assert.deepEqual(valuesIn('a; b;c', { separator: '; ', escaped: false }), ['a', 'b;c']);
  assert.deepEqual(valuesIn('a, b', { separator: ',', escaped: false }), ['a', ' b']);
});
