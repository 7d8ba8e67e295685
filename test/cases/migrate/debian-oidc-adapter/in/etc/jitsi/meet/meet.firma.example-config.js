/* eslint-disable comma-dangle, no-unused-vars, no-var, prefer-template, vars-on-top */

var subdomain = '<!--# echo var="subdomain" default="" -->';
if (subdomain) {
    subdomain = subdomain.substr(0, subdomain.length - 1).split('.').join('_').toLowerCase() + '.';
}

var config = {
    hosts: {
        domain: 'meet.firma.example',
        muc: 'conference.' + subdomain + 'meet.firma.example',
    },
    bosh: 'https://meet.firma.example/' + '<!--# echo var="subdir" default="" -->' + 'http-bind',
    websocket: 'wss://meet.firma.example/' + '<!--# echo var="subdir" default="" -->' + 'xmpp-websocket',
    testing: {},
    enableNoAudioDetection: true,
    channelLastN: -1,
};
config.tokenAuthUrl = 'https://meet.firma.example/oidc/auth?state={state}';
config.tokenAuthUrlAutoRedirect = true;
config.hosts.anonymousdomain = 'guest.meet.firma.example';
