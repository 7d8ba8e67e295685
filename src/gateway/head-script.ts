/**
 * The script of ours that Jitsi's page begins with: it puts the display token behind the
 * `#` before any script of Jitsi's looks there, and brings back what the sign-in
 * page put by. Pure, and no parser of HTML beyond the head's first tag.
 */
import { Buffer, isUtf8 } from 'node:buffer';
import type { Secret } from '../base/secret.ts';
import { FRAGMENT_KEY } from '../pages/scripts.ts';
import { ALLOWED_OVERRIDES, LANGUAGE, type OverrideKind } from '../web/jitsi-state.ts';

/** What the script is told. */
export interface HeadScriptData {
  /** What Jitsi's page shows a name by; it opens nothing. */
  readonly token: Secret;
  /** The room's path as `roomPath` writes it: what the sign-in page puts by is found under it. */
  readonly path: string;
  /** Where a token that another application put behind the `#` is taken, where one may. */
  readonly link?: {
    readonly address: string;
    /** The token by which this person is here already. */
    readonly mark?: number;
  };
}

/** What may come back from before the sign-in: the overrides we know, and which frame an embedding page speaks to. */
const MAY_RETURN: Readonly<Record<string, OverrideKind | 'number'>> = {
  ...ALLOWED_OVERRIDES,
  jitsi_meet_external_api_id: 'number',
};

/** Milliseconds for which what was put by is good: longer than any sign-in, shorter than anybody's memory. */
const GOOD_FOR = 3_600_000;

/**
 * Jitsi's client reads `jwt` as percent-encoded JSON, and the last of several. It
 * keeps the address it started with, so this must have run before it starts; what
 * else stands behind the `#` is not ours to touch, byte for byte, but for the one
 * word that keeps Jitsi's own "open in the app" away: its link would hand the app
 * the display token. The address is written whole, because a `<base>` further down
 * would bend a relative one.
 * @see jitsi-meet, react/features/deep-linking/functions.web.ts, `generateDeepLinkingURL`
 * @see jitsi-meet, react/features/base/util/parseURLParams.ts, `parseURLParams`
 */
const SOURCE = `(function (data) {
  var self = document.currentScript;
  if (self) self.remove();
  function keyOf(piece) { return piece.split('=')[0]; }
  function others(text, ours) {
    if (text.length < 2) return [];
    return text.slice(1).split('&').filter(function (piece) { return ours.indexOf(keyOf(piece)) < 0; });
  }
  function mayReturn(key, value) {
    var kind = Object.prototype.hasOwnProperty.call(data.kinds, key) ? data.kinds[key] : undefined;
    return kind === 'language'
      ? typeof value === 'string' && new RegExp(data.language).test(value)
      : typeof value === kind;
  }
  function putBy() {
    var text = sessionStorage.getItem(data.key) || '';
    sessionStorage.removeItem(data.key);
    var at = text.indexOf(' ');
    return Date.now() - Number(text.slice(0, at)) < data.goodFor ? text.slice(at + 1).split('&') : [];
  }
  function brought() {
    var last = location.hash.slice(1).split('&').filter(function (piece) { return keyOf(piece) === 'jwt'; }).pop();
    var token;
    try { token = JSON.parse(decodeURIComponent(last.split('=')[1])); } catch (error) { return undefined; }
    if (typeof token !== 'string' || token.split('.')[2] === data.token.split('.')[2]) return undefined;
    for (var sum = 0x811c9dc5, at = 0; at < token.length; at += 1)
      sum = Math.imul(sum ^ token.charCodeAt(at), 0x01000193);
    return sum >>> 0;
  }
  if (data.link) {
    var mark = brought();
    if (mark !== undefined && mark !== data.link.mark) {
      window.stop();
      location.replace(location.origin + data.link.address + location.hash);
      return;
    }
  }
  var pieces = others(location.hash, ['jwt', 'config.deeplinking.disabled']);
  try {
    putBy().reverse().forEach(function (piece) {
      var key = keyOf(piece);
      var value;
      try { value = JSON.parse(decodeURIComponent(piece.split('=')[1])); } catch (error) { return; }
      if (!mayReturn(key, value) || pieces.some(function (other) { return keyOf(other) === key; })) return;
      pieces.push(key + '=' + encodeURIComponent(JSON.stringify(value)));
    });
  } catch (error) { /* a browser that keeps nothing: then nothing comes back */ }
  pieces.push('config.deeplinking.disabled=true');
  pieces.push('jwt=' + encodeURIComponent(JSON.stringify(data.token)));
  var query = others(location.search, ['jwt']).join('&');
  history.replaceState(
    history.state, '',
    location.origin + location.pathname + (query && '?' + query) + '#' + pieces.join('&')
  );
})`;

