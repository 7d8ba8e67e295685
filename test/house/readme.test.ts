/** The manual holds: its settings are taken, its lines are what the program prints, its commands and links exist. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { PROBLEMS, type ProblemCode } from '../../src/base/problem.ts';
import type { Option } from '../../src/cli/command.ts';
import { COMMANDS, GROUPS } from '../../src/cli/commands.ts';
import { type Install, jitsiAdvice } from '../../src/config/jitsi-lines.ts';
import type { Config } from '../../src/config/load.ts';
import { settings } from '../../src/config/schema/settings.ts';
import { listSettings } from '../../src/config/walk.ts';
import { en } from '../../src/pages/words/en.ts';
import { BLOCKS, MANUAL, readSettings, spans } from './manual.ts';
import { CONTAINER } from './packaged.ts';
import { ROOT, read } from './tree.ts';

const YAML = BLOCKS.filter(({ language }) => language === 'yaml');

test('the manual is there, with settings and commands in it', () => {
  assert.ok(MANUAL.size > 15, String(MANUAL.size));
  assert.ok(YAML.length > 10, String(YAML.length));
});

for (const [at, { path, text }] of YAML.entries())
  test(`the settings shown in ${path} are taken as they stand (${at + 1})`, () => {
    const settled = readSettings(parse(text));
    assert.deepEqual('complaints' in settled ? settled.complaints : [], []);
  });

function shown(install: Install): Config {
  const block = BLOCKS.find(({ path, mark }) => path === 'README.md' && mark === `config: ${install}`);
  const settled = readSettings(parse(block?.text ?? ''), install === 'docker' ? CONTAINER : {});
  assert.ok('config' in settled);
  return settled.config;
}

test('the settings in README need nothing that is not shown', () => {
  for (const install of ['docker', 'debian'])
    for (const name of ['publicUrl', 'jitsi', 'providers'])
      assert.ok(BLOCKS.some(({ mark, text }) => mark === `config: ${install}` && name in parse(text)));
});

const PRINTED = BLOCKS.filter(({ mark }) => mark?.startsWith('printed: '));

for (const { mark = '', text } of PRINTED)
  test(`README shows what the program prints (${mark})`, () => {
    const [, install = '', place = ''] = mark.match(/^printed: (docker|debian) (.*)$/) ?? [];
    const file = jitsiAdvice(shown(install as Install), install as Install).files.find(
      (found) => found.file.endsWith(place) || found.where.includes(place),
    );
    assert.equal(text.trimEnd(), file?.lines.map((line) => line.text).join('\n'));
  });

test('README leaves out no file of Jitsi the program prints lines for, but for the location, which is packaged', () => {
  for (const install of ['docker', 'debian'] as const) {
    const files = jitsiAdvice(shown(install), install).files.filter(
      ({ file }) => !file.endsWith('ostiary.conf'),
    );
    assert.equal(PRINTED.filter(({ mark }) => mark?.startsWith(`printed: ${install} `)).length, files.length);
  }
});

const names = new Set(COMMANDS.map(({ name }) => name));
const flag = ({ flags }: Option) => flags.split(' ')[0];

/** What is wrong with a line that calls us, if anything is. */
function wrongCall(line: string): readonly string[] {
  return [...line.matchAll(/(?<![\w/.-])ostiary ([a-z][a-z-]*)(?: ([a-z-]+))?([^`|&#\n]*)/g)].flatMap(
    ([all, first = '', second = '', rest = '']) => {
      if (first === 'ostiary') return wrongCall(`${first} ${second}${rest}`);
      const name = names.has(`${first} ${second}`) ? `${first} ${second}` : first;
      const command = COMMANDS.find((one) => one.name === name);
      if (command === undefined) return first in GROUPS && second === '' ? [] : [all];
      const known = new Set([...(command.options ?? []).map(flag), '--help']);
      const given = `${second}${rest}`.match(/(?<=^| )--[a-z-]+/g) ?? [];
      return given.filter((option) => !known.has(option)).map((option) => `${name} ${option}`);
    },
  );
}

test('every command in the manual exists, with every option that is given', () => {
  assert.deepEqual(wrongCall('ostiary frobnicate'), ['ostiary frobnicate']);
  assert.deepEqual(wrongCall('ostiary pass --room x --colour red'), ['pass --colour']);
  const lines = [
    ...BLOCKS.flatMap(({ path, text }) => text.split('\n').map((line) => ({ path, line }))),
    ...[...MANUAL].flatMap(([path, text]) => spans(text).map((line) => ({ path, line }))),
  ];
  assert.deepEqual(
    lines.flatMap(({ path, line }) => wrongCall(line).map((wrong) => `${path}: ${wrong}`)),
    [],
  );
});

test('every script of npm that the manual calls is one of the package', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'));
  const code = [...BLOCKS.map(({ text }) => text), ...[...MANUAL.values()].flatMap(spans)].join('\n');
  const called = [...code.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)].map(([, name = '']) => name);
  assert.ok(called.includes('demo'));
  assert.deepEqual(
    called.filter((name) => !Object.hasOwn(scripts, name)),
    [],
  );
});

/** The words of the audit, out of the one place that names them. */
const EVENTS = [
  ...(read(/^src\/base\/log\.ts$/).get('src/base/log.ts') ?? '').matchAll(/^ {2}\| '([a-z-]+)'/gm),
].map(([, event]) => `audit.${event}`);

test('every setting, problem and event of the audit that the manual names exists', () => {
  const sections = Object.keys(settings.shape).join('|');
  const dotted = new RegExp(`^((?:${sections})\\.[a-zA-Z.-]+)(?=$|[: ])`);
  const paths = listSettings().map(({ path }) => path.replaceAll('[]', ''));
  const known = [...paths, ...Object.keys(PROBLEMS), ...EVENTS];
  assert.ok(EVENTS.length > 5);
  const unknown: string[] = [];
  for (const [path, text] of MANUAL)
    for (const span of spans(text)) {
      const [, name] = span.match(dotted) ?? [];
      if (name !== undefined && !known.some((one) => one === name || one.startsWith(`${name}.`)))
        unknown.push(`${path}: ${name}`);
    }
  assert.deepEqual(unknown, []);
});

test('every problem of the table is raised somewhere', () => {
  const raised = [...read(/^src\/(?!base\/problem|pages\/|cli\/).*(?<!\.test)\.ts$/).values()].join('\n');
  assert.deepEqual(
    Object.keys(PROBLEMS).filter((code) => !raised.includes(`'${code}'`)),
    [],
  );
});

test('of every problem the manual says what people read, who sees it, what it mostly comes from and what to do', () => {
  const page = MANUAL.get('docs/reference/problems.md') ?? '';
  const entries = new Map(
    page.split(/^### `/m).map((entry) => [entry.slice(0, entry.indexOf('`')), entry.split(/^## /m)[0] ?? '']),
  );
  const [mostly, todo] = [/^- \*\*Mostly:\*\* .{12,}/m, /^- \*\*Do:\*\* .{12,}/m];
  for (const code of Object.keys(PROBLEMS)) {
    const entry = entries.get(code) ?? '';
    for (const said of [/ · seen by /, /^> \*\*/m, mostly, todo]) assert.match(entry, said, code);
  }
});

test('what people say, by the table of what one meets most, is what they read', () => {
  const page = MANUAL.get('docs/how-to/troubleshoot.md') ?? '';
  const rows = [...page.matchAll(/^\| “([^”]+)”.*?\| \[`([\w.-]+)`\]/gm)];
  assert.ok(rows.length > 8);
  for (const [, said = '', code = ''] of rows)
    assert.ok(en.problems[code as ProblemCode].happened.toLowerCase().includes(said), said);
});

test('no two problems are told to be mended by the same words', () => {
  const all = [...(MANUAL.get('docs/reference/problems.md') ?? '').matchAll(/^- \*\*Do:\*\* (.*)$/gm)];
  const words = all.map(([, said]) => said);
  assert.deepEqual(
    words.filter((said, at) => words.indexOf(said) !== at),
    [],
  );
});

/** As GitHub makes them. */
function anchors(markdown: string): ReadonlySet<string> {
  const headings = markdown.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#{1,6} (.+)$/gm);
  const slug = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
  return new Set([...headings].map(([, text = '']) => slug(text)));
}

test('every link and every picture of the manual leads somewhere', () => {
  const broken: string[] = [];
  for (const [path, text] of MANUAL)
    for (const [, link = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const [target = '', anchor] = link.split('#');
      const file = new URL(target === '' ? path : join(dirname(path), target), ROOT);
      const there = existsSync(file);
      const found = there && (anchor === undefined || anchors(readFileSync(file, 'utf8')).has(anchor));
      if (!found) broken.push(`${path}: ${link}`);
    }
  assert.deepEqual(broken, []);
});
