/**
 * What the Jitsi stand-in serves as `external_api.js`: the class by which a page
 * embeds a meeting, as far as a token, a frame and its events go. Plain script text.
 *
 * @see jitsi-meet, modules/API/external/external_api.js; @jitsi/js-utils, transport
 */
export const EXTERNAL_API = `(function () {
  'use strict';
  // Jitsi's own always says https; a stand-in on this machine has none.
  var scheme = new URL(document.currentScript.src).protocol;
  var next = 0;
  var events = {
    'video-conference-joined': 'videoConferenceJoined',
    'video-conference-left': 'videoConferenceLeft',
    'video-ready-to-close': 'readyToClose',
    'error-occurred': 'errorOccurred'
  };
  var commands = { hangup: 'video-hangup' };

  function hashOf(id, options) {
    var pieces = ['jitsi_meet_external_api_id=' + id];
    if (options.jwt) pieces.push('jwt=' + encodeURIComponent(JSON.stringify(options.jwt)));
    [['config', options.configOverwrite], ['interfaceConfig', options.interfaceConfigOverwrite], ['userInfo', options.userInfo]].forEach(function (entry) {
      Object.keys(entry[1] || {}).forEach(function (key) {
        pieces.push(entry[0] + '.' + key + '=' + encodeURIComponent(JSON.stringify(entry[1][key])));
      });
    });
    return pieces.join('&');
  }

  function JitsiMeetExternalAPI(domain, options) {
    options = options || {};
    var self = this;
    var id = next++;
    var listeners = {};
    var scope = 'jitsi_meet_external_api_' + id;
    var frame = document.createElement('iframe');
    frame.allow = 'autoplay; camera; clipboard-write; display-capture; microphone; screen-wake-lock; speaker-selection';
    frame.name = frame.id = 'jitsiConferenceFrame' + id;
    frame.style.width = options.width || '100%';
    frame.style.height = options.height || '100%';
    frame.style.border = 0;
    if (options.onload) frame.onload = options.onload;
    // The token stands in the address twice: behind the '?' for servers, behind the '#' for the client.
    frame.src = scheme + '//' + domain + '/' + (options.roomName || '') + (options.jwt ? '?jwt=' + options.jwt : '') + '#' + hashOf(id, options);
    (options.parentNode || document.body).appendChild(frame);

    function hear(event) {
      if (event.source !== frame.contentWindow) return;
      var said;
      try { said = JSON.parse(event.data); } catch (error) { return; }
      if (!said || said.postis !== true || said.scope !== scope || said.params.type !== 'event') return;
      var data = Object.assign({}, said.params.data);
      var name = events[data.name];
      delete data.name;
      if (name) self.emit(name, data);
    }
    window.addEventListener('message', hear);

    self.emit = function (event, data) {
      (listeners[event] || []).slice().forEach(function (listener) { listener(data); });
    };
    self.on = self.addListener = function (event, listener) {
      (listeners[event] = listeners[event] || []).push(listener);
      return self;
    };
    self.off = self.removeListener = function (event, listener) {
      listeners[event] = (listeners[event] || []).filter(function (one) { return one !== listener; });
      return self;
    };
    self.executeCommand = function (name) {
      var command = commands[name];
      if (!command) return;
      var message = { postis: true, scope: scope, method: 'message', params: { type: 'command', data: { name: command } } };
      frame.contentWindow.postMessage(JSON.stringify(message), '*');
    };
    self.getIFrame = function () { return frame; };
    self.dispose = function () {
      window.removeEventListener('message', hear);
      listeners = {};
      frame.remove();
    };
  }
  window.JitsiMeetExternalAPI = JitsiMeetExternalAPI;
})();
`;