/** The script for one page, safe to stand inside a script element. */
export function headScript({ token, path, link }: HeadScriptData): string {
  const data = JSON.stringify({
    token: token.reveal(),
    key: `${FRAGMENT_KEY} ${path}`,
    goodFor: GOOD_FOR,
    kinds: MAY_RETURN,
    language: LANGUAGE.source,
    ...(link && { link }),
  });
  // `</script>` or `<!--` in a value would end the script or swallow what follows.
  return `${SOURCE}(${data.replaceAll('<', '\\u003c')});`;
}

/** Where a document's head must have begun. */
const HEAD_WITHIN = 65_536;

/** What may stand before the head's first tag: white space, comments, what browsers take for one, the doctype, `<html>`. */
const BEFORE_HEAD = /[\t\n\f\r ]+|<!--(?:-?>|[\s\S]*?--!?>)|<(?:\?|!(?!--))[^>]*>/y;
const SPACE = '[\\t\\n\\f\\r ]*';
const VALUE = `"[^"]*"|'[^']*'|[^\\t\\n\\f\\r >"'][^\\t\\n\\f\\r >]*`;
const ATTRIBUTE = new RegExp(
  `[\\t\\n\\f\\r /]*(?:=?[^\\t\\n\\f\\r />=]+(?:${SPACE}=${SPACE}(?:${VALUE})|(?!${SPACE}=)))?`,
  'y',
);

/**
 * The document with the scripts as the first things in its head; undefined where
 * there is no head to see, or the text is not UTF-8. A policy in a `<meta>` of the
 * document comes later and binds what comes after it.
 * @see HTML, section 13.2.6.4, "The rules for parsing tokens in HTML content"
 */
export function inject(
  document: Buffer,
  scripts: string | readonly string[],
  nonce: string,
): Buffer | undefined {
  if (!isUtf8(document)) return undefined;
  const at = afterHeadTag(document.toString('latin1', 0, HEAD_WITHIN)); // a byte is a character
  if (at === undefined) return undefined;
  const elements = [scripts].flat().map((script) => `<script nonce="${nonce}">${script}</script>`);
  return Buffer.concat([document.subarray(0, at), Buffer.from(elements.join('')), document.subarray(at)]);
}

/** Just behind `<head …>`; browsers make a head of their own before anything that is not skipped here. */
function afterHeadTag(text: string): number | undefined {
  let at = text.startsWith('\u00ef\u00bb\u00bf') ? 3 : 0;
  let html = false;
  for (;;) {
    const skipped = endOf(BEFORE_HEAD, text, at);
    const tag = /^<(html|head)(?=[\t\n\f\r />])/i.exec(text.slice(at, at + 6));
    if (skipped !== undefined) at = skipped;
    else if (tag === null || (html && tag[1]?.toLowerCase() === 'html')) return undefined;
    else {
      const end = endOfTag(text, at + tag[0].length);
      if (end === undefined || tag[1]?.toLowerCase() === 'head') return end;
      html = true;
      at = end;
    }
  }
}

function endOfTag(text: string, from: number): number | undefined {
  let at = from;
  while (text[at] !== '>') {
    const next = endOf(ATTRIBUTE, text, at);
    if (next === undefined || next === at) return undefined;
    at = next;
  }
  return at + 1;
}

function endOf(pattern: RegExp, text: string, from: number): number | undefined {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
