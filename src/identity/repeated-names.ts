/**
 * Does a JSON text name a member twice? Readers differ in which of the two counts, so that one text says two things.
 *
 * Pure. For texts that parse; nothing is parsed here, and no nesting costs a stack.
 * @see RFC 8259, section 4; RFC 8725, section 2.4
 */

/** Is a member of any object in this text named twice? */
export function namesRepeat(json: string): boolean {
  /** The names of each object that is open; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[[\]{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token.endsWith(':')) {
      const names = open.at(-1);
      const name: string = JSON.parse(token.slice(0, -1));
      if (names?.has(name)) return true;
      names?.add(name);
    }
  }
  return false;
}
