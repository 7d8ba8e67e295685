/**
 * What stands in an Apache before the gateway: Apache asks nobody before it serves. Pure: settings in, text out.
 */
import type { ForwardPlan } from './forward-plan.ts';

/** A virtual host. */
export function apacheFile({ host, pages }: Pick<ForwardPlan, 'host' | 'pages'>): string {
  return `# Printed by "ostiary proxy-config apache": a virtual host of Apache 2.4.
#
# Apache has no request that it makes before it serves, and whose answer decides: neither of its own nor of Debian's
# modules. So Apache keeps its certificate and its name, and Ostiary stands behind it as a gateway: take
# forwardAuth out of the settings, and put upstream.url with the address of Jitsi's web server there.
#
# a2enmod ssl headers proxy proxy_http

<VirtualHost *:443>
    ServerName ${host}
    SSLEngine on
    SSLCertificateFile /etc/letsencrypt/live/${host}/fullchain.pem
    SSLCertificateKeyFile /etc/letsencrypt/live/${host}/privkey.pem
    Header always set Strict-Transport-Security "max-age=31536000"

    # Of an address the path alone is written down: Jitsi's client writes a token into the query of every XMPP request.
    LogFormat "%h %t \\"%m %U\\" %>s %B \\"%{User-Agent}i\\"" ostiary
    CustomLog \${APACHE_LOG_DIR}/ostiary.log ostiary
    # Its errors name addresses, query and token with them.
    LogLevel crit

    # Addresses go through as they came: Ostiary judges them.
    AllowEncodedSlashes NoDecode
    ProxyPreserveHost On
    ProxyAddHeaders Off
    RequestHeader set X-Forwarded-For "expr=%{REMOTE_ADDR}"
    RequestHeader set X-Forwarded-Proto https
    # WebSockets too.
    ProxyPass / http://${pages}/ nocanon upgrade=websocket timeout=900 flushpackets=on
</VirtualHost>
`;
}
