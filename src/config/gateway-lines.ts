/**
 * What has to stand in Jitsi's own files where we stand before all of it: its web
 * server is reached by us alone, and believes what we say of who calls.
 *
 * Pure: the configuration in, files with lines and reasons out.
 */
import { isIP } from 'node:net';
import type { Config } from './finish.ts';
import type { Install, JitsiFile, JitsiLine } from './jitsi-lines.ts';
import { isLoopback } from './loopback.ts';

/** Networks that docker gives out by itself. */
const DOCKER_NETWORKS = ['172.16.0.0/12', '192.168.0.0/16'];

const HERE = ['127.0.0.1', '::1'];

const PLACE_HOLDER = 'PUT-THE-ADDRESS-OF-OSTIARY-HERE';

const WHY = {
  listen: "Nobody but us reaches Jitsi's web server: this address takes the place of port 443.",
  realAddress:
    'Who calls is whom we say: Prosody limits by address, and would otherwise take everybody for one.',
  prosody: 'Who calls is whom these say; without us among them Prosody takes everybody for one.',
  compose: 'Takes the published ports from the container web and puts a proxy with a certificate before us.',
  http: 'Inside the network of the containers; the proxy before us has the certificate.',
  redirect: 'The proxy before us does that.',
  publicUrl: 'Every address that Jitsi hands out leads to us.',
} as const;

/** Do we stand before all of Jitsi? */
export function isGateway({ upstream }: Config): boolean {
  return upstream.url !== undefined;
}

/** The files of Jitsi's own web server, and of Prosody where it is reached past that. */
export function gatewayFiles(config: Config, install: Install): readonly JitsiFile[] {
  const { url, xmpp } = config.upstream;
  if (url === undefined) return [];
  if (install === 'docker')
    return [
      {
        file: '~/.jitsi-meet-cfg/web/nginx-custom/ostiary.conf',
        where: 'a file of its own',
        comment: '#',
        lines: realAddress(DOCKER_NETWORKS),
      },
    ];
  const host = new URL(config.publicUrl).hostname;
  return [
    {
      file: `/etc/nginx/sites-available/${host}.conf`,
      where: 'in the server block for port 443, in place of its lines "listen"',
      comment: '#',
      lines: [{ text: listenLine(new URL(url)), why: WHY.listen }],
    },
    {
      file: '/etc/jitsi/meet/jaas/ostiary.conf',
      where: 'a file of its own',
      comment: '#',
      lines: realAddress(addressesOfUs(url)),
    },
    ...(xmpp === undefined ? [] : [prosodyFile(host, addressesOfUs(xmpp))]),
  ];
}

/** @see nginx, ngx_http_realip_module */
function realAddress(addresses: readonly string[]): readonly JitsiLine[] {
  const text = [
    ...addresses.map((address) => `set_real_ip_from ${address};`),
    'real_ip_header X-Forwarded-For;',
  ].join('\n');
  return [{ text, why: WHY.realAddress }];
}

function listenLine(url: URL): string {
  const tls = url.protocol === 'https:';
  const port = url.port === '' ? (tls ? '443' : '80') : url.port;
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  const address =
    isIP(bare) === 0 && bare !== 'localhost' ? '' : `${bare === 'localhost' ? HERE[0] : url.hostname}:`;
  return `listen ${address}${port}${tls ? ' ssl' : ''};`;
}

/** From where we come: from the same machine, if that is where it is. */
function addressesOfUs(url: string): readonly string[] {
  return isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, '')) ? HERE : [PLACE_HOLDER];
}

/** @see Prosody, mod_http: `trusted_proxies` takes networks since 0.12 */
function prosodyFile(host: string, ours: readonly string[]): JitsiFile {
  const all = [...new Set([...HERE, ...ours])].map((address) => `"${address}"`).join(', ');
  return {
    file: `/etc/prosody/conf.avail/${host}.cfg.lua`,
    where: 'at the beginning, before every VirtualHost',
    comment: '--',
    lines: [{ text: `trusted_proxies = { ${all} }`, why: WHY.prosody }],
  };
}

/** What docker-jitsi-meet's .env says beside the lines about tokens. */
export function gatewayEnv(config: Config): readonly JitsiLine[] {
  if (!isGateway(config)) return [];
  return [
    { text: 'COMPOSE_FILE=docker-compose.yml:compose.ostiary.yaml:compose.gateway.yaml', why: WHY.compose },
    { text: `PUBLIC_URL=${config.publicUrl}`, why: WHY.publicUrl },
    { text: 'DISABLE_HTTPS=1', why: WHY.http },
    { text: 'ENABLE_HTTP_REDIRECT=0', why: WHY.redirect },
    { text: 'ENABLE_LETSENCRYPT=0', why: WHY.redirect },
    { text: `PROSODY_TRUSTED_PROXIES=${[...HERE, ...DOCKER_NETWORKS].join(',')}`, why: WHY.prosody },
  ];
}

/** What no line can say. */
export function gatewayNotes(config: Config, install: Install): readonly string[] {
  const { url } = config.upstream;
  if (url === undefined) return [];
  const { host, protocol } = new URL(url);
  const notes: (string | false)[] = [
    `From any other machine, ${host} must not answer: whoever reaches it has gone past us.`,
    install === 'docker' &&
      'The container web listens on 8000 since June 2026, on 80 before: upstream.url says which (http://web:8000, http://web:80).',
    install === 'debian' &&
      protocol === 'https:' &&
      `The certificate of Jitsi's own web server must name ${new URL(config.publicUrl).hostname}, and be signed by an authority this machine knows or upstream.caFile names.`,
    install === 'debian' &&
      'If nginx shares port 443 with a TURN server (a "stream" block), leave that as it is, and change the address it hands the web to.',
    'Recorders, transcribers and probes do not pass the gate: let them reach Jitsi by its inner address, or name them under machines.',
    'Afterwards "ostiary check" looks at Jitsi through that address, and says what still leads past us.',
  ];
  return notes.filter((note) => note !== false);
}
