/**
 * The dynamic configuration of a Traefik (3) that asks us before it serves anything. Pure: a plan in, text out.
 */
import { CARRIED, SPELLED } from './forward-behind.ts';
import { type ForwardPlan, TENANT } from './forward-plan.ts';

/** What Traefik itself drops, and says anew. */
const OWN: readonly string[] = ['X-Forwarded-Uri', 'X-Forwarded-Method', 'X-Forwarded-Prefix'];

/** What apps and clients begin with that show nothing. */
function strangers(rule: string): string {
  return `    # What apps and clients begin with that show nothing: Ostiary answers them itself, with "token required" in XMPP.
    # A refusal by the middleware below they would not understand.
    ostiary-strangers:
      rule: "${rule}"
      priority: 300
      entryPoints: [websecure]
      tls: {}
      middlewares: [ostiary-claims, ostiary-answer]
      service: ostiary-inner
`;
}

const STAGED = `    # Not everything is guarded yet (insecureObserveOnly, rollout): who shows nothing is asked about like everybody. Print
    # this file again when everything is: then Ostiary answers strangers itself, in words that apps understand.
`;

/** The whole file. */
export function traefikFile({ behind, host, prefix, inner, pages, jitsi, staged }: ForwardPlan): string {
  const transport = jitsi.tls
    ? `
  # The certificate of Jitsi's web server names the public host.
  serversTransports:
    jitsi:
      serverName: ${host}
`
    : '';
  const here = `Host(\`${host}\`)`;
  const clients = `PathRegexp(\`^/(${TENANT}/)?(xmpp-websocket|http-bind|config\\.js)$\`)`;
  const nobody =
    '!HeaderRegexp(`Cookie`, `__Host-ostiary`) && !HeaderRegexp(`Authorization`, `.`) && !QueryRegexp(`token`, `.`)';
  return `# Printed by "ostiary proxy-config traefik --${behind}": a file of dynamic configuration for Traefik 3.
#
# Before anything is served, Ostiary is asked (${inner}). Only its 200 lets a request pass; an Ostiary that is away is
# 500 for everybody. Jitsi's web server behind Traefik needs a file too, and must be reached by nobody else:
# "ostiary proxy-config behind --${behind}".
#
# In the static configuration: no forwardedHeaders.insecure at the entry point, and an access log without addresses:
#   accessLog: { fields: { names: { RequestPath: drop, RequestLine: drop }, headers: { defaultMode: drop } } }

http:
  routers:
    # Ostiary's own pages.
    ostiary:
      rule: "${here} && PathPrefix(\`${prefix}/\`)"
      priority: 400
      entryPoints: [websecure]
      tls: {}
      service: ostiary-pages
${staged ? STAGED : strangers(`${here} && ${clients.replaceAll('\\', '\\\\')} && ${nobody}`)}    # A WebSocket, with the key by which Ostiary knows it for one, and nothing else becomes a tunnel.
    jitsi-sockets:
      rule: "${here} && HeaderRegexp(\`Upgrade\`, \`(?i:^websocket$)\`) && HeaderRegexp(\`Sec-Websocket-Key\`, \`^[A-Za-z0-9+/=]+$\`)"
      priority: 200
      entryPoints: [websecure]
      tls: {}
      middlewares: [ostiary-claims, ostiary-auth]
      service: jitsi
    jitsi:
      rule: "${here}"
      priority: 100
      entryPoints: [websecure]
      tls: {}
      middlewares: [ostiary-claims, ostiary-no-tunnel, ostiary-auth]
      service: jitsi

  middlewares:
    # Who somebody is, and what was asked for, nobody says of themselves, however it is spelled.
    ostiary-claims:
      headers:
        customRequestHeaders:
${SPELLED.filter((name) => !OWN.includes(name))
  .map((name) => `          ${name}: ""`)
  .join('\n')}
        customResponseHeaders:
          Strict-Transport-Security: max-age=31536000
    ostiary-no-tunnel:
      headers:
        customRequestHeaders:
          Upgrade: ""
          Connection: ""
    ostiary-auth:
      forwardAuth:
        address: http://${inner}${prefix}/auth/answered
        trustForwardHeader: false
        # Each is always there, empty where there is nothing to say, and takes the place of the caller's own.
        authResponseHeaders:
${CARRIED.map((name) => `          - ${name}`).join('\n')}
    ostiary-answer:
      addPrefix:
        prefix: ${prefix}/answer
${transport}
  services:
    ostiary-pages:
      loadBalancer:
        servers:
          - url: http://${pages}
    ostiary-inner:
      loadBalancer:
        servers:
          - url: http://${inner}
    jitsi:
      loadBalancer:${jitsi.tls ? '\n        serversTransport: jitsi' : ''}
        servers:
          - url: ${jitsi.tls ? 'https' : 'http'}://${jitsi.address}
`;
}
