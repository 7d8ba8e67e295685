/**
 * The site file of an nginx that asks us before it serves anything. Pure: a plan in, text out.
 *
 * What is not named in it is asked about too, and refused: the answer to the question is the only list of paths.
 */
import { CLAIMED } from './forward-behind.ts';
import { type ForwardPlan, KEPT, STATIC_ROOTS, TENANT } from './forward-plan.ts';

/** What is taken over from a file that is there already: where it listens and which certificate it has. */
export interface NginxKept {
  readonly listen?: readonly string[];
  readonly tls?: readonly string[];
  readonly serverName?: string;
}

/** What the lines of a server block for 443 say of addresses and certificates. The last of several blocks counts. */
export function keptOf(text: string): NginxKept {
  const servers = text
    .replace(/^\s*#.*$/gm, '')
    .split(/^\s*server\s*\{/m)
    .slice(1)
    .filter((block) => /^\s*ssl_certificate\s/m.test(block));
  const block = servers.at(-1);
  if (block === undefined) return {};
  const lines = (name: RegExp) => [...block.matchAll(name)].map(([line]) => line.trim());
  const serverName = /^\s*server_name\s+([^;]+);/m.exec(block)?.[1];
  return {
    listen: lines(/^\s*listen\s[^;]*;/gm),
    // Among them what certbot includes, and nginx's newer way to say HTTP/2.
    tls: lines(/^\s*(?:ssl_[a-z_]+\s[^;]*|http2\s[^;]*|include\s+\S*(?:ssl|tls)\S*);/gm),
    ...(serverName !== undefined && { serverName }),
  };
}

/** The whole file. */
export function nginxFile(plan: ForwardPlan, kept: NginxKept = {}): string {
  const { host, behind } = plan;
  const name = kept.serverName ?? host;
  const listen = kept.listen ?? ['listen 443 ssl;', 'listen [::]:443 ssl;'];
  const tls = kept.tls ?? [
    'ssl_protocols TLSv1.2 TLSv1.3;',
    `ssl_certificate /etc/letsencrypt/live/${host}/fullchain.pem;`,
    `ssl_certificate_key /etc/letsencrypt/live/${host}/privkey.pem;`,
  ];
  return `${[
    opening(plan),
    around(plan),
    `server {
    listen 80;
    listen [::]:80;
    server_name ${name};
    access_log off;
    error_log /var/log/nginx/error.log emerg;

    location ^~ /.well-known/acme-challenge/ {
        default_type text/plain;
        root ${behind === 'debian' ? JITSI : '/var/www/html'};
    }
    location / {
        return 301 https://$host$request_uri;
    }
}`,
    `server {
${indented([...listen, `server_name ${name};`, '', ...tls])}

${indented(ALWAYS(plan))}

${indented(asking(plan))}

${(behind === 'debian' ? debianPlaces(plan) : passedOn(plan)).map((place) => indented(place)).join('\n\n')}
}`,
  ].join('\n\n')}\n`;
}

const JITSI = '/usr/share/jitsi-meet';

function indented(lines: readonly string[] | string): string {
  return [lines]
    .flat()
    .flatMap((line) => line.split('\n'))
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n');
}

function opening({ behind, host, inner }: ForwardPlan): string {
  const file =
    behind === 'debian'
      ? `/etc/nginx/sites-available/${host}.conf, in place of Jitsi's own`
      : `a site of the nginx in front of ${behind === 'docker' ? 'docker-jitsi-meet' : "Jitsi's web server"}`;
  return `# Printed by "ostiary proxy-config nginx --${behind}": ${file}.
#
# Before anything is served, Ostiary is asked (${inner}). It answers 200, 401 or 403, and nothing else lets a request
# pass: an Ostiary that is away is 500 for everybody. A location that you add is asked about like all the others,
# and served only where Ostiary knows the path.`;
}

function around(plan: ForwardPlan): string {
  const { behind, inner, pages, jitsi } = plan;
  const upstreams = [
    ['ostiary_inner', inner, 32],
    ['ostiary_pages', pages, 8],
    ...(behind === 'debian'
      ? ([
          ['ostiary_prosody', '127.0.0.1:5280', 8],
          ['ostiary_jicofo', '127.0.0.1:8888', 2],
          ['ostiary_bridge', '127.0.0.1:9090', 2],
        ] as const)
      : ([['ostiary_jitsi', jitsi.address, 32]] as const)),
  ] as const;
  return [
    ...(behind === 'debian' ? DEBIAN_AROUND : []),
    ...upstreams.map(([name, server, idle]) => `upstream ${name} { server ${server}; keepalive ${idle}; }`),
    `
# A WebSocket, with the key by which Ostiary knows it for one, and nothing else becomes a tunnel: what goes through one
# nobody judges. All other connections are kept for the next request.
map "$http_sec_websocket_key|$http_upgrade" $ostiary_upgrade {
    default "";
    "~*^[a-z0-9+/]{22}==\\|websocket$" websocket;
}
map $ostiary_upgrade $ostiary_connection {
    default upgrade;
    "" "";
}
# The session, taken out of the cookies: nginx cannot name a cookie with a hyphen.
map $http_cookie $ostiary_session {
    default "";
    "~(?:^|;)[ \\t]*__Host-ostiary=(?<ostiary_id>[^;]*)" $ostiary_id;
}
map $ostiary_session $ostiary_nobody {
    default "";
    "" 1;
}
# Paths alone stand in the log: Jitsi's client writes a token into the query of every XMPP request.
map $request_uri $ostiary_path {
    default "";
    "~^(?<ostiary_before_query>[^?]*)" $ostiary_before_query;
}
log_format ostiary '$remote_addr [$time_local] "$request_method $ostiary_path" $status $body_bytes_sent "$http_user_agent"';

# Kept here: that a session lives, for static files, by the session, for ${KEPT} s. No decision about a room, and no token.
proxy_cache_path /run/nginx-ostiary levels=1 keys_zone=ostiary:2m max_size=32m inactive=10s use_temp_path=off;`,
  ].join('\n');
}

/** As Jitsi's own file begins: nginx knows neither type everywhere, and a browser takes neither for what it is not said to be. */
const DEBIAN_AROUND = [
  'server_names_hash_bucket_size 64;',
  'types {',
  '    application/wasm wasm;',
  '    audio/wav wav;',
  '}',
  '',
] as const;

/** Stands again wherever another header is added: nginx leaves out there what it was told further up. */
const SECURE = [
  'add_header Strict-Transport-Security "max-age=31536000" always;',
  'add_header X-Content-Type-Options nosniff always;',
] as const;

const ALWAYS = ({ behind }: ForwardPlan) => [
  'access_log /var/log/nginx/access.log ostiary;',
  '# nginx writes the whole request line, query and token, behind each of its errors, and nothing can take them out.',
  'error_log /var/log/nginx/error.log emerg;',
  'uninitialized_variable_warn off;',
  'server_tokens off;',
  'underscores_in_headers off;',
  'client_max_body_size 10m;',
  ...SECURE,
  ...(behind === 'debian'
    ? [
        `root ${JITSI};`,
        'gzip on;',
        'gzip_types text/plain text/css application/javascript application/json image/x-icon application/octet-stream application/wasm;',
        'gzip_vary on;',
        'gzip_proxied no-cache no-store private expired auth;',
        '# Jitsi writes its settings into its page by these.',
        'ssi on;',
        'ssi_types application/x-javascript application/javascript;',
      ]
    : []),
];

/** Of the caller's headers these and no others: whatever else they say stays with nginx. */
const BROUGHT = [
  'Cookie $http_cookie',
  'Authorization $http_authorization',
  'Origin $http_origin',
  'Accept $http_accept',
  'Accept-Language $http_accept_language',
  'User-Agent $http_user_agent',
  'Sec-Fetch-Site $http_sec_fetch_site',
  'Sec-Fetch-Mode $http_sec_fetch_mode',
  'Sec-Fetch-Dest $http_sec_fetch_dest',
  'Sec-WebSocket-Key $http_sec_websocket_key',
] as const;

function asks({ machineHeaders }: ForwardPlan): string[] {
  const variable = (name: string) => `$http_${name.toLowerCase().replaceAll('-', '_')}`;
  return [
    'proxy_http_version 1.1;',
    'proxy_pass_request_body off;',
    'proxy_pass_request_headers off;',
    ...[
      'Connection ""',
      'Content-Length ""',
      'Host $http_host',
      'X-Forwarded-For $remote_addr',
      'X-Original-URI $request_uri',
      'X-Original-Method $request_method',
      ...BROUGHT,
      ...machineHeaders.map((name) => `${name} ${variable(name)}`),
    ].map((header) => `proxy_set_header ${header};`),
    '# A token and a few groups.',
    'proxy_buffer_size 16k;',
    'proxy_buffers 4 16k;',
    'proxy_connect_timeout 5s;',
    'proxy_read_timeout 30s;',
  ];
}

function location(where: string, lines: readonly string[]): string {
  return `location ${where} {\n${indented(lines)}\n}`;
}

function asking(plan: ForwardPlan): string[] {
  const { prefix } = plan;
  return [
    '# The question, before everything that follows.',
    `auth_request ${prefix}/auth;`,
    '# Good for one room, made for this request; empty where none is needed.',
    'auth_request_set $ostiary_authorization $upstream_http_authorization;',
    'auth_request_set $ostiary_prefix $upstream_http_x_ostiary_prefix;',
    'auth_request_set $ostiary_framers $upstream_http_x_ostiary_framers;',
    '# What may go on of the query takes its place: no token, no prefix, nothing twice.',
    'auth_request_set $args $upstream_http_x_ostiary_query;',
    '# Who does not pass hears from Ostiary why: a sign-in, a page, or "token required" in XMPP.',
    'error_page 401 403 = @ostiary_answer;',
    '',
    location(`= ${prefix}/auth`, [
      'internal;',
      'auth_request off;',
      '# Who somebody is, nothing behind this needs to know. A place of yours that does asks here without "/unnamed".',
      `proxy_pass http://ostiary_inner${prefix}/auth/unnamed;`,
      ...asks(plan),
    ]),
    '# Does this session live? Asked for static files alone, and the only answer that is kept.',
    location(`= ${prefix}/auth/session`, [
      'internal;',
      'auth_request off;',
      `proxy_pass http://ostiary_inner${prefix}/auth/session;`,
      ...asks(plan),
      'proxy_cache ostiary;',
      'proxy_cache_key "asset|$ostiary_session";',
      `proxy_cache_valid 200 ${KEPT}s;`,
      'proxy_no_cache $ostiary_nobody;',
      'proxy_cache_bypass $ostiary_nobody;',
    ]),
    location('@ostiary_answer', [
      'auth_request off;',
      `proxy_pass http://ostiary_inner${prefix}/answer$request_uri;`,
      ...towardsUs(),
      'proxy_set_header Upgrade $ostiary_upgrade;',
      'proxy_set_header Connection $ostiary_connection;',
    ]),
    "# Ostiary's own pages.",
    location(`^~ ${prefix}/`, [
      'auth_request off;',
      'proxy_pass http://ostiary_pages;',
      ...towardsUs(),
      'proxy_set_header Connection "";',
    ]),
  ];
}

function towardsUs(): string[] {
  return [
    'proxy_http_version 1.1;',
    'proxy_set_header Host $http_host;',
    'proxy_set_header X-Forwarded-For $remote_addr;',
    'proxy_set_header X-Forwarded-Proto $scheme;',
    '# Our answers bring their own headers along.',
    'add_header Strict-Transport-Security "max-age=31536000" always;',
    '# An answer that leads into a room holds up to 4 kB in one header.',
    'proxy_buffer_size 16k;',
    'proxy_buffers 4 16k;',
    'proxy_read_timeout 900s;',
  ];
}

/** Files that lie among the static ones, and are asked about each. */
function askedFiles({ asked }: ForwardPlan): string {
  const names = asked.map((file) => file.slice(1).replace(/[^\w/-]/g, String.raw`\$&`));
  return `~ "^/(?:${TENANT}/)?(${names.join('|')})$"`;
}

/** What stands first in the page's head; at no address that can be asked for. */
function headPlace(plan: ForwardPlan, where: string): string {
  return location(`= ${where}`, [
    '# Included into the conference page; nobody can ask for it.',
    'internal;',
    'auth_request off;',
    `proxy_pass http://ostiary_inner${plan.prefix}/head;`,
    ...asks(plan),
    'proxy_set_header Accept-Encoding "";',
  ]);
}

const SECURE_PAGE = [
  ...SECURE,
  'add_header Cache-Control no-store always;',
  `add_header Content-Security-Policy "frame-ancestors $ostiary_framers" always;`,
  'add_header Cross-Origin-Opener-Policy same-origin-allow-popups always;',
];

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

function debianPlaces(plan: ForwardPlan): string[] {
  const { host, prefix, openFiles } = plan;
  const settings = `/etc/jitsi/meet/${host}-config.js`;
  const session = openFiles ? [] : [`auth_request ${prefix}/auth/session;`];
  const tenant = ['set $subdomain "$1.";', 'set $subdir "$1/";'];
  const roots = STATIC_ROOTS.join('|');
  const files = [...SECURE, 'add_header Access-Control-Allow-Origin *;', ...session];
  const anyTenant = `(?:${TENANT}/)?`;
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
      files,
    )}`,
    location(`~ "^/${TENANT}/((?:${roots})/.+)$"`, [...files, `alias ${JITSI}/$1;`]),
    location(String.raw`~ "^/(?:${TENANT}/)?(manifest\.json|pwa-worker\.js)$"`.replace('${TENANT}', TENANT), [
      `alias ${JITSI}/$1;`,
    ]),
    location(String.raw`~ ^/(?:interface_config\.js|logging_config\.js|favicon\.ico|robots\.txt|_unlock)$`, [
      ...SECURE,
      'add_header Access-Control-Allow-Origin *;',
      'add_header Cache-Control no-store;',
    ]),
    location(`~ "^/${anyTenant}external_api\\.js$"`, [
      'default_type application/javascript;',
      ...SECURE,
      'add_header Access-Control-Allow-Origin *;',
      `alias ${JITSI}/libs/external_api.min.js;`,
    ]),
    location('^~ /.well-known/', ['default_type text/plain;']),
    location(String.raw`~ ^/_api/public/(.+)$`, ['alias /etc/jitsi/meet/public/$1;']),
    `# Jitsi's settings; below a tenant they name its rooms.\n${location('= /config.js', [
      ...SECURE,
      'add_header Cache-Control no-store;',
      `alias ${settings};`,
    ])}`,
    location(`~ "^/(${TENANT})/config\\.js$"`, [
      ...tenant,
      ...SECURE,
      'add_header Cache-Control no-store;',
      `alias ${settings};`,
    ]),
    `# XMPP, to Prosody, with the token in the header.\n${location(`~ "^/${anyTenant}xmpp-websocket$"`, [
      'proxy_pass http://ostiary_prosody/xmpp-websocket?prefix=$ostiary_prefix&$args;',
      ...backEnd(SOCKET),
      'tcp_nodelay on;',
    ])}`,
    location(`~ "^/${anyTenant}http-bind$"`, [
      'proxy_pass http://ostiary_prosody/http-bind?prefix=$ostiary_prefix&$args;',
      ...backEnd(['Connection ""']),
      'proxy_buffering off;',
      'tcp_nodelay on;',
    ]),
    location(`~ "^/${anyTenant}_api/room-info$"`, [
      'proxy_pass http://ostiary_prosody/room-info?prefix=$ostiary_prefix&$args;',
      ...backEnd(['Connection ""']),
    ]),
    location(`~ "^/${anyTenant}conference-request/v1$"`, [
      'proxy_pass http://ostiary_jicofo/conference-request/v1?$args;',
      ...backEnd(['Connection ""']),
    ]),
    location('~ ^/colibri-ws/default-id/', [
      'proxy_pass http://ostiary_bridge;',
      ...backEnd(SOCKET),
      'tcp_nodelay on;',
    ]),
    `# The conference page, at whatever address Ostiary knows as one.\n${location(
      `~ "^/(${TENANT})/[^/]+$"`,
      [...tenant, ...pageFile()],
    )}`,
    location('/', pageFile()),
  ];
}

function pageFile(): string[] {
  return ['rewrite ^ /index.html break;', 'if_modified_since off;', 'etag off;', ...SECURE_PAGE];
}

/**
 * A file that every web server takes for one, and for the same. Of all others (`..;`, a backslash, `/libs/http-bind`) the
 * question whether a session lives is not enough: what another server makes of them may be no file.
 */
const PLAIN_FILE = String.raw`(?:[A-Za-z0-9_@-][A-Za-z0-9._@-]*/)*[A-Za-z0-9_@-]+(?:\.[A-Za-z0-9_@-]+)+`;

/** Everything goes to Jitsi's own web server, by one location: which path is what, Ostiary alone decides. */
function passedOn(plan: ForwardPlan): string[] {
  const { prefix, openFiles, jitsi } = plan;
  const to = `proxy_pass ${jitsi.tls ? 'https' : 'http'}://ostiary_jitsi;`;
  const session = openFiles ? [] : [`auth_request ${prefix}/auth/session;`];
  const tls = jitsi.tls
    ? [
        'proxy_ssl_server_name on;',
        `proxy_ssl_name ${plan.host};`,
        'proxy_ssl_verify on;',
        'proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;',
      ]
    : [];
  const passing = [
    to,
    ...tls,
    'proxy_ignore_headers X-Accel-Redirect;',
    'proxy_http_version 1.1;',
    ...[
      'Host $http_host',
      'X-Forwarded-For $remote_addr',
      'X-Real-IP $remote_addr',
      'X-Forwarded-Proto $scheme',
      'X-Forwarded-Host $http_host',
      "# Jitsi needs no cookie, and ours is nobody else's business.",
      'Cookie ""',
      'Authorization $ostiary_authorization',
      '# Who somebody is, nobody says of themselves.',
      ...CLAIMED.map((name) => `${name} ""`),
      'X-Ostiary-Query ""',
      'X-Ostiary-Prefix ""',
    ].map((header) => (header.startsWith('#') ? header : `proxy_set_header ${header};`)),
  ];
  const everything = [
    ...passing,
    'proxy_set_header Upgrade $ostiary_upgrade;',
    'proxy_set_header Connection $ostiary_connection;',
    'proxy_hide_header Cache-Control;',
    ...SECURE_PAGE,
    'proxy_read_timeout 900s;',
    'tcp_nodelay on;',
  ];
  return [
    headPlace(plan, `${prefix}/head`),
    location(askedFiles(plan), [...passing, 'proxy_set_header Connection "";']),
    `# Static files: a live session is enough${openFiles ? ', or whatever "open" says' : ', and that is kept for a moment'}.\n${location(
      `~ "^/(?:${STATIC_ROOTS.join('|')})/${PLAIN_FILE}$"`,
      [
        'if ($request_method !~ ^(?:GET|HEAD)$) { return 405; }',
        ...session,
        ...passing,
        'proxy_set_header Connection "";',
      ],
    )}`,
    `# Back ends: into what they say nothing is included, and least of all a token.\n${location(
      `~ "^/(?:${TENANT}/)?(?:xmpp-websocket|http-bind|conference-request/v1|_api/room-info)$"`,
      everything,
    )}`,
    `# Pages, and what else stands as high.\n${location(`~ "^/(?:${TENANT}/)?[^/]*$"`, [
      ...everything,
      '# The page is read as it is written, for what is to stand in it.',
      ...['Accept-Encoding ""', 'If-None-Match ""', 'If-Modified-Since ""', 'Range ""'].map(
        (header) => `proxy_set_header ${header};`,
      ),
      'ssi on;',
      `sub_filter '<head>' '<head><!--# include virtual="${prefix}/head" -->';`,
      'sub_filter_once on;',
    ])}`,
    `# Everything else. What people wrote there, into a pad for instance, includes nothing.\n${location('/', everything)}`,
  ];
}
