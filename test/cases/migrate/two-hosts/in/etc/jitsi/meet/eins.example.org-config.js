/* eslint-disable comma-dangle, no-unused-vars, no-var, prefer-template, vars-on-top */

var subdomain = '<!--# echo var="subdomain" default="" -->';
if (subdomain) {
    subdomain = subdomain.substr(0, subdomain.length - 1).split('.').join('_').toLowerCase() + '.';
}

var config = {
    hosts: {
        domain: 'eins.example.org',
        muc: 'conference.' + subdomain + 'eins.example.org',
    },
    bosh: 'https://eins.example.org/' + '<!--# echo var="subdir" default="" -->' + 'http-bind',
    websocket: 'wss://eins.example.org/' + '<!--# echo var="subdir" default="" -->' + 'xmpp-websocket',
    testing: {},
    enableNoAudioDetection: true,
    channelLastN: -1,
};
