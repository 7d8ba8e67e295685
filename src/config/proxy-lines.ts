/**
 * How another part of a Jitsi reaches us, and what its web server has to say so that our pages are on its host.
 *
 * Pure: the configuration in, files with lines and reasons out.
 */
import { isIP } from 'node:net';
import type { Config } from './finish.ts';
import { isGateway } from './gateway-lines.ts';
import type { Install, JitsiFile, JitsiLine } from './jitsi-lines.ts';
import { isLoopback } from './loopback.ts';

const WHY = {
  shibboleth:
    'Where identity providers know the service provider that was here before us (saml.shibbolethPaths).',
  proxy: 'Our own pages, on the host of the meetings; "^~" puts this before the pattern for rooms.',
} as const;

/** The address as another part of that installation reaches it. */
export function reached(url: URL, install: Install): string {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const unspecific = isLoopback(host) || host === '0.0.0.0' || host === '::';
  if (!unspecific) return url.origin;
  return `${url.protocol}//${install === 'docker' ? 'ostiary' : '127.0.0.1'}:${url.port === '' ? '80' : url.port}`;
}

function listenerUrl({ host, port }: Config['listen']['public']): URL {
  return new URL(`http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`);
}

/** What leads to our own pages. Needed only where Jitsi's web server has our pages on its host; as a gateway we are that host ourselves, and a proxy that asks us has a file of its own. */
export function proxyFile(config: Config, file: string, install: Install): readonly JitsiFile[] {
  if (config.publicUrl !== config.jitsi.url || isGateway(config) || config.forwardAuth.enabled) return [];
  const upstream = reached(listenerUrl(config.listen.public), install);
  const lines: JitsiLine[] = [
    { text: location(config, `${config.prefix}/`, { upstream, install }), why: WHY.proxy },
  ];
  if (config.saml.shibbolethPaths)
    lines.push({ text: location(config, '/Shibboleth.sso/', { upstream, install }), why: WHY.shibboleth });
  return [{ file, where: 'a file of its own', comment: '#', lines }];
}

function location(
  config: Config,
  path: string,
  { upstream, install }: { readonly upstream: string; readonly install: Install },
): string {
  return [
    `location ^~ ${path} {`,
    // As a variable the name is looked up when somebody comes: otherwise Jitsi's nginx would not start without us.
    ...(install === 'docker'
      ? [`    set $ostiary ${upstream};`, '    proxy_pass $ostiary;']
      : [`    proxy_pass ${upstream};`]),
    '    proxy_http_version 1.1;',
    '    proxy_set_header Host $http_host;',
    '    proxy_set_header X-Forwarded-For $remote_addr;',
    `    proxy_set_header X-Forwarded-Proto ${new URL(config.publicUrl).protocol.slice(0, -1)};`,
    // The answer that leads into the room holds a token of up to 4 kB; nginx's own buffer may be as small.
    '    proxy_buffer_size 16k;',
    '    proxy_buffers 4 16k;',
    '}',
  ].join('\n');
}
