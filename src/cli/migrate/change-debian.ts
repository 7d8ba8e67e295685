/**
 * What changes in the files of a Jitsi from Debian packages so that it asks us and believes us. Pure.
 */
import { isProblem } from '../../base/problem.ts';
import { jitsiAdvice } from '../../config/jitsi-lines.ts';
import type { Config } from '../../config/load.ts';
import { LUA_PACKAGES } from '../../config/prosody-lines.ts';
import { type JitsiValues, readConfigJs } from '../../gateway/config-js.ts';
import { prosodyStep } from './change-prosody.ts';
import { webStep } from './change-web.ts';
import { appended, commentedOut, type Edit, edited, linesOf } from './edit.ts';
import { hoconAt, readHocon } from './hocon.ts';
import type { Source } from './reader.ts';
import { effective, filledIn, type Site } from './site.ts';
import { changeOf, type FileChange, type Step } from './step.ts';

/** The steps, in the order they are taken. */
export function debianSteps(site: Site, config: Config, sources: readonly Source[]): readonly Step[] {
  return [
    webStep(site, config, sources),
    ...packagesStep(site),
    prosodyStep(site, config),
    jicofoStep(site, config),
    clientStep(site, config),
  ];
}

/** A Prosody that takes tokens today has them. */
function packagesStep(site: Site): readonly Step[] {
  const kind = effective(site, site.main, 'authentication')?.value;
  if (kind === 'token' || kind === 'hybrid_matrix_token') return [];
  return [
    {
      title: 'Prosody has the libraries that tokens need',
      why: "Jitsi's token modules load all four, whether we sign with keys or with a shared secret. Where one is missing Prosody lets nobody in from its restart on.",
      changes: [],
      byHand: [
        LUA_PACKAGES,
        "See that Prosody's Lua finds them; on Debian 12 two have to be copied (docs/how-to/debian.md#prosodys-lua).",
      ],
      back: 'they may stay',
    },
  ];
}

/** Keys of Jicofo's old file that go before the new one, and speak of what is no longer Jicofo's. */
const LEGACY = /^org\.jitsi\.jicofo\.(?:auth\..*|DISABLE_AUTO_OWNER)$/;

function jicofoStep(site: Site, config: Config): Step {
  const { jicofo, legacy } = site;
  const byHand: string[] = [];
  const changes: FileChange[] = [];
  if (jicofo === undefined)
    byHand.push('jicofo.conf is not here: write the lines that "ostiary jitsi-config --debian" prints.');
  else changes.push(...jicofoConf(jicofo, config, byHand));
  if (legacy !== undefined) {
    const { source, properties } = legacy;
    const goes = properties.filter(({ key }) => LEGACY.test(key));
    const edits = goes.map(({ first, last }) => commentedOut(source.text, { first, last, mark: '#' }));
    changes.push(...changeOf(source, edits));
  }
  return {
    title: 'Jicofo signs nobody in, and makes nobody a moderator by itself',
    why: 'Otherwise Jicofo makes everybody with a token a moderator, whatever the token says.',
    changes,
    byHand,
    afterwards: changes.length > 0 ? ['systemctl restart jicofo'] : [],
    back: 'put the files back and restart jicofo',
  };
}

/** Jicofo does not start with a type it does not know. */
function jicofoConf(
  { source, file }: NonNullable<Site['jicofo']>,
  config: Config,
  byHand: string[],
): readonly FileChange[] {
  const lines = linesOf(source.text);
  const edits: Edit[] = [];
  const takeOut = file.values.filter(
    ({ path, value }) =>
      path === 'jicofo.authentication.logout-url' ||
      (path === 'jicofo.authentication.type' && value?.toUpperCase() === 'SHIBBOLETH') ||
      (path === 'jicofo.authentication.login-url' && value?.startsWith('shibboleth:')),
  );
  for (const { line, path } of takeOut) {
    const name = path.split('.').at(-1);
    const isAlone = new RegExp(`^\\s*(?:[\\w.-]+\\.)?${name}\\s*[:=][^{},]*,?\\s*(?:(?:#|//).*)?$`).test(
      lines[line - 1] ?? '',
    );
    if (isAlone) edits.push(commentedOut(source.text, { first: line, last: line, mark: '#' }));
    else byHand.push(`${source.path}, line ${line}: take ${name} out.`);
  }
  const advice = jitsiAdvice(config, 'debian').files.find(({ file: name }) => name.endsWith('jicofo.conf'));
  const missing = (advice?.lines ?? [])
    .map(({ text }) => text)
    .filter((text) => {
      const [path = '', value] = text.split(' = ');
      return hoconAt(file, path)?.value !== value;
    });
  if (missing.length > 0) edits.push(appended(source.text, missing));
  const changes = changeOf(source, edits);
  if (!changes.some(({ after }) => 'fault' in readHocon(after))) return changes;
  byHand.push(
    `${source.path} is written in a way we cannot change: write ${missing.join(' and ')} at its end.`,
  );
  return [];
}

