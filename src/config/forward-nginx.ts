/**
 * The site file of an nginx that asks us before it serves anything. Pure: a plan in, text out.
 *
 * What is not named in it is asked about too, and refused: the answer to the question is the only list of paths.
 */
import { asking } from './forward-nginx-asking.ts';
import { debianPlaces } from './forward-nginx-debian.ts';
import { indented, JITSI, SECURE } from './forward-nginx-lines.ts';
import { passedOn } from './forward-nginx-plain.ts';
import { type ForwardPlan, KEPT } from './forward-plan.ts';

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
