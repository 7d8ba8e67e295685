/* eslint-disable comma-dangle, no-unused-vars, no-var, prefer-template, vars-on-top */

var subdomain = '<!--# echo var="subdomain" default="" -->';
if (subdomain) {
    subdomain = subdomain.substr(0, subdomain.length - 1).split('.').join('_').toLowerCase() + '.';
}

var config = {
    hosts: {
        domain: 'jitsi.schule.example',
        muc: 'conference.' + subdomain + 'jitsi.schule.example',
    },
    bosh: 'https://jitsi.schule.example/' + '<!--# echo var="subdir" default="" -->' + 'http-bind',
    websocket: 'wss://jitsi.schule.example/' + '<!--# echo var="subdir" default="" -->' + 'xmpp-websocket',
    testing: {},
    enableNoAudioDetection: true,
    channelLastN: -1,
};
config.tokenAuthUrl = "https://jitsi.schule.example/_ostiary/join?room={room}&state={state}";
config.tokenLogoutUrl = "https://jitsi.schule.example/_ostiary/sign-out";
