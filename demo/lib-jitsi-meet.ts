/**
 * What the Jitsi stand-in serves as `libs/lib-jitsi-meet.min.js`: the library under Jitsi's own client, for pages that
 * bring a client of their own. As far as a token, a connection and a join go: no focus is asked, and no media flow.
 * Plain script text.
 *
 * @see lib-jitsi-meet, JitsiConnection.ts, JitsiConferenceEvents.ts and modules/xmpp/XmppConnection.ts
 */
export const LIB_JITSI_MEET = `(function () {
  'use strict';
  var FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing';
  var events = {
    connection: {
      CONNECTION_ESTABLISHED: 'connection.connectionEstablished',
      CONNECTION_FAILED: 'connection.connectionFailed',
      CONNECTION_DISCONNECTED: 'connection.connectionDisconnected'
    },
    conference: { CONFERENCE_JOINED: 'conference.joined', CONFERENCE_FAILED: 'conference.failed', CONFERENCE_LEFT: 'conference.left' }
  };
  var errors = {
    connection: { PASSWORD_REQUIRED: 'connection.passwordRequired', OTHER_ERROR: 'connection.otherError' },
    conference: { NOT_ALLOWED_ERROR: 'conference.connectionError.notAllowed' }
  };

  function escaped(text) { return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;'); }
  function emitter(target, add, remove) {
    var listeners = {};
    target[add] = function (event, listener) { (listeners[event] = listeners[event] || []).push(listener); };
    target[remove] = function (event, listener) { listeners[event] = (listeners[event] || []).filter(function (one) { return one !== listener; }); };
    return function (event) {
      var about = Array.prototype.slice.call(arguments, 1);
      (listeners[event] || []).slice().forEach(function (listener) { listener.apply(null, about); });
    };
  }

  function JitsiConnection(appId, token, options) {
    var self = this;
    var emit = emitter(self, 'addEventListener', 'removeEventListener');
    var domain = options.hosts.domain;
    var signedIn = false, conferences = {}, socket;
    function send(xml) { socket.send(xml); }
    function open() { send('<open xmlns="' + FRAMING + '" to="' + escaped(domain) + '" version="1.0"/>'); }
    function failed(error, text) {
      socket.onclose = null;
      socket.close();
      emit(events.connection.CONNECTION_FAILED, error, text);
    }
    function hear(stanza) {
      if (stanza.localName === 'features' && !signedIn) send('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>');
      else if (stanza.localName === 'features') send('<iq xmlns="jabber:client" type="set" id="bind"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>');
      else if (stanza.localName === 'success') { signedIn = true; open(); }
      else if (stanza.localName === 'failure') {
        var reason = stanza.querySelector('text');
        failed(errors.connection.PASSWORD_REQUIRED, reason ? reason.textContent : undefined);
      }
      else if (stanza.localName === 'iq' && stanza.getAttribute('id') === 'bind') emit(events.connection.CONNECTION_ESTABLISHED, (stanza.querySelector('jid') || {}).textContent);
      else if (stanza.localName === 'presence') {
        var conference = conferences[(stanza.getAttribute('from') || '').split('/')[0]];
        if (conference) conference.hear(stanza);
      }
    }
    self.connect = function () {
      // The token goes where every server on the way reads it; there is no other place for it.
      var address = options.serviceUrl + (token ? (options.serviceUrl.indexOf('?') < 0 ? '?' : '&') + 'token=' + token : '');
      socket = new WebSocket(address, 'xmpp');
      socket.onopen = open;
      socket.onclose = function () { emit(signedIn ? events.connection.CONNECTION_DISCONNECTED : events.connection.CONNECTION_FAILED, errors.connection.OTHER_ERROR); };
      socket.onmessage = function (event) { hear(new DOMParser().parseFromString(event.data, 'text/xml').documentElement); };
    };
    self.disconnect = function () { socket.close(); };
    self.initJitsiConference = function (name) {
      if (name !== name.toLowerCase()) throw new Error('Invalid conference name "' + name + '": must be lower case');
      var address = encodeURIComponent(name).toLowerCase() + '@' + options.hosts.muc;
      return (conferences[address] = new JitsiConference(address, send));
    };
  }

  function JitsiConference(address, send) {
    var self = this;
    var emit = emitter(self, 'on', 'off');
    var nick = Math.random().toString(16).slice(2, 10), joined = false;
    self.myUserId = function () { return nick; };
    self.join = function () { send('<presence xmlns="jabber:client" to="' + escaped(address) + '/' + nick + '"><x xmlns="http://jabber.org/protocol/muc"/></presence>'); };
    self.leave = function () { send('<presence xmlns="jabber:client" type="unavailable" to="' + escaped(address) + '/' + nick + '"/>'); };
    self.hear = function (stanza) {
      if (stanza.getAttribute('type') === 'error') emit(events.conference.CONFERENCE_FAILED, errors.conference.NOT_ALLOWED_ERROR);
      else if (!joined && stanza.getAttribute('from') === address + '/' + nick) { joined = true; emit(events.conference.CONFERENCE_JOINED); }
    };
  }

  window.JitsiMeetJS = { events: events, errors: errors, init: function () {}, JitsiConnection: JitsiConnection };
})();
`;
