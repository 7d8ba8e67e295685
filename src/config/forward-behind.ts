/**
 * What Jitsi's own web server has to do where another proxy stands before it and asks us: take the query that it was
 * told, and put into the page what the page needs. Pure.
 */
import type { ForwardPlan } from './forward-plan.ts';

/** Headers of a yes that go on to Jitsi's web server, whatever the caller says in them. */
export const CARRIED = [
  'Authorization',
  'X-Ostiary-Query',
  'X-Ostiary-Prefix',
  'X-Ostiary-Surface',
  'X-Ostiary-Framers',
] as const;

/** Names under which services believe what a proxy says of a person, or of a request. */
export const CLAIMED = [
  'X-Auth-Request-User',
  'X-Auth-Request-Email',
  'X-Auth-Request-Groups',
  'Remote-User',
  'Remote-Name',
  'Remote-Email',
  'Remote-Groups',
  'X-Original-URI',
  'X-Original-URL',
  'X-Original-Method',
  'X-Forwarded-Uri',
  'X-Forwarded-Method',
  'X-Forwarded-Prefix',
  'X-Forwarded-User',
  'X-Forwarded-Email',
  'X-Forwarded-Groups',
  'X-Forwarded-Preferred-Username',
] as const;

/** Those and what we are believed in, also with underscores: services that read headers as variables take them for the same. */
export const SPELLED: readonly string[] = [
  ...CLAIMED,
  ...[...CLAIMED, ...CARRIED].filter((name) => name.includes('-')).map((name) => name.replaceAll('-', '_')),
];

/** Where the file belongs. */
export function behindName({ behind }: ForwardPlan): string {
  if (behind === 'docker') return '~/.jitsi-meet-cfg/web/nginx-custom/ostiary.conf';
  return behind === 'debian'
    ? '/etc/jitsi/meet/jaas/ostiary.conf'
    : "inside the server block of Jitsi's own nginx";
}

/** Lines inside its server block. `from`: networks that the proxy comes from. */
export function behindFile({ inner, prefix }: ForwardPlan, from: readonly string[]): string {
  return `# What may go on of the query, in place of what the caller wrote: no token, no prefix, nothing twice.
set $args $http_x_ostiary_query;
# The query stands here as it came: who was served, and from where, the log of the proxy in front says without it.
access_log off;
error_log stderr emerg;
# The page is for this one alone, and in whose frame it may stand Ostiary says.
set $ostiary_kept "";
set $ostiary_policy "";
set $ostiary_opener "";
if ($http_x_ostiary_surface = page) {
    set $ostiary_kept no-store;
    set $ostiary_policy "frame-ancestors $http_x_ostiary_framers";
    set $ostiary_opener same-origin-allow-popups;
}
add_header Cache-Control $ostiary_kept;
add_header Content-Security-Policy $ostiary_policy;
add_header Cross-Origin-Opener-Policy $ostiary_opener;
# Who calls is whom the proxy says.
${from.map((network) => `set_real_ip_from ${network};`).join('\n')}
real_ip_header X-Forwarded-For;
# Included into the conference page; nobody can ask for it.
location = /head.html {
    internal;
    set $ostiary http://${inner};
    proxy_pass $ostiary${prefix}/head;
    proxy_http_version 1.1;
    proxy_pass_request_body off;
    proxy_pass_request_headers off;
    proxy_set_header Connection "";
    proxy_set_header Content-Length "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Original-URI $request_uri;
    proxy_set_header X-Original-Method $request_method;
    proxy_set_header Cookie $http_cookie;
    proxy_set_header Accept $http_accept;
    proxy_set_header User-Agent $http_user_agent;
    proxy_set_header Sec-Fetch-Mode $http_sec_fetch_mode;
    proxy_set_header Sec-Fetch-Dest $http_sec_fetch_dest;
}
`;
}
