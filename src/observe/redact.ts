/**
 * Takes out of a text what opens doors, before it reaches a log.
 *
 * The last net, not the first: secrets are Secret and are never put into facts.
 * But libraries write addresses, headers and answers into their errors. It masks
 * too much rather than too little, and knows nothing of what the text is about.
 */

/** Parameters whose values are never written, as they stand in addresses, forms and JSON. */
const NAMES = [
  '[\\w.-]*code',
  'code_verifier',
  'code_challenge',
  'state',
  'nonce',
  '[\\w.-]*tokens?',
  'jwt',
  '[\\w.-]*assertion',
  'id_token_hint',
  'logout_token',
  '[\\w.-]*secret',
  'passw(?:or)?d',
  'login_hint',
  'session(?:_state|_id)?',
  'sid',
  'samlresponse',
  'samlrequest',
  'relaystate',
].join('|');

/** Long texts cost time at every pattern; what lies beyond is no use to a reader. */
const LONGEST = 8192;

const MASKS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[secret]'],
  // RFC 7515 and RFC 7516: the header of a signed or sealed token is JSON, which begins with `{"`.
  // What has no dot is a header alone, or a word.
  [/eyJ[\w-]{6,2000}\.[\w-]*(?:\.[\w-]*){0,3}/g, '[secret]'],
  // RFC 9110, section 11.6.2, as headers are printed: to the end of the line.
  [/\b((?:proxy-)?authorization|(?:set-)?cookie|dpop)(["']?\s*[:=,]\s*)[^\r\n]+/gi, '$1$2[secret]'],
  [/\b(bearer|dpop|negotiate)\s+[\w.~+/=-]{6,}/gi, '$1 [secret]'],
  [/\b(basic)\s+(?!auth)[A-Za-z0-9+/]{6,}={0,2}/gi, '$1 [secret]'],
  // RFC 3986, section 3.2.1: name and password in an address.
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#@"']{1,1000}@/gi, '$1[secret]@'],
  // An address inside an address is encoded: what stands before the name may be the `26` of `%26`. A placeholder is none.
  [
    new RegExp(
      `(?<![\\w.-])((?:[0-9a-f]{2})?(?:${NAMES}))(=|%3D)(?!\\{[a-z_]+\\}(?![^\\s&;,"'<>#]))(?:["']|%22)?[^\\s&;,"'<>#]+`,
      'gi',
    ),
    '$1$2[secret]',
  ],
  [
    new RegExp(`(["'])(${NAMES})\\1\\s*:\\s*(?:"(?:[^"\\\\]|\\\\.)*"?|'(?:[^'\\\\]|\\\\.)*'?)`, 'gi'),
    '$1$2$1:"[secret]"',
  ],
];

/** The text with tokens, codes, passwords, private keys and values of headers that authorise masked. */
export function redact(text: string): string {
  let safe = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  for (const [pattern, mask] of MASKS) safe = safe.replace(pattern, mask);
  return safe;
}
