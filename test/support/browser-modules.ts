/**
 * Packages out of `node_modules` for a page without a bundler: modules as they lie there, found by the names people
 * import them by, and React, which comes for bundlers alone.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

const find = createRequire(import.meta.url);
const PACKAGES = join(import.meta.dirname, '../../node_modules');

/** CommonJS files by the names under which browsers are to import them, and what each of them asks for. */
const COMMON: Readonly<Record<string, { readonly file: string; readonly asks: readonly string[] }>> = {
  react: { file: 'react/cjs/react.production.min.js', asks: [] },
  'react/jsx-runtime': { file: 'react/cjs/react-jsx-runtime.production.min.js', asks: ['react'] },
  scheduler: { file: 'scheduler/cjs/scheduler.production.min.js', asks: [] },
  'react-dom': { file: 'react-dom/cjs/react-dom.production.min.js', asks: ['react', 'scheduler'] },
};

/** Where a page finds them all: below this path. */
const BELOW = '/npm/';

/** What the page's import map holds, with these packages of modules beside React's. */
export function importMap(packages: readonly string[]): string {
  const common = Object.keys(COMMON).map((name) => [name, `${BELOW}${name}`]);
  const modules = packages.map((name) => [name, `${BELOW}${relative(PACKAGES, mainOf(name))}`]);
  return JSON.stringify({ imports: Object.fromEntries([...common, ...modules]) });
}

function mainOf(name: string): string {
  const folder = dirname(find.resolve(`${name}/package.json`));
  const { module, main } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, module ?? main);
}

/** What stands at a path: the text of a module, where else to look, or nothing. */
export function moduleAt(
  path: string,
): { readonly text: string } | { readonly location: string } | undefined {
  if (!path.startsWith(BELOW)) return undefined;
  const name = path.slice(BELOW.length);
  const common = COMMON[name];
  if (common !== undefined) return { text: asModule(name, common) };
  const file = join(PACKAGES, name);
  // As bundlers look: imports leave out how a file's name ends, or name its folder; `.` alone no browser takes at all.
  if (existsSync(file) && statSync(file).isFile())
    return { text: readFileSync(file, 'utf8').replace(/(?<= from ')\.(?=';)/g, './index.js') };
  const ending = [`.js`, `/index.js`].find((end) => existsSync(`${file}${end}`));
  return ending === undefined ? undefined : { location: `${path}${ending}` };
}

function asModule(name: string, { file, asks }: NonNullable<(typeof COMMON)[string]>): string {
  const imports = asks.map((other, at) => `import asked${at} from '${BELOW}${other}';`);
  const known = asks.map((other, at) => `'${other}': asked${at}`);
  const exported = Object.keys(find(name)).filter((one) => /^[a-z]\w*$/i.test(one));
  return `${imports.join('\n')}
const module = { exports: {} };
((module, exports, require) => {\n${readFileSync(join(PACKAGES, file), 'utf8')}\n})(module, module.exports, (name) => ({ ${known.join(', ')} })[name]);
export default module.exports;
export const { ${exported.join(', ')} } = module.exports;
`;
}

/** JSX as browsers run it. */
export function fromJsx(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-jsx-'));
  try {
    writeFileSync(join(folder, 'example.jsx'), text);
    const tsc = join(PACKAGES, 'typescript/bin/tsc');
    const settings = '--allowJs --noCheck --noResolve --jsx react-jsx --module esnext --target es2022'.split(
      ' ',
    );
    execFileSync(
      process.execPath,
      [tsc, ...settings, '--ignoreConfig', '--outDir', folder, join(folder, 'example.jsx')],
      { stdio: 'inherit' },
    );
    return readFileSync(join(folder, 'example.js'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
