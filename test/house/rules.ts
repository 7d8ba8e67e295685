/**
 * The rules of the house as functions from made-up or real sources to faults,
 * so that they can be tried on both.
 */
import { dirname, join } from 'node:path/posix';
import { ADAPTERS, DOORS, IMPURE, LAYERS, NO_ADAPTER, PURE } from './layers.ts';

/** Path from the root of the repository → text. */
export type Sources = ReadonlyMap<string, string>;

/** An import: from which file, of what. */
interface Arrow {
  readonly from: string;
  readonly to: string;
}

const IMPORTS =
  /(?:^|[;\n}])\s*(?:import|export)\s+(?:type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?['"]([^'"]+)['"]|\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Comments out, and the insides of strings that are no import. Keeps lines. */
export function code(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|[\s;{}(,])\/\/[^\n]*/g, '$1');
}

/** Every import of every file: static, for its effect, dynamic, of types, re-exported. */
export function arrows(sources: Sources): readonly Arrow[] {
  return [...sources].flatMap(([from, text]) =>
    [...code(text).matchAll(IMPORTS)].map(([, still, dynamic]) => {
      const name = still ?? dynamic ?? '';
      return { from, to: name.startsWith('.') ? join(dirname(from), name) : name };
    }),
  );
}

/** The module a file belongs to: its folder in src, a file in src by its name, or the demo. */
export function moduleOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  if (top === 'demo') return 'demo';
  return second.replace(/(?:\.test)?\.ts$/, '');
}

/** The layer of a module, from 0; -1 for one that is in no list. */
export function layerOf(path: string): number {
  return LAYERS.findIndex((layer) => layer.includes(moduleOf(path)));
}

const isOurs = (path: string) => path.startsWith('src/') || path.startsWith('demo/');
const isTest = (path: string) => path.endsWith('.test.ts') || path.startsWith('test/');

/** Files that belong to no module. */
export function homeless(sources: Sources): readonly string[] {
  return [...sources.keys()].filter((path) => isOurs(path) && layerOf(path) === -1);
}

/** Arrows that climb, or cross to a neighbour. A test beside its file may look at its neighbours through the composition root's eyes. */
export function climbs(sources: Sources): readonly string[] {
  return arrows(sources)
    .filter(({ from, to }) => isOurs(from) && isOurs(to) && !isTest(from))
    .filter(
      ({ from, to }) =>
        layerOf(to) > layerOf(from) || (layerOf(to) === layerOf(from) && moduleOf(to) !== moduleOf(from)),
    )
    .map(({ from, to }) => `${from} → ${to}`);
}

/** Imports of a dependency elsewhere than at its door, and of one that has none. */
export function secondDoors(sources: Sources): readonly string[] {
  return arrows(sources)
    .filter(
      ({ from, to }) =>
        isOurs(from) && !isTest(from) && !isOurs(to) && (!to.startsWith('node:') || to === 'node:sqlite'),
    )
    .filter(({ from, to }) => {
      const name = to.startsWith('node:')
        ? to
        : to
            .split('/')
            .slice(0, to.startsWith('@') ? 2 : 1)
            .join('/');
      return !DOORS[name]?.test(from);
    })
    .map(({ from, to }) => `${from} → ${to}`);
}

/** Adapters named by others than the composition root. Types may be named: they bring nothing along. */
export function namedAdapters(sources: Sources): readonly string[] {
  const values = new Map(
    [...sources].map(([path, text]) => [path, code(text).replace(/import type [^;]*;/g, '')]),
  );
  return arrows(values)
    .filter(({ from, to }) => isOurs(from) && !isTest(from) && ADAPTERS.test(to) && !NO_ADAPTER.test(to))
    .filter(({ from, to }) => moduleOf(from) !== 'app' && moduleOf(from) !== moduleOf(to))
    .map(({ from, to }) => `${from} → ${to}`);
}

/** Pure files that ask something of the machine. */
export function impure(sources: Sources): readonly string[] {
  return [...sources]
    .filter(([path]) => PURE.test(path) && !isTest(path))
    .map(([path, text]) => ({
      path,
      found: code(text)
        .replace(/`(?:[^`\\]|\\.)*`/g, '``')
        .match(IMPURE)?.[0],
    }))
    .filter(({ found }) => found !== undefined)
    .map(({ path, found }) => `${path}: ${found}`);
}

/** What is left out of the house altogether. */
const UNWANTED: Readonly<Record<string, RegExp>> = {
  'a default export': /^export default /m,
  any: /:\s*any(?=\s*[,;)=[\]|&])|<any>|\bas any\b/,
  'a class of our own': /^(?:export )?(?:abstract )?class (?!Problem\b|Secret\b)/m,
  console: /\bconsole\./,
};

/** Faults of style that a reader would stumble over, by file. */
export function unwanted(sources: Sources): readonly string[] {
  return [...sources]
    .filter(([path]) => path.startsWith('src/') && !isTest(path))
    .flatMap(([path, text]) =>
      Object.entries(UNWANTED)
        .filter(([, found]) => found.test(code(text)))
        .map(([what]) => `${path}: ${what}`),
    );
}

/** Exports without a docstring above them, and files that do not say what they are for. */
export function unsaid(sources: Sources): readonly string[] {
  return [...sources]
    .filter(([path]) => path.startsWith('src/') && !isTest(path))
    .flatMap(([path, text]) => {
      const lines = text.split('\n');
      const first = text
        .replace(/^#!.*\n/, '')
        .replace(/^(?:import [\s\S]*?;\n|\n|\/\/ biome-ignore.*\n)*/, '');
      const missing = first.startsWith('/**') ? [] : [`${path}: does not say what it is for`];
      for (const [at, line] of lines.entries()) {
        if (!/^export (?:async )?(?:function|const|interface|type|class) /.test(line)) continue;
        if (/^export (?:type )?\{/.test(line)) continue;
        let above = at - 1;
        while (/^\/\/ biome-ignore/.test(lines[above] ?? '')) above -= 1;
        if (!/\*\/\s*$/.test(lines[above] ?? '')) missing.push(`${path}:${at + 1}: ${line.slice(0, 60)}`);
      }
      return missing;
    });
}
