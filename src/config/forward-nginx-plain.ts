/**
 * The places of an nginx in front of another web server of Jitsi's. Pure.
 */
import { CLAIMED } from './forward-behind.ts';
import { headPlace } from './forward-nginx-asking.ts';
import { askedFiles, location, SECURE_PAGE } from './forward-nginx-lines.ts';
import { type ForwardPlan, STATIC_ROOTS, TENANT } from './forward-plan.ts';

/**
 * A file that every web server takes for one, and for the same. Of all others (`..;`, a backslash, `/libs/http-bind`) the
 * question whether a session lives is not enough: what another server makes of them may be no file.
 */
const PLAIN_FILE = String.raw`(?:[A-Za-z0-9_@-][A-Za-z0-9._@-]*/)*[A-Za-z0-9_@-]+(?:\.[A-Za-z0-9_@-]+)+`;

/** Everything goes to Jitsi's own web server, by one location: which path is what, Ostiary alone decides. */
export function passedOn(plan: ForwardPlan): string[] {
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
