/**
 * Names of headers: whose word each is. Tables only. Pure.
 */

/** A header's name as the laxest server reads it: CGI and its heirs write every odd character as one. */
export function foldName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-');
}

/**
 * What belongs to one connection alone, or is for the HTTP library to say.
 * @see RFC 9110, section 7.6.1; RFC 9113, section 8.2.2 (HTTP2-Settings, Proxy-Connection)
 */
export const HOP: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Names by which a server behind a proxy is told who calls, from where and for what; folded. */
export const CLAIMED: ReadonlySet<string> = new Set([
  'auth-type',
  'authorization',
  'client-ip',
  'displayname',
  'eppn',
  'front-end-https',
  'host',
  'mail',
  'persistent-id',
  'proxy',
  'proxy-authorization',
  'sec-websocket-extensions',
  'true-client-ip',
  'via',
  'x-arr-clientcert',
  'x-client-ip',
  'x-client-cert',
  'x-cluster-client-ip',
  'x-email',
  'x-host',
  'x-http-method',
  'x-http-method-override',
  'x-https',
  'x-method-override',
  'x-real-ip',
  'x-scheme',
  'x-sendfile',
  'x-url-scheme',
  'x-user',
  'x-username',
]);

/** The same by how they begin. The last lines are proxies and clouds that name the person in their own words. */
export const CLAIMED_PREFIX = new RegExp(
  `^(?:${[
    'x-forwarded',
    'forwarded',
    'x-original-',
    'x-rewrite-',
    'x-accel-',
    'x-proxy-',
    'x-real-',
    'remote-',
    'x-remote-',
    'x-auth-',
    'x-ostiary-',
    'x-gate-',
    'x-user-',
    'shib-',
    'variable-',
    'oidc-',
    'mellon-',
    'ssl-',
    'x-ssl-',
    'x-client-',
    'client-cert',
    'x-authenticated-',
    'x-authentik-',
    'x-webauth-',
    'x-envoy-',
    'x-goog-',
    'x-amzn-oidc-',
    'x-ms-client-',
    'x-pomerium-',
    'cf-',
    'fastly-client-',
    'tailscale-',
  ].join('|')})`,
);

/** Well-known headers that are the caller's to say. Those `Connection` cannot take away: it names what is meant for one hop. */
export const SAID: ReadonlySet<string> = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'access-control-request-headers',
  'access-control-request-method',
  'access-control-request-private-network',
  'cache-control',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'dnt',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-event-id',
  'origin',
  'pragma',
  'priority',
  'purpose',
  'range',
  'save-data',
  'sec-ch-ua',
  'sec-ch-ua-mobile',
  'sec-ch-ua-platform',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'sec-gpc',
  'sec-purpose',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'sec-websocket-version',
  'upgrade-insecure-requests',
  'user-agent',
  'x-requested-with',
]);

/** What an answer says in words that are meant for the caller. */
export const ANSWERED: ReadonlySet<string> = new Set([
  'accept-ranges',
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'access-control-max-age',
  'age',
  'allow',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-range',
  'content-security-policy',
  'content-security-policy-report-only',
  'content-type',
  'cross-origin-embedder-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'date',
  'etag',
  'expires',
  'last-modified',
  'link',
  'location',
  'permissions-policy',
  'pragma',
  'referrer-policy',
  'retry-after',
  'sec-websocket-accept',
  'sec-websocket-protocol',
  'server',
  'strict-transport-security',
  'vary',
  'www-authenticate',
  'x-content-type-options',
  'x-frame-options',
  'x-jitsi-shard',
  'x-xss-protection',
]);

/**
 * What only a proxy or a cache in front of us would obey, or would lead past us. Extensions
 * were not asked for: a caller that was told of them would compress.
 */
export const ORDERS =
  /^(?:x-accel-|x-sendfile|x-lighttpd-|x-reproxy-|x-ostiary-|surrogate-|edge-control$|(?:[a-z-]+-)?cdn-cache-control$|alt-svc$|set-cookie2$|sec-websocket-extensions$)/;
