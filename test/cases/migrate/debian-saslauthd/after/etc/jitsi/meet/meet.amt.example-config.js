/* eslint-disable comma-dangle, no-unused-vars, no-var, prefer-template, vars-on-top */

var subdomain = '<!--# echo var="subdomain" default="" -->';
if (subdomain) {
    subdomain = subdomain.substr(0, subdomain.length - 1).split('.').join('_').toLowerCase() + '.';
}

var config = {
    hosts: {
        domain: 'meet.amt.example',
        muc: 'conference.' + subdomain + 'meet.amt.example',
    },
    bosh: 'https://meet.amt.example/' + '<!--# echo var="subdir" default="" -->' + 'http-bind',
    websocket: 'wss://meet.amt.example/' + '<!--# echo var="subdir" default="" -->' + 'xmpp-websocket',
    testing: {},
    enableNoAudioDetection: true,
    channelLastN: -1,
};
config.tokenAuthUrl = "https://meet.amt.example/_ostiary/join?room={room}&state={state}";
config.tokenLogoutUrl = "https://meet.amt.example/_ostiary/sign-out";
