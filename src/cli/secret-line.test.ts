import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typedLines } from './secret-line.ts';

test('a line that may be seen is left to the terminal, and shares its input with what is not shown', async () => {
  const raw: boolean[] = [];
  const shown: string[] = [];
  async function* keys() {
    yield 'visible\nhidden\r';
  }
  const input = Object.assign(keys(), { isTTY: true, setRawMode: (on: boolean) => void raw.push(on) });
  const lines = typedLines(input, (text) => void shown.push(text));
  assert.equal(await lines.shown('Who? '), 'visible');
  assert.deepEqual([raw, shown], [[], ['Who? ']]);
  assert.equal((await lines.secret('Password: ')).reveal(), 'hidden');
  assert.deepEqual(raw, [true, false]);
});

test('of what is piped in an empty line is an answer of its own, whatever ends the lines', async () => {
  for (const end of ['\n', '\r\n']) {
    async function* piped() {
      yield ['', '', 'third', '', 'fifth'].join(end);
    }
    const lines = typedLines(piped(), () => assert.fail());
    const read: (string | undefined)[] = [];
    for (let nth = 0; nth < 6; nth += 1) read.push(await lines.shown('? '));
    assert.deepEqual(read, ['', '', 'third', '', 'fifth', undefined]);
  }
});