function clientStep(site: Site, config: Config): Step {
  const { client } = site;
  const byHand: string[] = [];
  const changes = client === undefined ? [] : clientFile(client, { site, config, byHand });
  if (client === undefined)
    byHand.push(
      `The file *-config.js is not here: write the lines that "ostiary jitsi-config --debian" prints.`,
    );
  return {
    title: 'The web client sends people to us',
    why: 'From now on whoever opens a room without a token is led to our sign-in.',
    changes,
    byHand,
    back: 'put the file back; it is read anew with every page',
  };
}

function clientFile(
  { source, values }: NonNullable<Site['client']>,
  { site, config, byHand }: { readonly site: Site; readonly config: Config; readonly byHand: string[] },
): readonly FileChange[] {
  const advice = jitsiAdvice(config, 'debian').files.find(({ file }) => file.endsWith('-config.js'));
  const wish = new Map((advice?.lines ?? []).map(({ text }) => [nameIn(text), text] as const));
  const lines = linesOf(source.text);
  const edits: Edit[] = [];
  const missing: string[] = [];
  for (const [name, text] of wish) {
    if (readsAs(text, name, site.host) === worthOf(values, name)) continue;
    const old = lines.findLastIndex((line) =>
      new RegExp(`^\\s*config\\.${name}\\s*=.*;\\s*(?://.*)?$`).test(line),
    );
    if (old < 0) missing.push(text);
    else edits.push({ line: old + 1, goes: 1, comes: [text] });
  }
  const guests = values.hosts.anonymousdomain !== undefined;
  if (guests)
    for (const [at, line] of lines.entries())
      if (
        /^\s*(?:config\.hosts\.anonymousdomain\s*=.*;|anonymousdomain\s*:[^{}]*,?)\s*(?:\/\/.*)?$/.test(line)
      )
        edits.push(commentedOut(source.text, { first: at + 1, last: at + 1, mark: '//' }));
  if (missing.length > 0) edits.push(appended(source.text, missing));
  // What was written has to be read back as it was meant.
  const now = readBack(edited(source.text, edits), site.host);
  const wrong = [...wish].filter(
    ([name, text]) => now && worthOf(now, name) !== readsAs(text, name, site.host),
  );
  if (now === undefined || wrong.length > 0) {
    byHand.push(
      `${source.path} is written in a way we cannot change: write at its end ${[...wish.values()].join(' ')}`,
    );
    return [];
  }
  if (now.hosts.anonymousdomain !== undefined)
    byHand.push(`${source.path}: take hosts.anonymousdomain out; it lets guests in past our door.`);
  return changeOf(source, edits);
}

function nameIn(line: string): string {
  return /^config\.(\w+)/.exec(line)?.[1] ?? '';
}

function worthOf(values: JitsiValues, name: string): string | undefined {
  return name === 'tokenAuthUrl'
    ? values.tokenAuthUrl
    : name === 'tokenLogoutUrl'
      ? values.tokenLogoutUrl
      : undefined;
}

function readsAs(line: string, name: string, host: string): string | undefined {
  const values = readBack(`var config = {};\n${line}`, host);
  return values === undefined ? undefined : worthOf(values, name);
}

function readBack(text: string, host: string): JitsiValues | undefined {
  try {
    return readConfigJs(filledIn(text), { host }).values();
  } catch (thrown) {
    if (isProblem(thrown)) return undefined;
    throw thrown;
  }
}
