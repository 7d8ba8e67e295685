/**
 * The frame every page stands in: language, title, the organisation's name or
 * logo on top, one card, and the spoken id at the foot. It loads nothing from
 * elsewhere, and knows nothing of requests.
 */
import { brandVariables } from './colour.ts';
import { type IconName, icon } from './icons.ts';
import { constantMarkup, type Html, html, type Part, plainText, safeAddress, shown } from './markup.ts';
import { type ScriptName, scriptTag } from './scripts.ts';
import { stylesheetPath } from './stylesheet.ts';
import type { Words } from './words/en.ts';

/** How the organisation shows itself; every value from the configuration. */
export interface Branding {
  readonly name: string;
  /** A path on this site or an http(s) address; anything else is left out. */
  readonly logoUrl?: string;
  /** `#rrggbb`; anything else is left out. */
  readonly colour?: string;
  /** A path on this site; anything else is left out. */
  readonly extraCssPath?: string;
}

/** What every page is given besides its own. */
export interface Frame {
  readonly words: Words;
  readonly branding: Branding;
  /** Where our own paths live, without a slash at the end: `/_ostiary`. */
  readonly prefix: string;
  /** The nonce this answer's Content-Security-Policy names for its scripts and its style. */
  readonly nonce: string;
  /** The id of the request, to be read over the telephone: `K7QF-2M9X`. */
  readonly id?: string;
}

/** What a page puts into the frame. */
export interface Content {
  /** As text; the organisation's name is added. */
  readonly title: string;
  readonly icon: IconName;
  /** The room as a person reads it. */
  readonly room?: string | undefined;
  readonly body: Html;
  /** In the order in which they run. */
  readonly scripts?: readonly ScriptName[];
  /** The path of the room for which the tab remembers what stood behind the `#`; the page says what is lost without script. */
  readonly keepsFragmentFor?: string | undefined;
  /** Where a token that another application put behind the `#` is sent before anything else happens: `jwt` and what is hidden. */
  readonly takesLinks?: FormTarget | undefined;
  /** What the page around this one is told, where it is one of these origins'. @see sdk/contract/frame-messages.json */
  readonly tells?: {
    readonly to: readonly string[];
    readonly message: Readonly<Record<string, string | number>>;
  };
  /** What chats and mails show of a link to this page; the organisation's name stands beside it. */
  readonly card?: string;
  /** Seconds after which a browser without script asks for the page again. */
  readonly looksAgain?: number;
  /** Is the spoken id told in the body already? */
  readonly idInBody?: boolean;
}

/** A form that is sent by POST, with what it carries unseen. */
export interface FormTarget {
  /** A path on this site or an http(s) address. */
  readonly action: string;
  /** Hidden fields, by name. */
  readonly hidden?: Readonly<Record<string, string>>;
}

/** A whole page. */
export function framed(frame: Frame, content: Content): Html {
  const { words, branding, nonce } = frame;
  const extraCss = branding.extraCssPath?.startsWith('/') ? safeAddress(branding.extraCssPath) : undefined;
  return html`<!doctype html>
<html lang="${words.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${plainText(content.title, 200)} – ${plainText(branding.name)}</title>
${content.card !== undefined && cardOf(content.card, branding)}
<link rel="stylesheet" href="${stylesheetPath(frame.prefix)}">
${brandStyle(branding.colour, nonce)}
${content.looksAgain !== undefined && html`<noscript><meta http-equiv="refresh" content="${String(content.looksAgain)}"></noscript>`}
${extraCss && html`<link rel="stylesheet" href="${extraCss}">`}
</head>
<body>
<header class="brand">${brandMark(branding)}</header>
<main class="card"${content.keepsFragmentFor !== undefined && html` data-room-path="${content.keepsFragmentFor}"`}${tellsOf(content)}>
${icon(content.icon)}
${content.room !== undefined && html`<p class="room"><span>${words.frame.room}</span> <strong>${shown(content.room)}</strong></p>`}
${content.body}
${content.takesLinks !== undefined && linkForm(content.takesLinks)}
${content.keepsFragmentFor !== undefined && html`<noscript><p>${words.frame.fragmentLost}</p></noscript>`}
</main>
<footer>${frame.id !== undefined && !content.idInBody && html`<p>${words.frame.reference} <span class="id">${shown(frame.id)}</span></p>`}</footer>
${scriptsOf(content).map((name) => scriptTag(name, nonce))}
</body>
</html>
`;
}

/** @see The Open Graph protocol, https://ogp.me */
function cardOf(description: string, { name }: Branding): Html {
  const says = { type: 'website', title: name, site_name: name, description };
  return html`${Object.entries(says).map(
    ([property, said]) => html`<meta property="og:${property}" content="${plainText(said, 200)}">
`,
  )}`;
}

function tellsOf({ tells }: Content): Html | false {
  if (tells === undefined || tells.to.length === 0) return false;
  return html` data-tells="${JSON.stringify({ to: tells.to, message: { type: 'ostiary', ...tells.message } })}"`;
}

function scriptsOf(content: Content): readonly ScriptName[] {
  const { keepsFragmentFor, takesLinks, tells } = content;
  const scripts = [...(content.scripts ?? []), ...(tells?.to.length ? (['tell-parent'] as const) : [])];
  const kept = keepsFragmentFor === undefined ? scripts : (['keep-fragment', ...scripts] as const);
  if (takesLinks === undefined) return kept;
  return ['take-link', ...kept.filter((name) => name !== 'submit-form'), 'submit-form'];
}

/** Nobody sees it; without script it is never sent. */
function linkForm({ action, hidden = {} }: FormTarget): Html {
  const fields = Object.entries({ ...hidden, jwt: '' }).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`<form method="post" action="${safeAddress(action) ?? ''}" hidden data-link>${fields}</form>`;
}

/** A form that is sent by POST; nothing at all when its address cannot be trusted. */
export function postForm({ action, hidden = {} }: FormTarget, body: Part, auto = false): Html {
  const safe = safeAddress(action);
  if (safe === undefined) return html``;
  const fields = Object.entries(hidden).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`<form method="post" action="${safe}"${auto && constantMarkup(' data-auto')}>${fields}${body}</form>`;
}

/** A link that looks like a quiet button; nothing at all when its address cannot be trusted. */
export function quietLink(address: string | undefined, text: string): Html {
  const safe = safeAddress(address);
  return safe === undefined ? html`` : html`<a class="quiet" href="${safe}">${text}</a>`;
}

/** What is said while a script goes on by itself; hidden until it does. */
export function goingOn(sentence: Part): Html {
  return html`<p class="going" role="status"><span data-auto-status hidden>${sentence}</span></p>`;
}

function brandMark({ name, logoUrl }: Branding): Html {
  const logo = safeAddress(logoUrl);
  return logo === undefined
    ? html`<p>${shown(name)}</p>`
    : html`<img src="${logo}" alt="${plainText(name)}">`;
}

function brandStyle(colour: string | undefined, nonce: string): Html {
  const variables = brandVariables(colour); // nothing of the operator's text: digits of a colour we worked out
  return variables === '' ? html`` : html`<style nonce="${nonce}">${constantMarkup(variables)}</style>`;
}
