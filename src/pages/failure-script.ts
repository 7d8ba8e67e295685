/**
 * The small script that stands in Jitsi's conference page and leads whom Jitsi did
 * not let in to our page, in place of a notice that leads nowhere.
 *
 * It leans on globals of Jitsi's that nobody promised (`APP.store`), so it is short,
 * does nothing where they are not there, and is silent for good once somebody is in
 * the meeting. It knows no token but to read what it says.
 */
import { createHash } from 'node:crypto';

/** Under this the tab remembers what went wrong, for a page of the operator's own. */
export const PROBLEM_KEY = 'ostiary.problem';

/** Where the script is served for `plugin.head.html`, and where it leads, below the prefix. */
export const FAILURE_PATHS = { script: '/failures.js', page: '/problem' } as const;

/**
 * Without a token Jitsi's client goes to the sign-in by itself, and visitors wait for a
 * meeting to begin. A token that is over is put back into the address whenever the page
 * reloads itself. Everything else is Jitsi's to say.
 * @see jitsi-meet, react/features/base/conference/reducer.ts, base/connection/reducer.ts, base/jwt/reducer.ts
 * @see lib-jitsi-meet, JitsiConferenceErrors.ts, JitsiConnectionErrors.ts
 */
const SOURCE = `(function (to, framed) {
  var key = '${PROBLEM_KEY}', turns = 0, stop = function () {};
  try { sessionStorage.removeItem(key); } catch (error) { /* a browser that keeps nothing */ }
  if (window.top !== window.self && !framed) return;
  var waiting = setInterval(function () {
    var store = window.APP && window.APP.store;
    if (store || (turns += 1) > 480) clearInterval(waiting);
    try { if (store) { stop = store.subscribe(look); look(); } } catch (error) { stop(); }
  }, 250);
  function claimsOf(token) {
    try {
      var bytes = atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'));
      return Object(JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (one) => one.charCodeAt(0)))));
    } catch (error) { return {}; }
  }
  function look() {
    try {
      var state = window.APP.store.getState(), room = state['features/base/conference'];
      if (room.conference) return stop();
      var token = state['features/base/jwt'].jwt, refused = Object(room.error);
      var lost = Object(state['features/base/connection'].error);
      var claims = claimsOf(token), over = claims.exp < Date.now() / 1000;
      var code = !token ? '' : refused.name === 'conference.connectionError.notAllowed'
        ? !/^(no-|promotion-)/.test(refused.params) && 'jitsi.refused'
        : lost.name === 'connection.passwordRequired'
          ? over || /by exp/.test(lost.message) ? 'jitsi.token-expired' : 'jitsi.token-refused'
          : over && /^connection\\.(dropped|other|server)Error$/.test(lost.name) && 'jitsi.token-expired';
      if (code) stop(); else return;
      var failed = code === 'jitsi.refused' ? refused : lost, user = Object(Object(claims.context).user);
      var check = [failed.name].concat((failed.params || [failed.message])[0] || []).join(': ');
      check = check.replace(/eyJ[\\w.-]*/g, '').slice(0, 200);
      var told = { at: Date.now(), path: location.pathname, code: code, check: check };
      told.claims = { name: user.name, room: claims.room, tenant: claims.sub, role: user.affiliation, exp: claims.exp };
      try { sessionStorage.setItem(key, JSON.stringify(told)); } catch (error) { /* then the page knows less */ }
      history.replaceState(null, '', location.pathname);
      location.replace(to + '?' + new URLSearchParams({ to: location.pathname, code: code }));
    } catch (error) { stop(); }
  }
})`;

/** For Jitsi's page as the gateway sends it on. `framed`: may our own pages be shown where this one is framed? */
export function failureScript(prefix: string, framed: boolean): string {
  return `${SOURCE}(${JSON.stringify(prefix + FAILURE_PATHS.page)}, ${framed});`;
}

/** The file for `plugin.head.html`: what it needs to know stands on its own element. */
export const FAILURE_FILE = `${SOURCE}(document.currentScript.getAttribute('data-to'), document.currentScript.hasAttribute('data-framed'));\n`;

/** The hash by which a browser takes that file and no other. @see W3C Subresource Integrity, section 3.1 */
export const FAILURE_INTEGRITY = `sha384-${createHash('sha384').update(FAILURE_FILE).digest('base64')}`;

/** The line for `plugin.head.html`. `ours` is our own address with the prefix: `https://meet.example.org/_ostiary`. */
export function failureElement(ours: string, framed: boolean): string {
  const attributes = [
    `src="${ours}${FAILURE_PATHS.script}"`,
    `integrity="${FAILURE_INTEGRITY}"`,
    'crossorigin="anonymous"',
    `data-to="${ours}${FAILURE_PATHS.page}"`,
    ...(framed ? ['data-framed'] : []),
  ];
  return `<script ${attributes.join(' ')}></script>`;
}
