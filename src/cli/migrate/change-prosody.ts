/**
 * What changes in Prosody's files: the main host takes our tokens, the rooms compare them, the second doors are shut.
 *
 * Pure. Takes the lines from where `ostiary jitsi-config` has them, and says of each that cannot be put in its place.
 */

import { jitsiAdvice } from '../../config/jitsi-lines.ts';
import type { Config } from '../../config/load.ts';
import { MODULE_BY_HAND, moduleOptions, wantsModule } from './change-module.ts';
import { appended, commentedOut, type Edit, indentOf, linesOf } from './edit.ts';
import { type LuaOption, optionOf, readLua, textsOf } from './lua.ts';
import type { Source } from './reader.ts';
import { effective, modulesOf, type Placed, type Site } from './site.ts';
import { changeOf, type FileChange, type Step } from './step.ts';

interface Work {
  readonly edits: Map<Source, Edit[]>;
  readonly byHand: string[];
}

/** Lua's own form of a text. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** The step; its order in time is for whoever asks. */
export function prosodyStep(site: Site, config: Config): Step {
  const work: Work = { edits: new Map(), byHand: [] };
  const { main, muc } = site;
  if (main === undefined)
    work.byHand.push(
      `No file has VirtualHost "${site.xmppDomain}": write the lines that "ostiary jitsi-config --debian" prints.`,
    );
  else mainHost(site, main, { config, work });
  if (muc === undefined)
    work.byHand.push(
      `No file has Component "conference.${site.xmppDomain}" "muc": load token_verification and ${moderation(config)} there.`,
    );
  else rooms(muc, config, work);
  if (site.guest !== undefined) shutGuests(site.guest, work);
  if (main !== undefined && wantsModule(config)) ourModule(site, main, { config, work });
  accounts(site, config, work);
  const changes = [...work.edits].flatMap(([source, edits]) => checked(source, edits, work));
  return {
    title: 'Prosody takes tokens, and ours alone',
    why: 'From the restart of Prosody on nobody enters a room without a token. Until then nothing changes. Do this and the next two steps together.',
    changes,
    byHand: work.byHand,
    afterwards: changes.length + work.byHand.length > 0 ? ['systemctl restart prosody'] : [],
    back: 'put the file back and restart prosody',
  };
}

/** What is written has to be Lua still. */
function checked(source: Source, edits: readonly Edit[], { byHand }: Work): readonly FileChange[] {
  const changes = changeOf(source, edits);
  if (!changes.some(({ after }) => 'fault' in readLua(after))) return changes;
  byHand.push(
    `${source.path} is written in a way we cannot change: write the lines of "ostiary jitsi-config --debian".`,
  );
  return [];
}

function put(work: Work, source: Source, edit: Edit): void {
  work.edits.set(source, [...(work.edits.get(source) ?? []), edit]);
}

function moderation({ jitsi }: Config): string {
  return jitsi.roles === 'enforced' ? 'token_affiliation' : 'muc_allowners';
}

/** The lines of the main host, the lists that are there kept: others may be let in by them too. */
function wanted(site: Site, main: Placed, config: Config): ReadonlyMap<string, string> {
  const advice = jitsiAdvice(config, 'debian').files.find(({ where }) =>
    where.startsWith('under VirtualHost'),
  );
  const lines = new Map(
    (advice?.lines ?? []).map(({ text }) => {
      const at = text.indexOf(' = ');
      return [text.slice(0, at), text.slice(at + 3)] as const;
    }),
  );
  const { secret, appId, audience } = config.tokens;
  if (secret !== undefined) lines.set('app_secret', quoted(secret.reveal()));
  const kept = (name: string) => textsOf(effective(site, main, name)?.value);
  const audiences = kept('asap_accepted_audiences');
  if (audiences.length > 0) lines.set('asap_accepted_audiences', list([...audiences, audience]));
  // Others sign with the same secret, and any audience did until now.
  else if (secret !== undefined) lines.delete('asap_accepted_audiences');
  const issuers = kept('asap_accepted_issuers');
  if (issuers.length > 0 && !issuers.includes('*') && !issuers.includes(appId))
    lines.set('asap_accepted_issuers', list([...issuers, appId]));
  return lines;
}

