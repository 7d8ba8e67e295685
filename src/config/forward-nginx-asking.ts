/**
 * The question that nginx asks us before it serves anything, and where our own answers and pages are. Pure.
 */

import { location } from './forward-nginx-lines.ts';
import { type ForwardPlan, KEPT } from './forward-plan.ts';

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

/** The question and the answers, for the whole server block. */
export function asking(plan: ForwardPlan): string[] {
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

/** What stands first in the page's head; at no address that can be asked for. */
export function headPlace(plan: ForwardPlan, where: string): string {
  return location(`= ${where}`, [
    '# Included into the conference page; nobody can ask for it.',
    'internal;',
    'auth_request off;',
    `proxy_pass http://ostiary_inner${plan.prefix}/head;`,
    ...asks(plan),
    'proxy_set_header Accept-Encoding "";',
  ]);
}
