/**
 * What changes in the files of a docker-jitsi-meet so that it asks us and believes us. Pure.
 */
import { join } from 'node:path';
import { type JitsiFile, jitsiAdvice } from '../../config/jitsi-lines.ts';
import type { Config } from '../../config/load.ts';
import { moduleByHandIn, moduleEnv, wantsModule } from './change-module.ts';
import { appended, commentedOut, type Edit, linesOf } from './edit.ts';
import { envFile, settingOf } from './env.ts';
import { commaList, type DockerSite } from './from-docker.ts';
import type { Source } from './reader.ts';
import { changeOf, type Step } from './step.ts';

/** Modules that let in or raise up whom we did not. */
const NOT_BESIDE_US = ['muc_wait_for_host', 'muc_allowners'];

/** The steps, in the order they are taken. `isThere` tells whether the containers' folder is on this machine. */
export function dockerSteps(
  site: DockerSite,
  config: Config,
  { sources, isThere }: { readonly sources: readonly Source[]; readonly isThere: boolean },
): readonly Step[] {
  const { files } = jitsiAdvice(config, 'docker');
  const called = (name: string) => files.find(({ file }) => file.endsWith(name));
  const parts = { site, sources, isThere };
  return [
    besidesStep(called('nginx-custom/ostiary.conf'), parts),
    accountsStep(config, parts),
    clientStep(called('custom-config.js'), parts),
    envStep(called('.env'), site, config),
  ].filter((step) => step !== undefined);
}

interface Parts {
  readonly site: DockerSite;
  readonly sources: readonly Source[];
  readonly isThere: boolean;
}

function textOf({ lines }: JitsiFile): string {
  return `${lines.map(({ text }) => text).join('\n')}\n`;
}

/** A file of our own in the containers' folder; by hand where that is not here. */
function ownFile(
  name: string,
  after: string,
  { site, sources, isThere }: Parts,
): Pick<Step, 'changes' | 'byHand'> {
  const file = join(site.folder, name);
  const there = sources.find(({ path }) => path === file);
  if (!isThere)
    return {
      changes: [],
      byHand: [
        `${site.folder} is not on this machine: make ${name} there, as "ostiary jitsi-config --docker" prints it.`,
      ],
    };
  if (there?.text === after) return { changes: [], byHand: [] };
  return { changes: [{ file, ...(there && { before: there.text }), after }], byHand: [] };
}

function besidesStep(advice: JitsiFile | undefined, parts: Parts): Step | undefined {
  if (advice === undefined) return undefined;
  return {
    title: 'Our pages are on the host of the meetings',
    why: 'The container web passes them on to ours. It reads the file at its next start, and nothing else changes.',
    ...ownFile('web/nginx-custom/ostiary.conf', textOf(advice), parts),
    back: 'take the file away',
  };
}

/** Accounts that Prosody keeps need a host that takes passwords. */
function accountsStep({ providers }: Config, parts: Parts): Step | undefined {
  const domain = providers.flatMap(({ prosody }) => prosody?.domain ?? [])[0];
  if (domain === undefined) return undefined;
  const text = `VirtualHost "${domain}"\n    authentication = "internal_hashed"\n`;
  const made = ownFile('prosody/config/conf.d/ostiary-people.cfg.lua', text, parts);
  const folder = (name: string) => encodeURIComponent(name).replaceAll('.', '%2e').toLowerCase();
  return {
    title: 'The accounts have a host of their own',
    why: 'The main host takes tokens from now on, so that passwords need another one, which nobody enters meetings by.',
    changes: made.changes,
    byHand: [
      ...made.byHand,
      ...(made.changes.length > 0
        ? [
            `Copy the accounts: cd ${parts.site.folder}/prosody/config/data && mkdir -p ${folder(domain)} && cp -rp ${folder(parts.site.xmppDomain)}/accounts ${folder(domain)}/`,
          ]
        : []),
    ],
    back: 'take the file away; the accounts where they were are untouched',
  };
}

function clientStep(advice: JitsiFile | undefined, { site, sources, isThere }: Parts): Step | undefined {
  if (advice === undefined) return undefined;
  const file = join(site.folder, 'web/custom-config.js');
  const there = sources.find(({ path }) => path === file);
  const wanted = advice.lines.map(({ text }) => text);
  const title = 'The sign-out of the web client leads to us';
  const why = 'It is read at the next start of the container web. What stands in it wins over .env.';
  const back = 'put the file back';
  if (!isThere || there === undefined) {
    const own = ownFile('web/custom-config.js', `${wanted.join('\n')}\n`, { site, sources, isThere });
    return { title, why, back, ...own };
  }
  const lines = linesOf(there.text);
  const edits: Edit[] = [];
  for (const [at, line] of lines.entries()) {
    const name =
      /^\s*config\.(tokenAuthUrl|tokenLogoutUrl|hosts\.anonymousdomain)\s*=.*;\s*(?:\/\/.*)?$/.exec(
        line,
      )?.[1];
    if (name !== undefined && !wanted.includes(line.trim()))
      edits.push(commentedOut(there.text, { first: at + 1, last: at + 1, mark: '//' }));
  }
  const missing = wanted.filter((one) => !lines.some((line) => line.trim() === one));
  if (missing.length > 0) edits.push(appended(there.text, missing));
  return { title, why, back, changes: changeOf(there, edits), byHand: [] };
}

