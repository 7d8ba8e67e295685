/**
 * What the Jitsi stand-in runs in the browser: the rules by which Jitsi's web
 * client reads a token, goes to `tokenAuthUrl` and opens its XMPP connection.
 * A stand-in: no media, no conference. Plain script text, served as it stands.
 *
 * @see jitsi-meet, react/features/base/util/parseURLParams.ts and react/features/authentication/functions.web.ts
 */
export const CLIENT = `(function () {
  'use strict';
  var settings = JSON.parse(document.getElementById('settings').textContent);
  var show = function (id, text) { document.getElementById(id).textContent = text; };

  // Hash parameters: split on '&' and '=', pieces 0 and 1 alone, then strict JSON.
  function parameters(text, isHash) {
    var found = {};
    var pieces = text.slice(1).split('&');
    if (isHash && pieces.length === 1 && pieces[0].charAt(0) === '/') return found;
    pieces.forEach(function (piece) {
      var halves = piece.split('='), key = halves[0], value = halves[1];
      if (!key || key.split('.').some(function (part) { return ['__proto__', 'constructor', 'prototype'].indexOf(part) >= 0; })) return;
      if (!isHash) { found[key] = value; return; }
      try {
        var decoded = decodeURIComponent(value).replace(/\\\\&/, '&').replace(/[\\u2018\\u2019]/g, '\\'').replace(/[\\u201C\\u201D]/g, '"');
        found[key] = decoded === 'undefined' ? undefined : JSON.parse(decoded);
      } catch (error) { /* the client drops what does not parse */ }
    });
    return found;
  }

  var strip = /[:?#\\[\\]@!$&'()*+,;=><\\/"]/g;
  var segments = location.pathname.slice(1).split('/').map(function (part) { return part.replace(strip, ''); });
  var room = segments.pop();
  var tenant = segments.join('/') || undefined;
  function backendSafe(name) {
    try { name = decodeURIComponent(name); } catch (error) { /* not encoded */ }
    return encodeURIComponent(name.normalize('NFKC').toLowerCase()).toLowerCase();
  }

  if (!room) { document.body.dataset.page = 'welcome'; return; }
  document.body.dataset.page = 'meeting';
  var readable = room;
  try { readable = decodeURIComponent(room); } catch (error) { /* not encoded */ }
  show('room', tenant ? tenant + '/' + readable : readable);
  document.title = readable + ' | Jitsi stand-in';

  var hash = parameters(location.hash, true);
  var jwt = typeof hash.jwt === 'string' ? hash.jwt : parameters(location.search, false).jwt;
  var claims;
  try { claims = jwt && JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(jwt.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')), function (c) { return c.charCodeAt(0); }))); } catch (error) { /* sent all the same */ }

  function challenge() {
    var verifier = Array.from(crypto.getRandomValues(new Uint8Array(64)), function (byte) { return 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'.charAt(byte % 62); }).join('');
    sessionStorage.setItem('code_verifier', verifier);
    return crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)).then(function (digest) {
      return btoa(String.fromCharCode.apply(null, new Uint8Array(digest))).replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=+$/, '');
    });
  }

  function signIn() {
    var state = { room: room, roomSafe: backendSafe(room), tenant: tenant, 'config.startWithAudioMuted': true, 'config.prejoinConfig.enabled': false };
    Object.keys(hash).forEach(function (key) { if (/^(config|interfaceConfig|iceServers)\\./.test(key)) state[key] = hash[key]; });
    challenge().then(function (code) {
      location.href = settings.tokenAuthUrl
        .replace('{room}', room)
        .replace('{state}', encodeURIComponent(JSON.stringify(state)))
        .replace('{code_challenge}', code);
    });
  }
  document.getElementById('sign-in').addEventListener('click', signIn);

  function status(kind, text) { document.body.dataset.status = kind; show('status', text); }

  // The page around us, where external_api.js built this frame: whosever it is, as with Jitsi's client.
  var apiId = hash.jitsi_meet_external_api_id;
  var scope = 'jitsi_meet_external_api_' + apiId;
  function tell(name, about) {
    if (typeof apiId !== 'number') return;
    var message = { postis: true, scope: scope, method: 'message', params: { type: 'event', data: Object.assign({ name: name }, about) } };
    (window.opener || window.parent).postMessage(JSON.stringify(message), '*');
  }
  function tellError(name, type, isFatal) { tell('error-occurred', { error: { name: name, type: type, isFatal: isFatal } }); }
  window.addEventListener('message', function (event) {
    var said;
    try { said = JSON.parse(event.data); } catch (error) { return; }
    if (!said || said.scope !== scope || said.params.type !== 'command' || said.params.data.name !== 'video-hangup') return;
    socket.onclose = null;
    socket.close();
    status('left', 'You have left the meeting.');
    tell('video-conference-left', { roomName: room });
    tell('video-ready-to-close', {});
  });

  function inside() {
    // A frame keeps its address, as with Jitsi's client.
    if (window.self === window.top) history.replaceState(history.state, '', location.pathname);
    status('joined', 'You are in the meeting.');
    var user = (claims && claims.context && claims.context.user) || {};
    show('name', user.name || '(no name)');
    show('role', user.moderator === true ? 'moderator' : 'participant');
    show('claims', JSON.stringify(claims, null, 2));
    tell('video-conference-joined', { roomName: room, id: 'me' });
    show('overrides', JSON.stringify(Object.fromEntries(Object.entries(hash).filter(function (entry) { return entry[0] !== 'jwt'; }))));
  }

  // What Jitsi's page has of a redux store, as far as anybody beside it reads it. Reducers as in base/conference, base/connection and base/jwt.
  var listeners = [];
  var state = { 'features/base/conference': {}, 'features/base/connection': {}, 'features/base/jwt': { jwt: jwt } };
  function assign(feature, members) { state = Object.assign({}, state); state[feature] = Object.assign({}, state[feature], members); }
  window.APP = { store: {
    getState: function () { return state; },
    subscribe: function (listener) { listeners.push(listener); return function () { listeners = listeners.filter(function (one) { return one !== listener; }); }; },
    dispatch: function (action) {
      if (action.type === 'CONNECTION_FAILED') assign('features/base/connection', { connecting: undefined, connection: undefined, error: action.error });
      if (action.type === 'CONFERENCE_FAILED') assign('features/base/conference', { conference: undefined, joining: undefined, error: action.error });
      if (action.type === 'CONFERENCE_JOINED') assign('features/base/conference', { conference: action.conference, joining: undefined });
      if (action.type === 'SET_JWT') assign('features/base/jwt', { jwt: action.jwt });
      listeners.slice().forEach(function (listener) { listener(); });
    }
  } };
  function connectionFailed(name, message) { APP.store.dispatch({ type: 'CONNECTION_FAILED', error: { name: name, message: message } }); tellError(name, 'CONNECTION', name === 'connection.droppedError'); }
  function conferenceFailed(name, params) { APP.store.dispatch({ type: 'CONFERENCE_FAILED', error: { name: name, params: params } }); tellError(name, 'CONFERENCE', true); }

  var address = (location.protocol === 'https:' ? 'wss:' : 'ws:') + '//' + location.host + (tenant ? '/' + tenant : '') + '/xmpp-websocket?room=' + encodeURIComponent(decodeURIComponent(backendSafe(room))) + (jwt ? '&token=' + jwt : '');
  var socket = new WebSocket(address, 'xmpp');
  function open() { socket.send('<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="' + settings.domain + '" version="1.0"/>'); }
  socket.onopen = open;
  socket.onmessage = function (event) {
    var stanza = new DOMParser().parseFromString(event.data, 'text/xml').documentElement;
    if (stanza.localName === 'features' && stanza.querySelector('mechanism')) socket.send('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>');
    else if (stanza.localName === 'failure') {
      var reason = stanza.querySelector('text');
      socket.onclose = null;
      socket.close();
      // With a token in hand the client never goes to sign in again: a refused token is a dead end.
      connectionFailed('connection.passwordRequired', reason ? reason.textContent : undefined);
      if (!jwt) signIn(); else status('refused', 'Sorry, you are not allowed to join this call. ' + (reason ? reason.textContent : ''));
    }
    else if (stanza.localName === 'success') open();
    else if (stanza.localName === 'features') socket.send('<presence xmlns="jabber:client" to="' + backendSafe(room).replace(/[<"]/g, '') + '@muc.' + settings.domain + '/me"/>');
    else if (stanza.localName === 'presence') {
      if (stanza.getAttribute('type') === 'error') {
        conferenceFailed('conference.connectionError.notAllowed', ['general', 'Room and token mismatched']);
        status('refused', 'Sorry, you are not allowed to join this call. Room and token mismatched.');
      }
      else { APP.store.dispatch({ type: 'CONFERENCE_JOINED', conference: {} }); inside(); }
    }
  };
  // Jitsi then shows that it reloads in so many seconds, and does.
  socket.onclose = function () { connectionFailed('connection.droppedError'); if (!document.body.dataset.status) status('lost', 'You have been disconnected.'); else if (document.body.dataset.status === 'joined') show('status', 'You have been disconnected. Jitsi would now reload by itself; reload this page to see what it would find.'); };
})();
`;