function mainHost(
  site: Site,
  main: Placed,
  { config, work }: { readonly config: Config; readonly work: Work },
): void {
  const { source, section } = main;
  const lines = linesOf(source.text);
  const missing: string[] = [];
  for (const [name, value] of wanted(site, main, config)) {
    const option = optionOf(section, name);
    if (option !== undefined && isSame(option, value)) continue;
    if (option === undefined) missing.push(`${name} = ${value}`);
    else replace(option, `${name} = ${value}`, { source, work });
  }
  const unread = config.tokens.secret === undefined ? ['app_secret'] : ['asap_key_server', 'cache_keys_url'];
  for (const name of unread) {
    const option = optionOf(section, name);
    if (option !== undefined) takeOut(option, { source, work });
  }
  if (missing.length === 0) return;
  const indent = indentOf(lines[(section.options[0]?.first ?? 0) - 1]) || '    ';
  const behind = optionOf(section, 'authentication')?.last ?? section.last;
  put(work, source, { line: behind + 1, goes: 0, comes: missing.map((line) => indent + line) });
}

/** Does it say that already, however it is spaced? */
function isSame({ value }: LuaOption, wish: string): boolean {
  const read = readLua(`wish = ${wish}`);
  if ('fault' in read) return false;
  return JSON.stringify(read.sections[0]?.options[0]?.value) === JSON.stringify(value);
}

/** What stands before and behind an option on its lines; undefined where something else stands there too. */
function around(option: LuaOption, source: Source): { before: string; behind: string } | undefined {
  const lines = linesOf(source.text);
  const before = cut(lines[option.first - 1], 0, option.column);
  const behind = cut(lines[option.last - 1], option.endColumn);
  return before.trim() === '' && /^\s*;?\s*(?:--.*)?$/.test(behind) ? { before, behind } : undefined;
}

/** A part of a line by bytes, as the parser counts. */
function cut(line: string | undefined, from: number, to?: number): string {
  return Buffer.from(line ?? '', 'utf8')
    .subarray(from, to)
    .toString('utf8');
}

function replace(
  option: LuaOption,
  text: string,
  { source, work }: { readonly source: Source; readonly work: Work },
): void {
  const beside = around(option, source);
  const goes = option.last - option.first + 1;
  if (beside === undefined)
    work.byHand.push(
      `${source.path}, line ${option.first}: write ${masked(text)} in place of what stands there.`,
    );
  else put(work, source, { line: option.first, goes, comes: [beside.before + text + beside.behind] });
}

/** No secret is told, by hand neither. */
function masked(text: string): string {
  return text.replace(/^(app_secret) = .*$/s, '$1 = the secret of tokens.secret');
}

function takeOut(
  option: LuaOption,
  { source, work }: { readonly source: Source; readonly work: Work },
): void {
  const { first, last, name } = option;
  if (around(option, source) === undefined)
    work.byHand.push(`${source.path}, line ${first}: take ${name} out.`);
  else put(work, source, commentedOut(source.text, { first, last, mark: '--' }));
}

function rooms(muc: Placed, config: Config, work: Work): void {
  const { source, section } = muc;
  const loaded = modulesOf(muc);
  const isEnforced = config.jitsi.roles === 'enforced';
  const comes = ['token_verification', moderation(config)].filter((name) => !loaded.includes(name));
  // Who waits for a host waits at our door; the first of these makes owners of all who hold a token.
  const goes = ['muc_wait_for_host', ...(isEnforced ? ['muc_allowners'] : [])];
  const listed = optionOf(section, 'modules_enabled');
  const lines = linesOf(source.text);
  for (const { value, line } of listed?.items ?? []) {
    if (typeof value !== 'string' || !goes.includes(value)) continue;
    const isAlone = new RegExp(`^\\s*["']${value}["']\\s*[;,]?\\s*(?:--.*)?$`).test(lines[line - 1] ?? '');
    if (isAlone) put(work, source, commentedOut(source.text, { first: line, last: line, mark: '--' }));
    else work.byHand.push(`${source.path}, line ${line}: take "${value}" out of modules_enabled.`);
  }
  load(muc, comes, work);
}

