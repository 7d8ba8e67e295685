/**
 * Globs that an operator can read and nobody can hang the server with.
 */

/**
 * Does the whole text fit the glob? `*` stands for any run of characters, none
 * included, `?` for exactly one. Goes back to the last star only, so the work is
 * bounded by the product of both lengths.
 */
export function fitsGlob(glob: string, text: string): boolean {
  // Of a thousand rules nearly all speak of rooms that begin otherwise.
  const open = glob.search(/[*?]/);
  if (open < 0) return glob === text;
  if (!text.startsWith(glob.slice(0, open))) return false;
  const want = [...glob];
  const have = [...text];
  let at = 0;
  let seen = 0;
  let star = -1;
  let retry = 0;
  while (seen < have.length) {
    if (want[at] === '*') {
      star = at;
      retry = seen;
      at += 1;
    } else if (at < want.length && (want[at] === '?' || want[at] === have[seen])) {
      at += 1;
      seen += 1;
    } else if (star >= 0) {
      retry += 1;
      seen = retry;
      at = star + 1;
    } else return false;
  }
  while (want[at] === '*') at += 1;
  return at === want.length;
}
