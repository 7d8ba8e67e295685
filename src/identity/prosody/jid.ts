/**
 * The first part of an XMPP address, as Prosody compares it.
 *
 * Pure. Stricter than the standard: what could be written in two ways that Prosody takes for one is refused, so that an
 * account has one id here.
 *
 * @see RFC 6122, appendix A (Nodeprep)
 */

/** Letters, digits, and the signs an address may hold; what is mapped to nothing is not among them. */
const PLAIN = /^(?:(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}\p{M}!#$%()*+,.;=?[\]^_`{|}~\\-])+$/u;

/** The account somebody means at this host: `ada`, or `ada@host`. Undefined for what cannot be one there. */
export function localpartOf(typed: string, domain: string): string | undefined {
  const [local = '', host, ...more] = typed.split('@');
  if (more.length > 0 || (host !== undefined && host.toLowerCase() !== domain)) return undefined;
  const folded = local.normalize('NFKC').toLowerCase().normalize('NFKC');
  // Where capitals and back lead elsewhere, Prosody folds further than lower case: ß is ss, and ς is σ.
  const stable = [...folded].every(
    (letter) => letter.toUpperCase().toLowerCase().normalize('NFKC') === letter,
  );
  return stable && PLAIN.test(folded) && Buffer.byteLength(folded) <= 256 ? folded : undefined;
}
