/**
 * A Jitsi from Debian packages, put together from its files: which says what, and where.
 *
 * Pure. What a file says is taken as it stands; nothing is filled in that does not follow from it.
 */
import { basename, dirname } from 'node:path';
import { isProblem } from '../../base/problem.ts';
import { type JitsiValues, readConfigJs } from '../../gateway/config-js.ts';
import { type HoconFile, hoconAt, readHocon } from './hocon.ts';
import { type LuaFile, type LuaOption, type LuaSection, optionOf, readLua } from './lua.ts';
import { type Directive, everyDirective, readApache, readNginx } from './nginx.ts';
import { type Property, readProperties } from './properties.ts';
import type { Source, Told } from './reader.ts';

/** A section of one of Prosody's files. */
export interface Placed {
  readonly source: Source;
  readonly section: LuaSection;
}

/** A web server's file. */
export interface WebFile {
  readonly source: Source;
  readonly kind: 'nginx' | 'apache';
  readonly directives: readonly Directive[];
}

/** What belongs together under one host name. */
export interface Site {
  /** Under which people know it. */
  readonly host: string;
  readonly xmppDomain: string;
  readonly client?: { readonly source: Source; readonly values: JitsiValues };
  readonly prosody: readonly { readonly source: Source; readonly file: LuaFile }[];
  readonly main?: Placed;
  readonly muc?: Placed;
  readonly guest?: Placed;
  readonly jicofo?: { readonly source: Source; readonly file: HoconFile };
  readonly legacy?: { readonly source: Source; readonly properties: readonly Property[] };
  readonly web: readonly WebFile[];
  /** What could not be read as what its name says. */
  readonly broken: readonly Told[];
}

/** What one look at the files gave. */
export type Looked =
  | { readonly site: Site }
  | { readonly none: true }
  | { readonly hosts: readonly string[] };

interface Read {
  readonly clients: { source: Source; host: string; values: JitsiValues }[];
  readonly prosody: { source: Source; file: LuaFile }[];
  readonly jicofo: { source: Source; file: HoconFile }[];
  readonly legacy: { source: Source; properties: readonly Property[] }[];
  readonly web: WebFile[];
  readonly broken: Told[];
}

/** Puts a Jitsi together. Where there are several, `wanted` says which; without it their hosts are told. */
export function lookForSite(sources: readonly Source[], wanted?: string): Looked {
  const read = readAll(sources);
  const jicofo = read.jicofo[0];
  const named = jicofo && hoconAt(jicofo.file, 'jicofo.xmpp.client.xmpp-domain')?.value;
  const hosts = hostsOf(read);
  const host = hosts.find((one) => one === (wanted ?? named)) ?? (hosts.length === 1 ? hosts[0] : undefined);
  const isThere = read.prosody.length + read.jicofo.length + read.legacy.length + read.clients.length > 0;
  if (host === undefined && hosts.length > 1) return { hosts };
  if (!isThere) return { none: true };
  return { site: siteOf(read, wanted ?? host ?? named ?? '') };
}

function hostsOf({ clients, prosody }: Read): readonly string[] {
  if (clients.length > 0) return [...new Set(clients.map(({ host }) => host))];
  const sections = prosody.flatMap(({ file }) => file.sections);
  const rooms = new Set(sections.filter(({ type }) => type === 'muc').map(({ name }) => name));
  const hosts = sections.filter(
    ({ kind, name }) => kind === 'VirtualHost' && rooms.has(`conference.${name}`),
  );
  return [...new Set(hosts.map(({ name }) => name))];
}

function siteOf(read: Read, host: string): Site {
  const client = read.clients.find((one) => one.host === host);
  const domain = client?.values.hosts.domain ?? host;
  const placed = read.prosody.flatMap(({ source, file }) =>
    file.sections.map((section) => ({ source, section })),
  );
  const called = (kind: LuaSection['kind'], ...names: readonly (string | undefined)[]) =>
    placed.findLast(({ section }) => section.kind === kind && names.includes(section.name));
  const main = called('VirtualHost', domain);
  const guest = called('VirtualHost', client?.values.hosts.anonymousdomain ?? `guest.${domain}`);
  const muc = called('Component', client?.values.hosts.muc ?? `conference.${domain}`);
  const [jicofo] = read.jicofo;
  const [legacy] = read.legacy;
  return {
    host,
    xmppDomain: domain,
    prosody: read.prosody,
    web: read.web.filter((one) => isOf(one, host)),
    broken: read.broken,
    ...(client && { client }),
    ...(main && { main }),
    ...(muc && { muc }),
    ...(guest && guest !== main && { guest }),
    ...(jicofo && { jicofo }),
    ...(legacy && { legacy }),
  };
}

