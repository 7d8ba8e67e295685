/**
 * The page of the Jitsi stand-in. It says on itself that it is one.
 */
import { html, raw } from 'hono/html';

/** What the page's script is told. */
export interface ClientSettings {
  readonly domain: string;
  /** As in Jitsi's config.js, with `{room}`, `{state}` and `{code_challenge}`. */
  readonly tokenAuthUrl: string;
  readonly tokenLogoutUrl: string;
  /** What the operator put into Jitsi's `plugin.head.html`. */
  readonly pluginHead?: string;
}

/** The one page: welcome and meeting. */
export function meetingPage({ pluginHead = '', ...settings }: ClientSettings, room: string) {
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Jitsi stand-in</title>
${raw(pluginHead)}
<style>:root{color-scheme:light dark;--line:#8885}body{font:1rem/1.5 system-ui,sans-serif;margin:0 auto;max-width:46rem;padding:1.5rem}
.note{border:1px solid var(--line);border-radius:.6rem;padding:.6rem .9rem;font-size:.9rem}
h1{margin:1.2rem 0 .2rem}dl{display:grid;grid-template-columns:8rem 1fr;gap:.3rem 1rem}dt{opacity:.7}dd{margin:0}
pre{overflow:auto;border:1px solid var(--line);border-radius:.6rem;padding:.8rem}button{font:inherit;padding:.5rem 1rem}
[data-page=welcome] .meeting,[data-page=meeting] .welcome{display:none}body:not([data-status=joined]) .inside{display:none}</style></head>
<body><main><p class="note">This is <strong>not Jitsi Meet</strong> but a stand-in that behaves like its web client at the door: it reads the token as Jitsi does, goes to <code>tokenAuthUrl</code> as Jitsi does, and a stand-in of Prosody judges what it brings.</p>
<section class="welcome"><h1>Welcome</h1><p>Open a meeting: <a href="/${room}">${room}</a></p></section>
<section class="meeting"><h1 id="room"></h1><p id="status" role="status">Connecting …</p>
<div class="inside"><h2>Who you are to Jitsi</h2><dl><dt>Name</dt><dd id="name"></dd><dt>Role</dt><dd id="role"></dd><dt>Overrides</dt><dd id="overrides"></dd></dl>
<h2>The token's claims</h2><pre id="claims" tabindex="0" aria-label="claims"></pre></div>
<p><button id="sign-in" type="button">Sign in</button> <a href="${settings.tokenLogoutUrl}">Log out</a></p></section></main>
<script type="application/json" id="settings">${raw(JSON.stringify(settings).replaceAll('<', '\\u003c'))}</script>
<script src="/libs/stand-in.js"></script></body></html>`;
}

/** A page that stands where an operator's own would (`pages.errorPage`), and shows what such a page finds. */
export function staticPage(path: string): string {
  return String(html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>A page of your own</title><style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;margin:0 auto;max-width:46rem;padding:1.5rem}pre{white-space:pre-wrap}</style></head>
<body><main><h1>A page of your own</h1><p>The stand-in of Jitsi has this page at <code>${path}</code>. What was put by for it:</p><pre id="problem" tabindex="0"></pre></main>
<script>document.getElementById('problem').textContent = JSON.stringify(JSON.parse(sessionStorage.getItem('ostiary.problem')), null, 2);</script></body></html>`);
}
