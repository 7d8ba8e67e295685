/**
 * Files config.js as the templates of Debian and docker-jitsi-meet make them,
 * in words of our own: the shape is theirs, after SSI, for no tenant.
 */

/** Debian's: one literal, parts of it glued from what nginx fills in. */
export const DEBIAN_CONFIG_JS = `/* eslint-disable comma-dangle, no-unused-vars, no-var, prefer-template */

/*
 * Settings of this installation. // "quotes" in a comment { are not code
 */
var subdomain = '';

if (subdomain) {
    subdomain = subdomain.substr(0, subdomain.length - 1).split('.')
        .join('_')
        .toLowerCase() + '.';
}

var enableJaaS = false;

var subdir = '';

var config = {
    // Connection
    hosts: {
        // XMPP domain.
        domain: 'meet.example.org',

        // For those without a token.
        // anonymousdomain: 'guest.example.com',

        // The rooms.
        muc: 'conference.' + subdomain + 'meet.example.org',
    },

    // BOSH
    bosh: 'https://meet.example.org/' + subdir + 'http-bind',

    // Websocket
    websocket: 'wss://meet.example.org/' + subdir + 'xmpp-websocket',
    websocketKeepAliveUrl: 'https://meet.example.org/' + subdir + '_unlock',

    testing: {
        // p2pTestMode: false,
        mediaTimeouts: [ 100, 5e3, -1 ],
    },
    flags: {},
    constraints: { video: { height: { ideal: 720, max: 720, min: 240 } } },
    p2p: { enabled: true, stunServers: [ { urls: 'stun:meet-jit-si-turnrelay.jitsi.net:443' } ] },
    analytics: {},
    deeplinking: {
        desktop: {
            appName: 'Jitsi Meet',
            appScheme: 'jitsi-meet',
            enabled: false,
        },
        ios: { appName: 'Jitsi Meet', appScheme: 'org.jitsi.meet', dynamicLink: { apn: 'org.jitsi.meet' } },
        android: {
            appName: 'Jitsi Meet',
            appScheme: 'org.jitsi.meet',
            appPackage: 'org.jitsi.meet',
            fDroidUrl: 'https://f-droid.org/packages/org.jitsi.meet/',
        },
    },
    makeJsonParserHappy: 'even if last key had a trailing comma',
};

config.tokenAuthUrl = 'https://meet.example.org/_ostiary/join?room={room}&state={state}';

// Settings for the service with its own accounts.
if (enableJaaS) {
    config.dialInNumbersUrl = 'https://conference-mapper.jitsi.net/v1/access/dids';
    config.bosh = 'https://elsewhere.example.com/http-bind';
}
`;

/** docker-jitsi-meet's: one assignment a line, each only where nothing is there. */
export const DOCKER_CONFIG_JS = `// Jitsi Meet configuration.
var config = {};

config.hosts = {};
config.hosts.domain = 'meet.jitsi';

var subdir = '';
var subdomain = '';
if (subdir.startsWith('<!--')) {
    subdir = '';
}
if (subdomain) {
    subdomain = subdomain.substring(0,subdomain.length-1).split('.').join('_').toLowerCase() + '.';
}
config.hosts.muc = 'muc.' + subdomain + 'meet.jitsi';
config.bosh = 'https://meet.example.org/' + subdir + 'http-bind';
config.websocket = 'wss://meet.example.org/' + subdir + 'xmpp-websocket';
config.tokenAuthUrl = 'https://meet.example.org/_ostiary/join?room={room}&state={state}';

// Video configuration.
if (!config.hasOwnProperty('constraints')) config.constraints = {};
if (!config.constraints.hasOwnProperty('video')) config.constraints.video = {};
config.resolution = 720;
config.constraints.video.height = { ideal: 720, max: 720, min: 180 };
if (!config.hasOwnProperty('deploymentInfo')) config.deploymentInfo = {};
if (!config.hasOwnProperty('flags')) config.flags = {};
config.p2p = { enabled: true, codecPreferenceOrder: ["AV1", "VP9"] };
if (config.p2p.enabled) config.p2p.stunServers = [ { urls: 'stun:meet-jit-si-turnrelay.jitsi.net:443' } ];

// Begin of custom-config.js
config.tokenLogoutUrl = 'https://meet.example.org/_ostiary/sign-out';
config.toolbarButtons = ['camera'].concat(window.more || []);
`;