function envStep(advice: JitsiFile | undefined, site: DockerSite, config: Config): Step {
  const { source, values } = site;
  const { secret, appId, audience } = config.tokens;
  const wanted = new Map<string, string>();
  for (const { text } of advice?.lines ?? []) {
    const at = text.indexOf('=');
    wanted.set(text.slice(0, at), text.slice(at + 1));
  }
  if (secret !== undefined) wanted.set('JWT_APP_SECRET', inEnv(secret.reveal()));
  const union = (name: string, added: readonly string[], without: readonly string[] = []) =>
    wanted.set(
      name,
      [...new Set([...commaList(values[name]), ...added])].filter((one) => !without.includes(one)).join(','),
    );
  if (secret !== undefined) {
    union('JWT_ACCEPTED_ISSUERS', [appId]);
    if (values['JWT_ACCEPTED_AUDIENCES']) union('JWT_ACCEPTED_AUDIENCES', [audience]);
    // Others sign with the same secret, and any audience did until now.
    else wanted.delete('JWT_ACCEPTED_AUDIENCES');
  }
  const modules = commaList(wanted.get('XMPP_MUC_MODULES'));
  union(
    'XMPP_MUC_MODULES',
    modules,
    NOT_BESIDE_US.filter((one) => !modules.includes(one)),
  );
  if (wantsModule(config)) {
    union('GLOBAL_MODULES', ['ostiary']);
    wanted.set('GLOBAL_CONFIG', inEnv(withModule(values['GLOBAL_CONFIG'], moduleEnv(config))));
  }
  const files = values['COMPOSE_FILE'] ?? 'docker-compose.yml';
  if (!files.includes('compose.ostiary.yaml')) wanted.set('COMPOSE_FILE', `${files}:compose.ostiary.yaml`);
  const changes = changeOf(source, envEdits(source, wanted, secret === undefined));
  return {
    title: 'Prosody takes tokens, and ours alone; Jicofo signs nobody in; the web client sends people to us',
    why: 'From the next start of the containers on nobody enters a room without a token. Until then nothing changes.',
    changes,
    byHand: changes.length > 0 && wantsModule(config) ? moduleByHandIn(site.folder) : [],
    afterwards: changes.length > 0 ? ['docker compose up -d --force-recreate'] : [],
    back: 'put the file back, then docker compose up -d --force-recreate',
  };
}

/** What stands there stays; what a quoted value had as line ends, docker-jitsi-meet wants written. */
function withModule(there: string | undefined, ours: string): string {
  const before = (there ?? '').replaceAll('\n', '\\n');
  if (before.includes('ostiary_url')) return before;
  return before === '' ? ours : `${before}\\n${ours}`;
}

/** A value as docker compose reads it back: in single quotes nothing is expanded. */
function inEnv(value: string): string {
  return /^[A-Za-z0-9_.:/@+=,-]*$/.test(value) ? value : `'${value.replaceAll("'", "\\'")}'`;
}

function envEdits(source: Source, wanted: ReadonlyMap<string, string>, ownKeys: boolean): readonly Edit[] {
  const there = envFile(source.text);
  const edits: Edit[] = [];
  const missing: string[] = [];
  for (const [name, value] of wanted) {
    if (there[name] !== undefined && there[name] === envFile(`${name}=${value}`)[name]) continue;
    const set = settingOf(source.text, name);
    if (set === undefined) missing.push(`${name}=${value}`);
    else edits.push({ line: set.first, goes: set.last - set.first + 1, comes: [`${name}=${value}`] });
  }
  for (const name of [ownKeys ? 'JWT_APP_SECRET' : 'JWT_ASAP_KEYSERVER', 'PROSODY_AUTH_TYPE']) {
    const set = wanted.has(name) ? undefined : settingOf(source.text, name);
    if (set !== undefined) edits.push(commentedOut(source.text, { ...set, mark: '#' }));
  }
  if (missing.length > 0) edits.push(appended(source.text, ['', '# Ostiary', ...missing]));
  return edits;
}

/** Files of the containers that are looked at beside what was named. */
export function dockerFolders({ folder }: DockerSite): readonly string[] {
  return [
    join(folder, 'web', 'custom-config.js'),
    join(folder, 'web', 'nginx-custom'),
    join(folder, 'prosody', 'config', 'conf.d'),
  ];
}
