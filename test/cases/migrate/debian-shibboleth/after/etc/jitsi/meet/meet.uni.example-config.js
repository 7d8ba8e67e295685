/* eslint-disable comma-dangle, no-unused-vars, no-var, prefer-template, vars-on-top */

var subdomain = '<!--# echo var="subdomain" default="" -->';
if (subdomain) {
    subdomain = subdomain.substr(0, subdomain.length - 1).split('.').join('_').toLowerCase() + '.';
}

var config = {
    hosts: {
        domain: 'meet.uni.example',
        muc: 'conference.' + subdomain + 'meet.uni.example',
    },
    bosh: 'https://meet.uni.example/http-bind',
    websocket: 'wss://meet.uni.example/xmpp-websocket',
    // tokenAuthUrl: 'https://example.org/{room}',
    testing: { },
    enableWelcomePage: true,
};
config.tokenAuthUrl = "https://meet.uni.example/_ostiary/join?room={room}&state={state}";
config.tokenLogoutUrl = "https://meet.uni.example/_ostiary/sign-out";
