import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brandColours, brandVariables, contrast, SURFACES } from './colour.ts';

const COLOURS = [
  '#000000',
  '#ffffff',
  '#ffff00',
  '#c8102e',
  '#1d5f91',
  '#777777',
  '#00ff88',
  '#0000ff',
  '#FFCC00',
];

for (const colour of COLOURS)
  test(`${colour} can be read as a button and as a link, by day and by night`, () => {
    const found = brandColours(colour);
    assert.ok(found);
    assert.ok(contrast(found.brand, found.onBrand) >= 4.5);
    for (const ground of Object.values(SURFACES.light)) assert.ok(contrast(found.inkLight, ground) >= 4.5);
    for (const ground of Object.values(SURFACES.dark)) assert.ok(contrast(found.inkDark, ground) >= 4.5);
  });

test('a colour that reads well is left as it is', () => {
  assert.equal(brandColours('#1d5f91')?.inkLight, '#1d5f91');
});

for (const bad of ['red', '#12345', '#1234567', '#12345g', '#123456;}body{display:none', '', undefined])
  test(`${bad} is no colour`, () => assert.equal(brandVariables(bad), ''));

test('black and white are as far apart as can be', () => assert.equal(contrast('#000000', '#ffffff'), 21));
