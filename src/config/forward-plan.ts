/**
 * What the file of a proxy that asks us is printed from: addresses, names and switches, out of the settings. Pure.
 */
import { isIP } from 'node:net';
import type { Complaint } from './complaints.ts';
import type { Config } from './finish.ts';
import { isLoopback } from './loopback.ts';

/** Which Jitsi stands behind the proxy: one of Debian packages, whose web server it is; docker-jitsi-meet; or any other. */
export type Behind = 'debian' | 'docker' | 'plain';

/** Everything a file needs to know. Hosts and ports stand without a scheme. */
export interface ForwardPlan {
  readonly behind: Behind;
  /** The public host, without a port. */
  readonly host: string;
  readonly publicUrl: string;
  readonly prefix: string;
  /** Our two listeners, as the proxy reaches them. */
  readonly inner: string;
  readonly pages: string;
  /** Jitsi's web server, where the proxy is not that itself. */
  readonly jitsi: { readonly address: string; readonly tls: boolean };
  readonly xmppDomain: string;
  /** Are Jitsi's static files open to strangers? Then each is asked about. */
  readonly openFiles: boolean;
  /** Of the static files those that some stranger may have all the same, or that are ours. */
  readonly asked: readonly string[];
  /** Headers in which machines show their secrets. */
  readonly machineHeaders: readonly string[];
  /** Not everything is guarded: nobody is sent past the question because they show nothing. */
  readonly staged: boolean;
}

/** What is served as a file, whoever asks, once they have a session. */
export const STATIC_ROOTS = ['libs', 'css', 'static', 'images', 'fonts', 'lang', 'sounds'] as const;

/** A tenant, as it must stand in addresses. */
export const TENANT = '[A-Za-z0-9._-]+';

/** Seconds that a proxy may keep "this session lives": together with the second in which it was kept, two. */
export const KEPT = 1;

const NAMES = { web: 'web:8000', ostiary: 'ostiary' } as const;

/** Reads it off the settings. `jitsi` is the origin of its web server, needed for `plain`. `asks`: does the proxy ask us? */
export function forwardPlan(
  config: Config,
  { behind, jitsi, asks = true }: { readonly behind: Behind; readonly jitsi?: URL; readonly asks?: boolean },
): ForwardPlan | readonly Complaint[] {
  const complaints = asks ? planComplaints(config) : [];
  if (complaints.length > 0) return complaints;
  const { publicUrl, prefix, listen, open, machines } = config;
  return {
    behind,
    host: new URL(publicUrl).hostname,
    publicUrl,
    prefix,
    inner: from(new URL(config.listen.inner.url), behind),
    pages: from(new URL(`http://${bracketed(listen.public.host)}:${listen.public.port}`), behind),
    jitsi: {
      address: jitsi === undefined ? NAMES.web : hostAndPort(jitsi),
      tls: jitsi?.protocol === 'https:',
    },
    xmppDomain: config.jitsi.xmppDomain,
    openFiles: open.assets || open.dialIn,
    asked: ['/libs/external_api.min.js', '/static/authError.html', ...errorPage(config)],
    staged: config.insecureObserveOnly !== undefined || Object.keys(config.rollout).length > 0,
    machineHeaders: machines.flatMap(({ header }) => (header === undefined ? [] : [header.name])),
  };
}

/** The operator's own page for problems, where it is one of Jitsi's files. */
function errorPage({ pages, publicUrl }: Config): readonly string[] {
  if (pages.errorPage === undefined) return [];
  const { origin, pathname } = new URL(pages.errorPage, publicUrl);
  return origin === publicUrl ? [pathname] : [];
}

function planComplaints({ forwardAuth, trustedProxies }: Config): readonly Complaint[] {
  const complaints: Complaint[] = [];
  if (!forwardAuth.enabled)
    complaints.push({
      path: 'forwardAuth.enabled',
      wrong: 'is not on: nobody would answer the proxy',
      right: 'true',
    });
  if (trustedProxies.length === 0)
    complaints.push({
      path: 'trustedProxies',
      wrong: 'names nobody, and forwardAuth answers nobody else',
      right: 'the address that your proxy asks from, as 127.0.0.1',
    });
  return complaints;
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}

function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`;
}

/** Among containers by our service's name; from this machine by its own address. */
function from(url: URL, behind: Behind): string {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!isLoopback(host) && host !== '0.0.0.0' && host !== '::') return hostAndPort(url);
  return `${behind === 'docker' ? NAMES.ostiary : '127.0.0.1'}:${url.port === '' ? '80' : url.port}`;
}
