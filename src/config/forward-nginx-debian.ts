/**
 * The places of an nginx that is Jitsi's own web server, as the Debian packages have it. Pure.
 * @see jitsi-meet, doc/debian/jitsi-meet/jitsi-meet.example
 */
import { headPlace } from './forward-nginx-asking.ts';
import { askedFiles, JITSI, location, SECURE, SECURE_PAGE } from './forward-nginx-lines.ts';
import { type ForwardPlan, STATIC_ROOTS, TENANT } from './forward-plan.ts';

/** The back ends get these of the caller's headers, the token, and nothing else. */
function backEnd(more: readonly string[] = []): string[] {
  return [
    '# Nothing is included into what they say, least of all a token; and they lead nginx to no place that nobody can ask for.',
    'ssi off;',
    'proxy_ignore_headers X-Accel-Redirect;',
    'proxy_http_version 1.1;',
    'proxy_pass_request_headers off;',
    ...[
      'Host $http_host',
      'Authorization $ostiary_authorization',
      'X-Forwarded-For $remote_addr',
      'Content-Type $content_type',
      'Accept $http_accept',
      'Origin $http_origin',
      'User-Agent $http_user_agent',
      ...more,
    ].map((header) => `proxy_set_header ${header};`),
    'proxy_read_timeout 900s;',
  ];
}

const SOCKET = [
  'Upgrade $ostiary_upgrade',
  'Connection $ostiary_connection',
  'Sec-WebSocket-Key $http_sec_websocket_key',
  'Sec-WebSocket-Version $http_sec_websocket_version',
  'Sec-WebSocket-Protocol $http_sec_websocket_protocol',
];

/** Every place, in the order in which nginx is to look them up. */
export function debianPlaces(plan: ForwardPlan): string[] {
  return [...files(plan), ...settings(plan), ...backEnds(), ...pages()];
}

const ANY_TENANT = `(?:${TENANT}/)?`;
/** What Jitsi's page and settings are told of the tenant. */
const TENANTS = ['set $subdomain "$1.";', 'set $subdir "$1/";'];

function files(plan: ForwardPlan): string[] {
  const { prefix, openFiles } = plan;
  const session = openFiles ? [] : [`auth_request ${prefix}/auth/session;`];
  const roots = STATIC_ROOTS.join('|');
  const lines = [...SECURE, 'add_header Access-Control-Allow-Origin *;', ...session];
  return [
    headPlace(plan, '/head.html'),
    `# Parts of Jitsi's page, which it includes; nobody can ask for them.\n${location(
      String.raw`~ ^/(?:base|body|fonts|index|plugin\.head|title)\.html$`,
      ['internal;'],
    )}`,
    location(askedFiles(plan), [
      ...SECURE,
      'add_header Access-Control-Allow-Origin *;',
      `alias ${JITSI}/$1;`,
    ]),
    `# Static files: a live session is enough${openFiles ? ', or whatever "open" says' : ', and that is kept for a moment'}.\n${location(
      `~ ^/(?:${roots})/`,
      lines,
    )}`,
    location(`~ "^/${TENANT}/((?:${roots})/.+)$"`, [...lines, `alias ${JITSI}/$1;`]),
    location(`~ "^/${ANY_TENANT}(manifest\\.json|pwa-worker\\.js)$"`, [`alias ${JITSI}/$1;`]),
    location(String.raw`~ ^/(?:interface_config\.js|logging_config\.js|favicon\.ico|robots\.txt|_unlock)$`, [
      ...SECURE,
      'add_header Access-Control-Allow-Origin *;',
      'add_header Cache-Control no-store;',
    ]),
    location(`~ "^/${ANY_TENANT}external_api\\.js$"`, [
      'default_type application/javascript;',
      ...SECURE,
      'add_header Access-Control-Allow-Origin *;',
      `alias ${JITSI}/libs/external_api.min.js;`,
    ]),
    location('^~ /.well-known/', ['default_type text/plain;']),
    location('~ ^/_api/public/(.+)$', ['alias /etc/jitsi/meet/public/$1;']),
  ];
}

function settings({ host }: ForwardPlan): string[] {
  const file = `/etc/jitsi/meet/${host}-config.js`;
  return [
    `# Jitsi's settings; below a tenant they name its rooms.\n${location('= /config.js', [
      ...SECURE,
      'add_header Cache-Control no-store;',
      `alias ${file};`,
    ])}`,
    location(`~ "^/(${TENANT})/config\\.js$"`, [
      ...TENANTS,
      ...SECURE,
      'add_header Cache-Control no-store;',
      `alias ${file};`,
    ]),
  ];
}

function backEnds(): string[] {
  return [
    `# XMPP, to Prosody, with the token in the header.\n${location(`~ "^/${ANY_TENANT}xmpp-websocket$"`, [
      'proxy_pass http://ostiary_prosody/xmpp-websocket?prefix=$ostiary_prefix&$args;',
      ...backEnd(SOCKET),
      'tcp_nodelay on;',
    ])}`,
    location(`~ "^/${ANY_TENANT}http-bind$"`, [
      'proxy_pass http://ostiary_prosody/http-bind?prefix=$ostiary_prefix&$args;',
      ...backEnd(['Connection ""']),
      'proxy_buffering off;',
      'tcp_nodelay on;',
    ]),
    location(`~ "^/${ANY_TENANT}_api/room-info$"`, [
      'proxy_pass http://ostiary_prosody/room-info?prefix=$ostiary_prefix&$args;',
      ...backEnd(['Connection ""']),
    ]),
    location(`~ "^/${ANY_TENANT}conference-request/v1$"`, [
      'proxy_pass http://ostiary_jicofo/conference-request/v1?$args;',
      ...backEnd(['Connection ""']),
    ]),
    location('~ ^/colibri-ws/default-id/', [
      'proxy_pass http://ostiary_bridge;',
      ...backEnd(SOCKET),
      'tcp_nodelay on;',
    ]),
  ];
}

function pages(): string[] {
  return [
    `# The conference page, at whatever address Ostiary knows as one.\n${location(
      `~ "^/(${TENANT})/[^/]+$"`,
      [...TENANTS, ...pageFile()],
    )}`,
    location('/', pageFile()),
  ];
}

function pageFile(): string[] {
  return ['rewrite ^ /index.html break;', 'if_modified_since off;', 'etag off;', ...SECURE_PAGE];
}
