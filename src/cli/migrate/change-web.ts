/**
 * What changes at the web server: our pages are on the host of the meetings, and what signed people in before is
 * no longer reached. Pure.
 */
import { dirname, join } from 'node:path';
import { jitsiAdvice } from '../../config/jitsi-lines.ts';
import type { Config } from '../../config/load.ts';
import { commentedOut, type Edit, indentOf, linesOf } from './edit.ts';
import { type Directive, everyDirective } from './nginx.ts';
import type { Source } from './reader.ts';
import type { Site, WebFile } from './site.ts';
import { changeOf, type FileChange, type Step } from './step.ts';

const MARK = '#';

/** Paths under which a predecessor of ours is reached at the web server. */
const OLD_PATHS = [
  /^\^?\/login\b/,
  /^\^?\/logout\b/,
  /^\^?\/Shibboleth\.sso/i,
  /^\^?\/shibboleth-sp\b/,
  /^=?\^?\/shibauthorizer\b/,
  /^\^?\/oidc(?:\/|$|\b)/,
  /^\^?\/static\/oidc-(?:adapter|redirect)\.html/,
  /^\^?\/(?:generateToken|getToken|redirectWithToken|validateToken)\b/,
];

/** The step. */
export function webStep(site: Site, config: Config, sources: readonly Source[]): Step {
  const edits = new Map<WebFile, Edit[]>();
  const byHand: string[] = [];
  for (const web of site.web) edits.set(web, [...shutOld(web, { site, config, byHand })]);
  const made = ourPages(site, config, { sources, edits, byHand });
  const changes = [...made, ...[...edits].flatMap(([{ source }, all]) => changeOf(source, all))];
  const apache = site.web.some(({ kind }) => kind === 'apache');
  return {
    title: 'Our pages are on the host of the meetings',
    why: `The web server passes ${config.prefix}/ on to us, and nothing to what signed people in before.`,
    changes,
    byHand,
    afterwards:
      changes.length === 0
        ? []
        : [
            apache
              ? 'a2enmod proxy_http headers && apachectl configtest && systemctl reload apache2'
              : 'nginx -t && systemctl reload nginx',
          ],
    back: 'put the files back, take the new one away, reload the web server',
  };
}

/** Blocks of what was here before, taken out; lines that share theirs with something else are for a person. */
function* shutOld(
  { source, kind, directives }: WebFile,
  { site, config, byHand }: { readonly site: Site; readonly config: Config; readonly byHand: string[] },
): Generator<Edit> {
  const isJitsis = site.client !== undefined && dirname(source.path) === jaasFolder(site.client.source);
  for (const { directive, above } of everyDirective(directives)) {
    const { name, words, first, last, inside } = directive;
    // Another site has a /login of its own.
    if (!isJitsis && !above.some((outer) => isServer(outer) && isOf(outer, site.host))) continue;
    if (!/^(?:location|Location|LocationMatch)$/.test(name) || inside === undefined) continue;
    if (above.some((outer) => /^location/i.test(outer.name))) continue;
    const path = words.at(-1) ?? '';
    if (!OLD_PATHS.some((old) => old.test(path)) || !isReachedElsewhere(directive, kind)) continue;
    if (isOurs(directive, config)) continue;
    const lines = linesOf(source.text);
    const isAlone =
      /^\s*(?:location|<Location)/i.test(lines[first - 1] ?? '') &&
      /^\s*(?:\}|<\/)[^{]*$/.test(lines[last - 1] ?? '');
    if (isAlone) yield commentedOut(source.text, { first, last, mark: MARK });
    else byHand.push(`${source.path}, line ${first}: take the location ${path} out.`);
  }
}

/** Where Jitsi's own site looks for more. */
function jaasFolder({ path }: Source): string {
  return join(dirname(path), 'jaas');
}

function isServer({ name }: Directive): boolean {
  return /^(?:server|VirtualHost)$/i.test(name);
}

/** Does something answer there that is not Jitsi's own? A file it only serves may stay. */
function isReachedElsewhere({ inside = [] }: Directive, kind: WebFile['kind']): boolean {
  const tells =
    kind === 'nginx'
      ? /^(?:proxy_pass|fastcgi_pass|include|shib_request|alias|internal)$/
      : /^(?:ProxyPass|SetHandler|AuthType|Require|ShibRequestSetting|ShibRequireSession)$/i;
  return inside.some(({ name }) => tells.test(name));
}

/** Does it lead to us? */
function isOurs({ inside = [] }: Directive, { listen }: Config): boolean {
  const ours = new RegExp(`^http://(?:127\\.0\\.0\\.1|localhost|ostiary):${listen.public.port}(?:/|$)`);
  return inside.some(({ name, words }) => /^proxy_?pass$/i.test(name) && ours.test(words[0] ?? ''));
}

interface Parts {
  readonly sources: readonly Source[];
  readonly edits: Map<WebFile, Edit[]>;
  readonly byHand: string[];
}

