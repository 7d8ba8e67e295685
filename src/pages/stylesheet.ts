/**
 * The one stylesheet, as a constant whose path changes with its content, so
 * that it may be kept for ever. It loads nothing from anywhere.
 */
import { createHash } from 'node:crypto';
import { brandVariables, SURFACES } from './colour.ts';

/** The colour of a house that chose none. */
export const DEFAULT_COLOUR = '#1d5f91';

/** What is served at `stylesheetPath`, as `text/css; charset=utf-8`. */
export const STYLESHEET = `${brandVariables(DEFAULT_COLOUR)}
:root {
  color-scheme: light dark;
  --ground: ${SURFACES.light.well}; --card: ${SURFACES.light.card}; --text: #1b2026; --soft: #565f6a; --line: #d5dae0; --edge: #7d8792;
  --well: ${SURFACES.light.well}; --ink: var(--ink-light); --shadow: 0 1px 2px #1b202614, 0 8px 28px #1b202614;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #111418; --card: ${SURFACES.dark.card}; --text: #eceff2; --soft: #aab3bd; --line: #343b44; --edge: #838d99;
    --well: ${SURFACES.dark.well}; --ink: var(--ink-dark); --shadow: 0 8px 28px #00000059;
  }
}
*, ::before, ::after { box-sizing: border-box; }
/* Also what is a button or a grid otherwise. */
[hidden] { display: none !important; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; padding: 1.5rem 1rem;
  display: flex; flex-direction: column; align-items: center; gap: 1.5rem;
  background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Ubuntu, Cantarell, sans-serif;
  overflow-wrap: anywhere;
}
body::before, body::after { content: ""; flex: 1; }
body::after { flex: 1.6; }
.brand { text-align: center; font-size: 1.0625rem; font-weight: 600; color: var(--soft); max-width: 27rem; }
.brand p { margin: 0; }
.brand img { display: block; height: 3rem; max-width: min(16rem, 100%); object-fit: contain; }
/* Most logos are drawn for paper. */
@media (prefers-color-scheme: dark) { .brand img { height: 4rem; padding: .5rem .9rem; border-radius: .6rem; background: #fff; } }
.card {
  width: 100%; max-width: 27rem; padding: 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 1rem; box-shadow: var(--shadow);
}
.icon { position: relative; width: 3rem; height: 3rem; margin: 0 0 1.25rem; color: var(--ink); }
.icon::before { content: ""; position: absolute; inset: 0; border-radius: 50%; background: currentColor; opacity: .13; }
.icon svg {
  position: relative; display: block; width: 100%; height: 100%; padding: .8rem;
  fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round;
}
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; font-weight: 650; text-wrap: balance; }
h2 { margin: 0 0 .6rem; font-size: 1.0625rem; line-height: 1.3; font-weight: 650; }
.card p { margin: 0 0 1rem; text-wrap: pretty; }
.card > :last-child, .card > :has(+ noscript:last-child) { margin-bottom: 0; }
.card noscript p { margin: 1rem 0 0; }
.room { padding: .7rem 1rem; background: var(--well); border-radius: .6rem; color: var(--soft); }
.card .room { margin-bottom: 1.25rem; line-height: 1.35; }
.room span { display: block; font-size: .875rem; }
.room strong { display: block; color: var(--text); font-size: 1.25rem; font-weight: 650; }
.soft { color: var(--soft); }
form { margin: 0; }
.card form + p { margin-top: 1.5rem; }
.card form, .card .actions { margin: 1.5rem 0 0; }
.card .actions form { margin: 0; }
.choice small, .primary small { display: block; font-size: .875rem; font-weight: 400; }
.choices, .actions { display: grid; gap: .75rem; }
.actions:empty, .actions:not(:has(> :not([hidden]))) { display: none; }
button, a.primary, a.choice {
  display: block; width: 100%; min-height: 3rem; padding: .7rem 1rem; border: 1px solid var(--edge); border-radius: .6rem;
  background: transparent; color: var(--text); font: inherit; font-weight: 600; line-height: 1.4; text-align: center;
  text-decoration: none; text-wrap: balance; cursor: pointer;
}
button.choice, a.choice { display: flex; align-items: center; justify-content: space-between; gap: 1rem; text-align: start; text-wrap: wrap; }
button.choice::after, a.choice::after {
  content: ""; flex: none; width: .55rem; height: .55rem; margin-inline-end: .25rem; border: solid var(--ink);
  border-width: 2px 2px 0 0; transform: rotate(45deg);
}
button:hover, a.choice:hover { background: var(--well); }
button.primary, a.primary { background: var(--brand); border-color: var(--brand); color: var(--on-brand); }
button.primary:hover, a.primary:hover { box-shadow: inset 0 0 0 100vmax color-mix(in srgb, var(--on-brand) 10%, transparent); }
a { color: var(--ink); text-underline-offset: .2em; }
a.quiet { display: block; padding: .7rem 1rem; text-align: center; font-weight: 500; }
.card > a.quiet { margin-top: .5rem; }
:focus-visible { outline: 3px solid var(--ink); outline-offset: 3px; }
.reason { padding: .8rem 1rem; border-inline-start: 4px solid var(--ink); border-radius: .25rem .6rem .6rem .25rem; background: var(--well); }
.reason strong { display: block; }
.reason span { display: block; color: var(--soft); font-size: .875rem; }
.field label { display: block; margin-bottom: .3rem; font-weight: 600; }
.field input {
  display: block; width: 100%; min-height: 3rem; padding: .6rem .8rem; border: 1px solid var(--edge); border-radius: .6rem;
  background: var(--card); color: var(--text); font: inherit;
}
.field input[aria-invalid] { border-width: 2px; border-color: var(--ink); }
.field + button { margin-top: 1.5rem; }
.field select, .field textarea {
  display: block; width: 100%; min-height: 3rem; padding: .6rem .8rem; border: 1px solid var(--edge); border-radius: .6rem;
  background: var(--card); color: var(--text); font: inherit;
}
.field textarea { resize: vertical; }
.card section { margin: 1.75rem 0 0; padding-top: 1.25rem; border-top: 1px solid var(--line); }
.card section > p { margin: 1rem 0 0; }
.card section details { margin: 1rem 0 0; padding: 0; border: 0; }
.list { margin: 0; padding: 0; list-style: none; }
.list li { padding: .75rem 0; }
.list li + li { border-top: 1px solid var(--line); }
.list strong, .list small { display: block; }
.list small { color: var(--soft); font-size: .9375rem; }
.card .list form { display: flex; flex-wrap: wrap; gap: .5rem; margin: .6rem 0 0; }
.list button { flex: 1 1 8rem; width: auto; min-height: 2.75rem; padding: .5rem .8rem; }
.card .said { margin: 0 0 1rem; padding: .7rem 1rem; border-inline-start: 4px solid var(--ink); border-radius: .25rem .6rem .6rem .25rem; background: var(--well); }
.card .said:empty { margin: 0; padding: 0; border: 0; }
.made { padding: 1rem; border: 1px solid var(--edge); border-radius: .6rem; }
.card details { margin: 1.5rem 0 0; padding-top: 1rem; border-top: 1px solid var(--line); }
.card summary { margin-inline-start: 1.1em; padding: .35rem 0; list-style-position: outside; color: var(--ink); font-weight: 500; cursor: pointer; }
.card details form { margin-top: .75rem; }
/* It stays there for screen readers, which are not told of what was hidden before. */
.card [role="status"]:empty { margin: 0; }
.hint { display: block; margin-top: .3rem; color: var(--soft); font-size: .9375rem; }
.stores a { display: block; width: fit-content; margin-top: .4rem; padding: .15rem 0; }
.card form + .stores { margin-top: 1.25rem; color: var(--soft); font-size: .9375rem; }
.address { padding: .8rem 1rem; background: var(--well); border-radius: .6rem; }
.address a { user-select: all; -webkit-user-select: all; }
.card .reference { margin: 1.5rem 0 0; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .9375rem; }
.reference .id { display: block; color: var(--text); font-size: 1.1875rem; }
.id { font-family: ui-monospace, "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace; letter-spacing: .04em; white-space: nowrap; }
.card .going { margin: 1rem 0 0; color: var(--soft); }
.going:has([hidden]) { display: none; }
footer { color: var(--soft); font-size: .875rem; text-align: center; }
footer p { margin: 0; }
@media (max-width: 30rem) {
  body { padding: 1rem .75rem; gap: 1.25rem; }
  .card { padding: 1.5rem 1.25rem; }
  h1 { font-size: 1.375rem; }
}
`;

const HASH = createHash('sha256').update(STYLESHEET).digest('hex').slice(0, 16);

/** Where the stylesheet is served under our prefix, `/_ostiary` → `/_ostiary/style-<hash>.css`. */
export function stylesheetPath(prefix: string): string {
  return `${prefix}/style-${HASH}.css`;
}
