/**
 * The one table of the few scripts our pages run: name → source. They read
 * data attributes and write no markup; no page puts a value into one.
 */
import { PROBLEM_KEY } from './failure-script.ts';
import { constantMarkup, type Html, html } from './markup.ts';

/** Under this and the path of a room the tab remembers what stood behind the `#` before the sign-in. */
export const FRAGMENT_KEY = 'ostiary-fragment';
/** Longer than any address the meeting's own dialogues make. */
export const LONGEST_FRAGMENT = 2048;

/** The token that somebody put behind the `#`, as Jitsi's client reads it: the last of that name, as JSON text; else nothing. */
const TOKEN_BEHIND_HASH = `(function () {
    var last = location.hash.slice(1).split('&').filter(function (piece) {
      return piece.split('=')[0] === 'jwt';
    }).pop();
    try { last = JSON.parse(decodeURIComponent(last.split('=')[1])); } catch (error) { return ''; }
    return typeof last === 'string' ? last : '';
  })()`;

/** Every script there is. A page that needs none is better. */
export const SCRIPTS = {
  // Submits the form marked data-auto, once. Who came back by the back button
  // wanted to go back: they get the button instead of another round.
  'submit-form': `(function () {
  var form = document.querySelector('form[data-auto]');
  var status = document.querySelector('[data-auto-status]');
  if (!form) return;
  var visit = performance.getEntriesByType('navigation')[0];
  window.addEventListener('pageshow', function (event) {
    if (event.persisted && status) status.hidden = true;
  });
  if (visit && visit.type === 'back_forward') return;
  if (status) status.hidden = false;
  HTMLFormElement.prototype.submit.call(form);
})();`,
  // Hands a token that another application put behind the # to us, before anybody is sent to sign in: it is the form
  // with it that is submitted, and no other. The next script takes it out of the address.
  'take-link': `(function () {
  var form = document.querySelector('form[data-link]');
  var token = ${TOKEN_BEHIND_HASH};
  if (!form || !token) return;
  var auto = document.querySelector('form[data-auto]');
  if (auto) auto.removeAttribute('data-auto');
  form.querySelector('input[name=jwt]').value = token;
  form.setAttribute('data-auto', '');
})();`,
  // Puts what stands behind the # by for the room, without any token: the way over the provider loses it.
  'keep-fragment': `(function () {
  var page = document.querySelector('[data-room-path]');
  var kept = location.hash.slice(1).split('&').filter(function (piece) {
    return piece.split('=')[0] !== 'jwt';
  }).join('&');
  if (!page || location.hash.length < 2) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  if (kept === '' || kept.length > ${LONGEST_FRAGMENT}) return;
  try {
    sessionStorage.setItem('${FRAGMENT_KEY} ' + page.getAttribute('data-room-path'), Date.now() + ' ' + kept);
  } catch (error) { return; }
})();`,
  // Goes on into the room once we say so. Somebody who looks elsewhere meanwhile sees it by the title. A browser opens a
  // lost stream again by itself, but not where a proxy answers for a server that is being restarted.
  wait: `(function () {
  var here = document.querySelector('[data-waits]');
  var again = document.querySelector('[data-again]');
  var lead = document.querySelector('[data-until-over]');
  if (!here || !window.EventSource) return;
  var source, soon, patience = setTimeout(over, Number(here.getAttribute('data-patience')));
  function end(said) {
    source.close();
    clearTimeout(patience);
    clearTimeout(soon);
    window.removeEventListener('online', listen);
    lead.hidden = true;
    document.title = here.textContent = here.getAttribute(said);
  }
  function over() {
    end('data-over');
    again.hidden = false;
  }
  function listen() {
    clearTimeout(soon);
    if (source) source.close();
    source = new EventSource(here.getAttribute('data-waits'));
    source.addEventListener('over', over);
    ['go', 'away'].forEach(function (why) {
      source.addEventListener(why, function () {
        end('data-' + why);
        location.replace(here.getAttribute('data-target'));
      });
    });
    source.onerror = function () {
      clearTimeout(soon);
      if (source.readyState === 2) soon = setTimeout(listen, 5000 + Math.random() * 10000);
    };
  }
  again.hidden = true;
  window.addEventListener('online', listen);
  listen();
})();`,
  // Looks who waits, every two seconds for two hours, and says in the title how many do: a page that is forgotten must
  // not keep a session alive. Whoever is filling in a form, or has not
  // copied a link yet that is shown once, is told that there is news; everybody else sees it.
  hosting: `(function () {
  var here = document.querySelector('[data-live]');
  var news = document.querySelector('[data-news]');
  if (!here || !news || !window.fetch) return;
  var title = document.title;
  var busy = document.querySelector('[data-once]') !== null;
  var left = 3600;
  document.addEventListener('input', function () { busy = true; });
  function isBusy() {
    return busy || document.querySelector('details[open]') || document.activeElement !== document.body;
  }
  function say(room) {
    document.title = (room.waiting.length > 0 ? '(' + room.waiting.length + ') ' : '') + title;
    if (room.mark === here.getAttribute('data-mark')) news.textContent = '';
    else if (!isBusy()) location.replace(location.pathname);
    else news.textContent = here.getAttribute('data-changed');
  }
  function look() {
    left -= 1;
    if (left < 0) { news.textContent = here.getAttribute('data-stopped'); return; }
    fetch(here.getAttribute('data-live'), { headers: { accept: 'application/json' } }).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    }).then(function (room) {
      say(room);
      setTimeout(look, 2000);
    }).catch(function () { setTimeout(look, 20000); });
  }
  setTimeout(look, 2000);
})();`,
  // Tells the meeting that opened this window how the sign-in ended: with a token fetched now, which no page holds.
  'tell-opener': `(function () {
  var done = document.querySelector('[data-popup-to]');
  var failed = document.querySelector('[data-popup-error]');
  var meeting = window.opener;
  if (!meeting) return;
  function say(message) { meeting.postMessage(message, location.origin); }
  function fail(error) { say({ type: 'oauth-error', error: error }); }
  if (failed) return fail(failed.getAttribute('data-popup-error'));
  if (!done) return;
  fetch(done.getAttribute('data-popup-action'), {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({ to: done.getAttribute('data-popup-to') })
  }).then(function (answer) {
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }).then(function (answer) {
    say({ type: 'oauth-success', accessToken: answer.accessToken, idToken: '' });
    window.close();
  }).catch(function () { fail('no-token'); });
})();`,
  // Signs out behind the meeting's page, which waits to be told.
  'sign-out-behind': `(function () {
  var here = document.querySelector('[data-sign-out]');
  if (!here || window.parent === window) return;
  fetch(here.getAttribute('data-sign-out'), {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({ how: 'behind' })
  }).then(function (answer) {
    if (answer.ok) window.parent.postMessage({ type: 'logout-success' }, location.origin);
  });
})();`,
  // Keeps what went wrong for a page of the operator's own, tells the page around ours, and leads on where the operator
  // wants to: not twice within a moment, so that nobody goes round in circles.
  'problem-facts': `(function () {
  var here = document.querySelector('[data-problem]');
  if (!here) return;
  var told = JSON.parse(here.getAttribute('data-problem')), before;
  if (location.hash) history.replaceState(history.state, '', location.pathname + location.search);
  try { before = JSON.parse(sessionStorage.getItem('${PROBLEM_KEY}')); } catch (none) { before = null; }
  if (!before || !(Date.now() - before.at < 60000)) before = {};
  if (before.path && before.path === told.path) {
    told.check = before.check;
    told.claims = Object.assign({}, told.claims, before.claims);
    if (told.claims.role === 'owner') told.claims.role = 'host';
    if (told.claims.role === 'member') told.claims.role = 'participant';
  }
  var next = window.parent === window && here.getAttribute('data-next');
  if (before.led && before.code === told.code && Date.now() - before.at < 10000) next = null;
  told.at = Date.now();
  if (next) told.led = true;
  try { sessionStorage.setItem('${PROBLEM_KEY}', JSON.stringify(told)); } catch (none) { next = null; }
  var around = document.querySelector('[data-tells]'), tells = around && JSON.parse(around.getAttribute('data-tells'));
  if (around) tells.message.problem = told;
  if (around) around.setAttribute('data-tells', JSON.stringify(tells));
  if (next) location.replace(next);
})();`,
  // A frame whose browser keeps nothing: what stands behind the # is sent to the same address, which answers with the
  // meeting. Where nothing stands there, the way into a window of its own stays, and takes it along.
  'enter-framed': `(function () {
  var here = document.querySelector('form[data-framed]');
  var tab = document.querySelector('form[data-tab]');
  var token = ${TOKEN_BEHIND_HASH};
  if (!token) return;
  if (tab) tab.querySelector('input[name=jwt]').value = token;
  if (!here || window.parent === window) return;
  here.querySelector('input[name=jwt]').value = token;
  here.action = location.pathname + location.search + location.hash;
  var told = document.querySelector('[data-tells]');
  if (told) told.removeAttribute('data-tells');
  HTMLFormElement.prototype.submit.call(here);
})();`,
  // Tells the page around this frame what came of it: the origins we were told of, and nobody else.
  'tell-parent': `(function () {
  var page = document.querySelector('[data-tells]');
  if (!page || window.parent === window) return;
  var tells = JSON.parse(page.getAttribute('data-tells'));
  tells.to.forEach(function (origin) { window.parent.postMessage(tells.message, origin); });
})();`,
  // Takes the code out of the fragment into the field, and out of the address line.
  'pass-from-fragment': `(function () {
  var field = document.querySelector('input[data-from-fragment]');
  var code = location.hash.slice(1);
  if (!field || !code) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  try { code = decodeURIComponent(code); } catch (error) { return; }
  field.value = code.slice(0, field.maxLength);
  var next = document.querySelector('input[data-then]');
  (next || field).focus();
})();`,
} as const satisfies Record<string, string>;

/** The name of a script in the table. */
export type ScriptName = keyof typeof SCRIPTS;

/** A script of the table, allowed by the nonce of this answer. */
export function scriptTag(name: ScriptName, nonce: string): Html {
  return html`<script nonce="${nonce}">${constantMarkup(SCRIPTS[name])}</script>`;
}
