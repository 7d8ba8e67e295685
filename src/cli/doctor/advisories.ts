/**
 * What is publicly known to be wrong with versions of what stands beside us. Short on purpose: only what can be told by
 * a version that a program says of itself, and each with its source.
 *
 * Pure.
 */

/** One entry: every version from `since` on and below `fixed`. */
export interface Advisory {
  readonly program: 'Prosody' | 'Coturn';
  readonly since?: string;
  readonly fixed: string;
  readonly ids: string;
  readonly what: string;
  readonly source: string;
}

/** The list, the newest first. */
export const ADVISORIES: readonly Advisory[] = [
  {
    program: 'Prosody',
    fixed: '0.12.6',
    ids: 'CVE-2026-43506, CVE-2026-43507',
    what: 'whoever connects, and signs in nowhere, can use up its memory',
    source: 'https://nvd.nist.gov/vuln/detail/CVE-2026-43506',
  },
  {
    program: 'Prosody',
    since: '1.0.0',
    fixed: '13.0.5',
    ids: 'CVE-2026-43506, CVE-2026-43507',
    what: 'whoever connects, and signs in nowhere, can use up its memory',
    source: 'https://nvd.nist.gov/vuln/detail/CVE-2026-43506',
  },
  {
    program: 'Coturn',
    fixed: '4.9.0',
    ids: 'CVE-2026-27624',
    what: 'IPv4 in the dress of IPv6 passes its list of denied peers',
    source: 'https://github.com/coturn/coturn/security/advisories/GHSA-j8mm-mpf8-gvjg',
  },
  {
    program: 'Coturn',
    fixed: '4.5.2',
    ids: 'CVE-2020-26262',
    what: '0.0.0.0, [::1] and [::] lead to its own machine',
    source: 'https://nvd.nist.gov/vuln/detail/CVE-2020-26262',
  },
];

function numbersOf(version: string): readonly number[] {
  return (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number);
}

function isBelow(one: string, other: string): boolean {
  const [a, b] = [numbersOf(one), numbersOf(other)];
  const at = b.findIndex((number, index) => number !== (a[index] ?? 0));
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}

/** What is known of a version, as a program says it: `Prosody 0.12.3`, `Coturn-4.6.1 'Gorst'`. */
export function knownOf(said: string): readonly Advisory[] {
  const [, program, version = ''] = /^(Prosody|Coturn)[ -]v?(\d[\w.~+-]*)/i.exec(said) ?? [];
  return ADVISORIES.filter(
    (one) =>
      one.program.toLowerCase() === program?.toLowerCase() &&
      isBelow(version, one.fixed) &&
      (one.since === undefined
        ? numbersOf(version)[0] === numbersOf(one.fixed)[0]
        : !isBelow(version, one.since)),
  );
}
