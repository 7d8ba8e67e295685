/**
 * A text of somebody's settings without what is secret in it, line for line as long as before.
 *
 * Pure. Does not know which language a text is in: what is behind the name of something secret goes, in any of them,
 * and rather a word too much than one too few.
 */

/** What stands in place of it. */
const HIDDEN = '[secret]';

/** What something secret is called in any of the files. */
const NAME =
  '(?:secret|pass|passw(?:or)?d|passwort|passphrase|pwd|pw|credential|token|api_?key|private_?key|_key)s?';

/** Behind such a name: `NAME =`, `["NAME"] =`, `NAME:`, `NAME +=`, also with the value on the next line. */
const ASSIGNED = new RegExp(
  `(?=[^\\s=])(?<=${NAME}(?:\\\\?["'])?\\]?[ \\t]*(?:\\r?\\n[ \\t]*(?==))?(?:[=:]|\\+=)[ \\t]*(?:\\r?\\n[ \\t]*(?=["'\\[\`]))?)`,
  'gi',
);

/** A directive and its value: `OIDCClientSecret …`, `set $jwt_secret …`, `component_secret "…"`; `proxy_pass` and
 * the name of a file are none. */
const DIRECTIVE = new RegExp(
  `(?=[^\\s=:,;)\\]}.])(?<=(?:^[ \\t#]*(?:set[ \\t]+\\$)?(?=\\w*(?:_|[a-z][A-Z]))\\w{0,100}${NAME}[ \\t]+|${NAME}[ \\t]+(?=["'[]))(?<!(?:(?:proxy|fastcgi|uwsgi|scgi|grpc)_?pass|certificate_key)[ \\t]+))`,
  'gim',
);

/** A header, a parameter or a variable that a web server sets, and what it may say. */
const HEADER =
  /(?=\S)(?<=(?:proxy_set_header|add_header|more_set_\w{1,40}|fastcgi_param|uwsgi_param|Header[ \t]+\w{1,20}|SetEnv|auth_basic_\w{1,20})[ \t]+["']?[\w-]{0,80}(?:secret|token|pass|auth|key|cookie)[\w-]{0,80}["']?:?[ \t]+)/gi;

/** What tells by itself that it is secret: a token, a login in a header, a password in an address, a private key. */
const TELLING: readonly (readonly [RegExp, string])[] = [
  [/\beyJ[\w-]{8,}(?:\.[\w-]*)*/g, HIDDEN],
  [/\b(Bearer|Basic)[ \t]+[\w.~+/=-]{6,}/gi, `$1 ${HIDDEN}`],
  [/(:\/\/[^\s/@:"']{0,200}:)[^\s/@"']+@/g, `$1${HIDDEN}@`],
];

const PRIVATE_KEY =
  /(?<=-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)[\s\S]*?(?=-----END [A-Z ]{0,30}PRIVATE|$(?![\s\S]))/g;

/** What a value may be made of, one piece after another; bounded, where a text could begin one on every line. */
const PIECE =
  /"""[\s\S]{0,9999}?"""|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|`(?:[^`\\]|\\[\s\S])*`|\[(=*)\[[\s\S]{0,9999}?\]\1\]|\{[^{}]{0,9999}\}/y;

/** What joins a text to the next one, in Lua, JavaScript, PHP and a shell. */
const JOINT =
  /(?:[ \t]|--\[(=*)\[[\s\S]{0,999}?\]\1\]|\/\*[\s\S]{0,999}?\*\/){0,99}(?:\.\.|\|\||\?\?|\bor\b|\+|\.)[ \t\r\n]*/y;

/** What is said and hides nothing. */
const SAID = /(["']?)(?:true|false|nil|null|undefined|yes|no|on|off|[01])\1(?=[\s,;}]|$)/iy;

function at(pattern: RegExp, text: string, from: number): string | undefined {
  pattern.lastIndex = from;
  return pattern.exec(text)?.[0];
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : text[end - 1] === '\r' ? end - 1 : end;
}

/** Where the value ends that begins here. */
function valueEnd(text: string, from: number): number {
  let end = from;
  for (;;) {
    const piece = at(PIECE, text, end);
    if (piece === undefined) return lineEnd(text, end);
    end += piece.length;
    const joint = at(JOINT, text, end);
    if (joint !== undefined) {
      end += joint.length;
      continue;
    }
    // As a shell joins them: "one"two. Within another text, \n ends the line of the inner one.
    const next = text[end];
    if (next === undefined || /[\s,;:})\]\\"'#]/.test(next)) return end;
  }
}

/** The text with every secret as `[secret]`; a line stays a line. */
export function masked(text: string): string {
  const marks = [ASSIGNED, DIRECTIVE, HEADER]
    .flatMap((pattern) => [...text.matchAll(pattern)].map(({ index }) => index))
    .sort((a, b) => a - b);
  const pieces: string[] = [];
  let done = 0;
  for (const from of marks) {
    if (from < done || at(SAID, text, from) !== undefined) continue;
    const end = valueEnd(text, from);
    pieces.push(text.slice(done, from), HIDDEN, linesIn(text.slice(from, end)));
    done = end;
  }
  pieces.push(text.slice(done));
  const whole = pieces.join('').replace(PRIVATE_KEY, linesIn);
  return TELLING.reduce((said, [secret, instead]) => said.replace(secret, instead), whole);
}

function linesIn(text: string): string {
  return text.replace(/[^\n]+/g, '');
}
