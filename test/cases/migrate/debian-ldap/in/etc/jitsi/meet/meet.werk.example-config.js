/* eslint-disable comma-dangle, no-unused-vars, no-var, prefer-template, vars-on-top */

var subdomain = '<!--# echo var="subdomain" default="" -->';
if (subdomain) {
    subdomain = subdomain.substr(0, subdomain.length - 1).split('.').join('_').toLowerCase() + '.';
}

var config = {
    hosts: {
        domain: 'meet.werk.example',
        muc: 'conference.' + subdomain + 'meet.werk.example',
    },
    bosh: 'https://meet.werk.example/' + '<!--# echo var="subdir" default="" -->' + 'http-bind',
    websocket: 'wss://meet.werk.example/' + '<!--# echo var="subdir" default="" -->' + 'xmpp-websocket',
    testing: {},
    enableNoAudioDetection: true,
    channelLastN: -1,
};
