/**
 * A signed text, bent in the ways that break judges of signatures: a piece cut out, copied or moved, a name put in, a
 * character changed.
 */
import fc from 'fast-check';

/** Where a text is bent, and how; whichever text it is. */
export interface Bend {
  readonly kind: 'cut' | 'copy' | 'move' | 'name' | 'flip';
  readonly from: number;
  readonly length: number;
  readonly into: number;
}

/** Any of them. */
export const BENDS: fc.Arbitrary<Bend> = fc.record({
  kind: fc.constantFrom('cut', 'copy', 'move', 'name', 'flip'),
  from: fc.nat(),
  length: fc.nat(60),
  into: fc.nat(),
});

/** The text, bent; `name` is what somebody would like to be called. */
export function bend(whole: string, { kind, from, length, into }: Bend, name: string): string {
  const [at, to] = [from % whole.length, into % whole.length];
  const piece = whole.slice(at, at + length);
  const without = whole.slice(0, at) + whole.slice(at + length);
  return {
    cut: without,
    copy: whole.slice(0, to) + piece + whole.slice(to),
    move: without.slice(0, to) + piece + without.slice(to),
    name: whole.slice(0, at) + name + whole.slice(at),
    flip: whole.slice(0, at) + String.fromCharCode(whole.charCodeAt(at) ^ 1) + whole.slice(at + 1),
  }[kind];
}
