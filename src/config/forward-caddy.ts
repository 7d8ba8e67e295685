/**
 * The Caddyfile of a Caddy that asks us before it serves anything. Pure: a plan in, text out.
 */
import { CARRIED, SPELLED } from './forward-behind.ts';
import type { ForwardPlan } from './forward-plan.ts';

/** The whole file. */
export function caddyFile({ behind, publicUrl, prefix, inner, pages, jitsi, host }: ForwardPlan): string {
  const to = `${jitsi.tls ? 'https://' : ''}${jitsi.address}`;
  const tls = jitsi.tls
    ? `
            # The certificate of Jitsi's web server names the public host.
            transport http {
                tls_server_name ${host}
            }`
    : '';
  return `# Printed by "ostiary proxy-config caddy --${behind}": a Caddyfile.
#
# Before anything is served, Ostiary is asked (${inner}). Only its 200 lets a request pass; an Ostiary that is away is
# 502 for everybody. Jitsi's web server behind Caddy needs a file too, and must be reached by nobody else:
# "ostiary proxy-config behind --${behind}".

{
    # Jitsi's client writes a token into the query of every XMPP request: of an address the path alone is written down.
    log {
        format filter {
            wrap json
            fields {
                request>uri regexp "\\\\?.*" ""
                uri regexp "\\\\?.*" ""
                request>headers delete
                resp_headers delete
            }
        }
    }
}

${publicUrl.startsWith('https:') && !/:\d+$/.test(publicUrl) ? host : publicUrl} {
    header Strict-Transport-Security "max-age=31536000"

    # Ostiary's own pages.
    handle ${prefix}/* {
        reverse_proxy ${pages}
    }

    # In the order in which it stands here.
    route {
        # A WebSocket, with the key by which Ostiary knows it for one, and nothing else becomes a tunnel; and a caller names
        # no header that Caddy is to leave out on the way.
        @socket {
            header_regexp Upgrade (?i)^websocket$
            header_regexp Sec-Websocket-Key ^[A-Za-z0-9+/=]+$
        }
        @other not {
            header_regexp Upgrade (?i)^websocket$
            header_regexp Sec-Websocket-Key ^[A-Za-z0-9+/=]+$
        }
        request_header @other -Upgrade
        request_header @other -Connection
        request_header @socket Connection Upgrade

        # Who somebody is, and what was asked for, nobody says of themselves, however it is spelled.
${SPELLED.map((name) => `        request_header -${name}`).join('\n')}

        forward_auth ${inner} {
            # With an empty query: the caller's is none of ours.
            uri ${prefix}/auth?
            # Each is always there, empty where there is nothing to say, and takes the place of the caller's own.
            copy_headers ${CARRIED.join(' ')}

            # Who comes again without a token in the address is told so as it is.
            @moved {
                status 302
                header X-Ostiary-Verdict moved
            }
            handle_response @moved {
                copy_response
            }
            # Who does not pass hears from Ostiary why: a sign-in, a page, or "token required" in XMPP.
            @refused status 3xx 4xx
            handle_response @refused {
                rewrite * ${prefix}/answer{http.request.orig_uri}
                reverse_proxy ${inner}
            }
        }

        # Where there is none, Caddy copies its own words for it: to Prosody that is a token that does not hold.
        @none header_regexp Authorization ^(\\{.*\\})?$
        request_header @none -Authorization

        header X-Content-Type-Options nosniff
        # The page is what Jitsi's web server makes of it now, for this one.
        @page header X-Ostiary-Surface page
        request_header @page -If-None-Match
        request_header @page -If-Modified-Since
        # XMPP needs no cookie, and ours is nobody else's business.
        @xmpp path_regexp ^/([A-Za-z0-9._-]+/)?(xmpp-websocket|http-bind)$
        request_header @xmpp -Cookie
        reverse_proxy ${to} {${tls}
        }
    }
}
`;
}
