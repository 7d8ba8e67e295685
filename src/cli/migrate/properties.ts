/**
 * A Java properties file, as Jicofo's old sip-communicator.properties is one, with its lines. Pure.
 * @see java.util.Properties, `load`
 */

/** One entry. */
export interface Property {
  readonly key: string;
  readonly value: string;
  readonly first: number;
  /** Where it goes on over several lines. */
  readonly last: number;
}

/** Every entry, in order. */
export function readProperties(text: string): readonly Property[] {
  const found: Property[] = [];
  let begun: { first: number; pieces: string[] } | undefined;
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const bare = line.trimStart();
    if (begun === undefined && (bare === '' || /^[#!]/.test(bare))) continue;
    begun ??= { first: at + 1, pieces: [] };
    const goesOn = backslashesBehind(bare) % 2 === 1;
    begun.pieces.push(goesOn ? bare.slice(0, -1) : bare);
    if (goesOn) continue;
    const { first, pieces } = begun;
    begun = undefined;
    const [, key = '', value = ''] = /^((?:[^\\=:\s]|\\.)*)\s*[=:]?\s*(.*)$/.exec(pieces.join('')) ?? [];
    found.push({ key: plain(key), value: plain(value), first, last: at + 1 });
  }
  return found;
}

function backslashesBehind(line: string): number {
  let count = 0;
  while (line.at(-1 - count) === '\\') count += 1;
  return count;
}

function plain(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}
