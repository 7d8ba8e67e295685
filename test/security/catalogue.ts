/**
 * The ids of every attack we were told to expect, by family and number. The gaps are theirs.
 */

/** The catalogue: every number of every family. */
export const FAMILIES: Readonly<Record<string, readonly number[]>> = {
  JWT: [1, 2, 4, 5, 7, 8, 10, 11, 13, 15, 16, 17, 19, 20, 22, 23],
  OIDC: [1, 2, 4, 6, 7, 9, 10, 12, 13, 15, 16, 18, 20, 22, 23, 24, 26, 27],
  SAML: [
    1, 3, 4, 5, 7, 9, 10, 11, 13, 14, 15, 17, 18, 19, 21, 22, 23, 25, 26, 28, 29, 30, 32, 33, 35, 37, 38, 39,
    40, 41, 42, 45,
  ],
  SESS: [1, 2, 4, 5, 7, 8, 10, 11, 14, 15, 16],
  REDIR: [1, 3, 4, 6, 7, 8, 10, 12, 13, 15, 17, 18],
  PROXY: [1, 3, 4, 5, 7, 9, 10, 11, 13, 14, 15, 16, 18, 20, 22, 24, 25, 26, 28],
  TURN: [1, 2, 4, 6, 8, 9],
  INV: [1, 2, 4, 5, 7, 9],
  ADM: [1, 2, 4, 6, 7, 9, 10],
  DOS: [1, 2, 4, 6, 8, 9, 11, 12],
  SEC: [1, 2, 4, 6, 8, 9],
  ROT: [1, 2, 4, 6, 7, 9],
  CLK: [1, 2, 4],
  MULTI: [1, 2, 4, 6, 7],
  FAIL: [1, 2, 4, 6, 7, 9, 11, 12, 14],
};

/** An id as titles and this table write it: `SESS-02`. */
export function caseId(family: string, number: number): string {
  return `${family}-${String(number).padStart(2, '0')}`;
}

/** Every id there is. */
export const ALL_IDS: readonly string[] = Object.entries(FAMILIES).flatMap(([family, numbers]) =>
  numbers.map((number) => caseId(family, number)),
);
