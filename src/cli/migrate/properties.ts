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
  let begun: { first: number; text: string } | undefined;
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const bare = line.trimStart();
    if (begun === undefined && (bare === '' || /^[#!]/.test(bare))) continue;
    const whole: { first: number; text: string } = begun
      ? { first: begun.first, text: begun.text + bare }
      : { first: at + 1, text: bare };
    if (/(?:^|[^\\])(?:\\\\)*\\$/.test(whole.text)) {
      begun = { ...whole, text: whole.text.slice(0, -1) };
      continue;
    }
    begun = undefined;
    const [, key = '', value = ''] = /^((?:[^\\=:\s]|\\.)*)\s*[=:]?\s*(.*)$/.exec(whole.text) ?? [];
    found.push({ key: plain(key), value: plain(value), first: whole.first, last: at + 1 });
  }
  return found;
}

function plain(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}
