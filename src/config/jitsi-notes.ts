/**
 * What no line in a file of Jitsi's can say. Pure.
 */
import { waitsForHosts } from '../policy/access.ts';
import type { Config } from './finish.ts';
import { gatewayNotes, isGateway } from './gateway-lines.ts';
import type { Install } from './jitsi-lines.ts';
import { isLoopback } from './loopback.ts';
import { LUA_PACKAGES, moduleNotes } from './prosody-lines.ts';

/** Since then Jitsi ships mod_token_affiliation; before, it is in jitsi-contrib. */
const SHIPS_AFFILIATION_SINCE = '2026-05';

function speaksOfHosts({ access, rules }: Config): boolean {
  return waitsForHosts({ ...(access && { access }), ...(rules && { rules }) });
}

function letsKnock({ access, rules = [] }: Config): boolean {
  return access === 'guests-knock' || rules.some(({ then }) => then === 'knock');
}

/** Each a sentence or two, for this installation alone. */
export function jitsiNotes(config: Config, install: Install): readonly string[] {
  const { clientBefore, xmppDomain } = config.jitsi;
  const all: (string | false)[] = [
    config.jitsi.roles === 'enforced' &&
      clientBefore !== undefined &&
      clientBefore <= SHIPS_AFFILIATION_SINCE &&
      'This Jitsi does not bring token_affiliation yet: take mod_token_affiliation.lua from jitsi-contrib/prosody-plugins into the folder of your own plugins.',
    install === 'docker' &&
      xmppDomain !== 'meet.jitsi' &&
      `Our tokens name ${xmppDomain} as XMPP domain. docker-jitsi-meet calls it meet.jitsi unless XMPP_DOMAIN says otherwise: then set jitsi.xmppDomain: meet.jitsi here, or rooms without a tenant refuse every token.`,
    install === 'docker' &&
      (isLoopback(config.listen.inner.host) || isLoopback(config.listen.public.host)) &&
      `Other containers cannot reach a listener on 127.0.0.1: set listen.public.host and listen.inner.host to 0.0.0.0, call our container ostiary, and never publish port ${config.listen.inner.port}.`,
    config.publicUrl === config.jitsi.url &&
      config.trustedProxies.length === 0 &&
      config.listen.public.tls.certFile === undefined &&
      'The web server in front of us is not in trustedProxies: until it is, everybody seems to come from one address.',
    speaksOfHosts(config) &&
      'Take out muc_wait_for_host, if it is loaded: people wait at our door, and it would let in whoever holds a token, guests too.',
    letsKnock(config) &&
      'Guests knock at the lobby of Jitsi itself: it needs muc_lobby_rooms on the main VirtualHost, Component "lobby.<domain>" "muc", and a lobby that is switched on in the room: by a host in the meeting, or for every room by lobby_autostart of jitsi-contrib.',
    install === 'debian' &&
      `Jitsi's token modules need four Lua libraries, with keys and with a shared secret: ${LUA_PACKAGES}. On Debian 12 two have to be copied besides (docs/how-to/debian.md#prosodys-lua). Where one is missing nobody gets in.`,
    install === 'debian' &&
      'Take out a guest VirtualHost and config.hosts.anonymousdomain, if there are any: they let people in who have never been at our door.',
    install === 'debian' &&
      'If /etc/jitsi/jicofo/sip-communicator.properties speaks of org.jitsi.jicofo.auth.URL, take that line out: it goes before jicofo.conf.',
    ...gatewayNotes(config, install),
    ...moduleNotes(config, install),
    config.forwardAuth.enabled &&
      !isGateway(config) &&
      'The proxy that serves Jitsi asks us: "ostiary proxy-config" prints its file, which has our pages in it.',
    install === 'docker' &&
      !isGateway(config) &&
      !config.forwardAuth.enabled &&
      'plugin.head.html is mounted by hand, at web in docker-compose.yml: ~/.jitsi-meet-cfg/web/plugin.head.html:/usr/share/jitsi-meet/plugin.head.html:ro',
    install === 'debian'
      ? 'Afterwards: systemctl restart prosody jicofo, and reload nginx.'
      : 'Afterwards: docker compose up -d --force-recreate.',
  ];
  return all.filter((note) => note !== false);
}
