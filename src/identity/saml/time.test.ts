/** SAML's times and spans, as other people write them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duration } from './time.ts';

test('a span of time is read as XML Schema writes it', () => {
  const spans = { PT5M: 300, P1D: 86_400, PT1H30M: 5400, P1DT1S: 86_401, 'PT0.5S': 0 };
  for (const [text, seconds] of Object.entries({ ...spans, P1Y2M: (365 + 60) * 86_400 }))
    assert.equal(duration(text), seconds, text);
});

test('what is no span, or a negative one, is none', () => {
  for (const text of ['', 'P', 'PT', 'P1DT', '5M', '-PT5M', 'PT5M ', 'P1H', 'PT1D', 'P99999999999D'])
    assert.equal(duration(text), undefined, text);
});