/** Does this file of the web server speak of the host? What is included names none. */
function isOf({ directives }: WebFile, host: string): boolean {
  const names = [...everyDirective(directives)]
    .filter(({ directive: { name } }) =>
      ['server_name', 'servername', 'serveralias'].includes(name.toLowerCase()),
    )
    .flatMap(({ directive }) => directive.words);
  return names.length === 0 || names.includes(host);
}

function readAll(sources: readonly Source[]): Read {
  const read: Read = { clients: [], prosody: [], jicofo: [], legacy: [], web: [], broken: [] };
  for (const source of sources) readOne(source, read);
  return read;
}

function readOne(source: Source, read: Read): void {
  const { path, text } = source;
  const name = basename(path);
  const isBroken = (as: string, { fault, line }: { readonly fault: string; readonly line: number }) =>
    read.broken.push({ file: path, line, says: `cannot be read as ${as}: ${fault}` });
  if (name.endsWith('.cfg.lua')) {
    const file = readLua(text);
    if ('fault' in file) isBroken('Lua', file);
    else read.prosody.push({ source, file });
  } else if (name === 'jicofo.conf') {
    const file = readHocon(text);
    if ('fault' in file) isBroken('HOCON', file);
    else read.jicofo.push({ source, file });
  } else if (name === 'sip-communicator.properties') {
    // Jigasi and the videobridge have a file of this name too.
    const properties = readProperties(text);
    if (dirname(path).endsWith('jicofo') || properties.some(({ key }) => key.startsWith('org.jitsi.jicofo.')))
      read.legacy.push({ source, properties });
  } else if (/.-config\.js$/.test(name) && name !== 'custom-config.js') readClient(source, read);
  else if (name.endsWith('.conf') && name !== 'saslauthd.conf') readWeb(source, read, isBroken);
}

function readClient(source: Source, read: Read): void {
  const host = basename(source.path).replace(/-config\.js$/, '');
  try {
    const values = readConfigJs(filledIn(source.text), { host }).values();
    read.clients.push({ source, host, values });
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    const why = String(thrown.facts['why'] ?? thrown.code);
    read.broken.push({ file: source.path, says: `cannot be read as a script: ${why}` });
  }
}

/** What nginx fills in, filled in as for no tenant. @see nginx, ngx_http_ssi_module, `echo` */
export function filledIn(script: string): string {
  return script.replace(/<!--#\s*echo\s+var="\w+"(?:\s+default="([^"]*)")?\s*-->/g, '$1');
}

function readWeb(
  source: Source,
  read: Read,
  isBroken: (as: string, fault: { readonly fault: string; readonly line: number }) => void,
): void {
  const { path, text } = source;
  const isApache =
    /^\s*<(?:VirtualHost|Location|IfModule|Directory)\b/im.test(text) || /\/apache2\//.test(path);
  const isNginx = /\b(?:server|location|proxy_pass)\b/.test(text);
  if (!isApache && !isNginx) return;
  const kind = isApache ? 'apache' : 'nginx';
  const file = isApache ? readApache(text) : readNginx(text);
  if ('fault' in file) isBroken(kind === 'apache' ? "Apache's configuration" : "nginx's configuration", file);
  else read.web.push({ source, kind, directives: file.directives });
}

/** What holds for a host or component: what it says itself, else what stands before all of them. */
export function effective(
  { prosody }: Site,
  placed: Placed | undefined,
  name: string,
): LuaOption | undefined {
  const own = optionOf(placed?.section, name);
  if (own !== undefined) return own;
  return prosody
    .map(({ file }) => optionOf(file.sections[0], name))
    .findLast((option) => option !== undefined);
}

/** Modules that are loaded there. */
export function modulesOf(placed: Placed | undefined): readonly string[] {
  const listed = optionOf(placed?.section, 'modules_enabled');
  return (listed?.items ?? []).map(({ value }) => value).filter((value) => typeof value === 'string');
}
