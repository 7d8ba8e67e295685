/* eslint-disable comma-dangle, no-unused-vars, no-var, prefer-template, vars-on-top */

var subdomain = '<!--# echo var="subdomain" default="" -->';
if (subdomain) {
    subdomain = subdomain.substr(0, subdomain.length - 1).split('.').join('_').toLowerCase() + '.';
}

var config = {
    hosts: {
        domain: 'visio.campus.example',
        muc: 'conference.' + subdomain + 'visio.campus.example',
    },
    bosh: 'https://visio.campus.example/' + '<!--# echo var="subdir" default="" -->' + 'http-bind',
    websocket: 'wss://visio.campus.example/' + '<!--# echo var="subdir" default="" -->' + 'xmpp-websocket',
    testing: {},
    enableNoAudioDetection: true,
    channelLastN: -1,
};
config.tokenAuthUrl = "https://visio.campus.example/_ostiary/join?room={room}&state={state}";
config.tokenLogoutUrl = "https://visio.campus.example/_ostiary/sign-out";