function ourPages(site: Site, config: Config, { sources, edits, byHand }: Parts): readonly FileChange[] {
  const advice = jitsiAdvice(config, 'debian').files.find(({ file }) => file.endsWith('jaas/ostiary.conf'));
  if (advice === undefined) return [];
  const text = advice.lines.map(({ text: block }) => block).join('\n\n');
  const server = serverOf(site);
  if (server !== undefined && mentions(site, server.web, config)) return [];
  if (server?.web.kind === 'apache') {
    edits.get(server.web)?.push(insideOf(server, apacheLines(config)));
    return [];
  }
  const jaas = site.client && join(jaasFolder(site.client.source), 'ostiary.conf');
  const includes = server?.block.inside?.some(
    ({ name, words }) => name === 'include' && /\/jaas\/\*\.conf$/.test(words[0] ?? ''),
  );
  if (includes && jaas !== undefined) {
    const there = sources.find(({ path }) => path === jaas);
    if (there?.text === `${text}\n`) return [];
    return [{ file: jaas, ...(there && { before: there.text }), after: `${text}\n` }];
  }
  if (server !== undefined) edits.get(server.web)?.push(insideOf(server, text.split('\n')));
  else
    byHand.push(
      'The web server of the meetings is not here: write the lines for it that "ostiary jitsi-config --debian" prints.',
    );
  return [];
}

/** Where nginx answers for the host and reads no file of ours from the folder `jaas`: the line of its name. */
export function blockWithoutOurs(site: Site): { readonly file: string; readonly line: number } | undefined {
  const server = serverOf(site);
  if (server === undefined || server.web.kind !== 'nginx') return undefined;
  const { web, block } = server;
  const includes = block.inside?.some(
    ({ name, words }) => name === 'include' && /\/jaas\/(?:\*|ostiary)\.conf$/.test(words[0] ?? ''),
  );
  // Written into the block itself it is there too, and a second one would stop nginx.
  const isInside = [...everyDirective(block.inside ?? [])].some(
    ({ directive: { name, words } }) => name === 'location' && words.at(-1) === '/_ostiary/',
  );
  return includes || isInside
    ? undefined
    : { file: web.source.path, line: nameOf(block)?.last ?? block.first };
}

/** Does it lead to our pages already? */
function mentions(site: Site, web: WebFile, { prefix }: Config): boolean {
  return [...everyDirective(web.directives)].some(
    ({ directive: { name, words } }) => /^location$/i.test(name) && words.at(-1) === `${prefix}/`,
  );
}

interface Server {
  readonly web: WebFile;
  readonly block: Directive;
}

/** The block that answers with TLS for the host. */
function serverOf({ web, host }: Site): Server | undefined {
  const all = web.flatMap((one) =>
    [...everyDirective(one.directives)]
      .filter(({ directive }) => isServer(directive))
      .map(({ directive }) => ({ web: one, block: directive })),
  );
  return all.find(({ block }) => isOf(block, host) && speaksTls(block));
}

function isOf({ inside = [] }: Directive, host: string): boolean {
  return inside.some(
    ({ name, words }) => /^(?:server_name|ServerName|ServerAlias)$/i.test(name) && words.includes(host),
  );
}

function speaksTls({ inside = [], words }: Directive): boolean {
  return (
    words.some((word) => /:443$/.test(word)) ||
    inside.some(
      ({ name, words: said }) =>
        (name === 'listen' && said.some((word) => word === 'ssl' || /(?:^|:)443$/.test(word))) ||
        /^(?:ssl_certificate|SSLCertificateFile)$/i.test(name),
    )
  );
}

function nameOf({ inside = [] }: Directive): Directive | undefined {
  return inside.find(({ name }) => /^(?:server_name|ServerName)$/i.test(name));
}

/** Behind the name of the host, in the block's own indentation. */
function insideOf({ web, block }: Server, comes: readonly string[]): Edit {
  const line = nameOf(block)?.last ?? block.first;
  const indent = indentOf(linesOf(web.source.text)[line - 1]);
  return { line: line + 1, goes: 0, comes: comes.map((one) => (one === '' ? '' : indent + one)) };
}

/** @see Apache httpd, mod_proxy, mod_headers */
function apacheLines({ prefix, listen, publicUrl, saml }: Config): readonly string[] {
  const upstream = `http://127.0.0.1:${listen.public.port}`;
  const scheme = new URL(publicUrl).protocol.slice(0, -1);
  const paths = [`${prefix}/`, ...(saml.shibbolethPaths ? ['/Shibboleth.sso/'] : [])];
  return paths.flatMap((path) => [
    `<Location "${path}">`,
    `    ProxyPass "${upstream}${path}"`,
    '    ProxyPreserveHost On',
    `    RequestHeader set X-Forwarded-Proto "${scheme}"`,
    '</Location>',
  ]);
}
