/**
 * A place for one script of ours in whatever Content-Security-Policy Jitsi's web
 * server sends, and for nothing else: no policy of the operator becomes weaker,
 * and no script of Jitsi's page stops running. Pure, and no judge of policies.
 */

/** Directives that say which script elements run, the nearest first. @see CSP Level 3, section 6.8.4, "Get fetch directive fallback list" */
const GOVERNING = ['script-src-elem', 'script-src', 'default-src'] as const;

const NONCE = /^'nonce-[a-z0-9+/_-]+={0,2}'$/i;
const HASH = /^'sha(?:256|384|512)-[a-z0-9+/_-]+={0,2}'$/i;

/**
 * The values of a page's policy headers, in their order, with our nonce where a
 * script of ours would not run otherwise. Each policy is judged by itself, as
 * browsers enforce each by itself; lists inside one header too.
 */
export function withNonce(policies: readonly string[], nonce: string): string[] {
  return policies.map((header) =>
    header
      .split(',')
      .map((policy) => nonced(policy, nonce))
      .join(','),
  );
}

/** The same values, and one more that says who may frame the page, unless a policy among them says so already. */
export function withFrameAncestors(policies: readonly string[], sources: readonly string[]): string[] {
  return saysWhoFrames(policies) ? [...policies] : [...policies, [FRAMED, ...sources].join(' ')];
}

const FRAMED = 'frame-ancestors';

/** Does a policy among these say who may frame the page? */
export function saysWhoFrames(policies: readonly string[]): boolean {
  return policies.flatMap((header) => header.split(',')).some((policy) => names(policy).includes(FRAMED));
}

function nonced(policy: string, nonce: string): string {
  const directives = policy.split(';');
  const known = names(policy);
  const governing = GOVERNING.find((name) => known.includes(name));
  if (governing === undefined) return policy;
  const at = known.indexOf(governing); // a name said twice: browsers heed the first
  const sources = wordsOf(directives[at] ?? '').slice(1);
  if (letsInlineRun(sources)) return policy;
  const list = [...sources.filter((source) => source.toLowerCase() !== "'none'"), `'nonce-${nonce}'`].join(
    ' ',
  );
  if (governing === 'default-src') return `${policy.replace(/[\s;]*$/, '')}; script-src ${list}`;
  const [before = '', said = ''] = /^(\s*)(\S+)/.exec(directives[at] ?? '')?.slice(1) ?? [];
  return directives.with(at, `${before}${said} ${list}`).join(';');
}

/**
 * Do inline scripts run without a nonce? One nonce, hash or `'strict-dynamic'` in
 * the list switches `'unsafe-inline'` off, so where it holds ours must stay away.
 * @see CSP Level 3, section 6.7.3.2, "Does a source list allow all inline behavior for type?"
 */
function letsInlineRun(sources: readonly string[]): boolean {
  const words = sources.map((source) => source.toLowerCase());
  const strict = words.some((word) => NONCE.test(word) || HASH.test(word) || word === "'strict-dynamic'");
  return words.includes("'unsafe-inline'") && !strict;
}

function names(policy: string): readonly string[] {
  return policy.split(';').map((directive) => wordsOf(directive)[0]?.toLowerCase() ?? '');
}

function wordsOf(directive: string): readonly string[] {
  return directive.split(/[\t\n\f\r ]+/).filter((word) => word !== '');
}