/** Puts modules into the list of a section. */
function load({ source, section }: Placed, comes: readonly string[], work: Work): void {
  if (comes.length === 0) return;
  const listed = optionOf(section, 'modules_enabled');
  const lines = linesOf(source.text);
  if (listed === undefined) {
    const text = `    modules_enabled = { ${comes.map((name) => `"${name}";`).join(' ')} }`;
    put(work, source, { line: section.last + 1, goes: 0, comes: [text] });
  } else if (/\{\s*(?:--.*)?$/.test(lines[listed.first - 1] ?? '')) {
    const firstItem = listed.items[0]?.line ?? listed.first;
    const indent = indentOf(lines[firstItem - 1]) + (firstItem === listed.first ? '    ' : '');
    const all = comes.map((name) => `${indent}"${name}";`);
    put(work, source, { line: listed.first + 1, goes: 0, comes: all });
  } else
    work.byHand.push(
      `${source.path}, line ${listed.first}: add ${comes.map((name) => `"${name}";`).join(' ')} to modules_enabled.`,
    );
}

/** Its options stand before every host, and the main one loads it. */
function ourModule(
  site: Site,
  main: Placed,
  { config, work }: { readonly config: Config; readonly work: Work },
): void {
  const tops = site.prosody.map(({ source, file }) => ({ source, section: file.sections[0] }));
  const missing: string[] = [];
  for (const [name, value] of moduleOptions(config)) {
    const place = tops.findLast(({ section }) => optionOf(section, name) !== undefined);
    const option = optionOf(place?.section, name);
    // Folders that are there stay: Jitsi's own modules are in one.
    const wish = name === 'plugin_paths' ? list([...textsOf(option?.value), ...textsIn(value)]) : value;
    if (option === undefined || place === undefined) missing.push(`${name} = ${wish}`);
    else if (!isSame(option, wish)) replace(option, `${name} = ${wish}`, { source: place.source, work });
  }
  const top = tops.find(({ source }) => source === main.source)?.section;
  const line = optionOf(top, 'plugin_paths')?.last ?? 0;
  if (missing.length > 0) put(work, main.source, { line: line + 1, goes: 0, comes: missing });
  if (modulesOf(main).includes('ostiary')) return;
  load(main, ['ostiary'], work);
  work.byHand.push(...MODULE_BY_HAND);
}

/** The texts of a list as it is written. */
function textsIn(value: string): readonly string[] {
  const read = readLua(`list = ${value}`);
  return 'fault' in read ? [] : textsOf(read.sections[0]?.options[0]?.value);
}

function list(texts: readonly string[]): string {
  return `{ ${[...new Set(texts)].map(quoted).join(', ')} }`;
}

function shutGuests({ source, section }: Placed, work: Work): void {
  const { first, end } = section;
  put(work, source, commentedOut(source.text, { first, last: end, mark: '--' }));
}

/** Accounts that Prosody keeps need a host that takes passwords. */
function accounts(site: Site, { providers }: Config, work: Work): void {
  const domains = providers.flatMap(({ prosody }) => prosody?.domain ?? []);
  const hosts = site.prosody.flatMap(({ file }) => file.sections.map(({ name }) => name));
  const kind = effective(site, site.main, 'authentication')?.value;
  for (const domain of domains.filter((one) => !hosts.includes(one))) {
    const source = site.main?.source;
    const how = typeof kind === 'string' && kind.startsWith('internal_') ? kind : 'internal_hashed';
    if (source === undefined) continue;
    put(
      work,
      source,
      appended(source.text, ['', `VirtualHost ${quoted(domain)}`, `    authentication = ${quoted(how)}`]),
    );
    work.byHand.push(
      `Copy the accounts: cd /var/lib/prosody && install -d -o prosody -g prosody ${folder(domain)} && cp -rp ${folder(site.xmppDomain)}/accounts ${folder(domain)}/`,
    );
  }
}

/** @see Prosody, util/datamanager: names of folders */
function folder(domain: string): string {
  return domain.replace(
    /[^A-Za-z0-9]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
