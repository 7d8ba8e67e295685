/**
 * Who may know whom: layers, doors, adapters, and who sees the configuration.
 * Each rule takes files and returns what is wrong, a line each.
 */
import { matchesGlob } from 'node:path';
import { ADAPTERS, DOORS, LAYERS } from './layers.ts';
import { importsOf, isTest, packageOf, type Source } from './source.ts';

const matches = (path: string, globs: readonly string[]): boolean =>
  globs.some((glob) => matchesGlob(path, glob));

/** The module a file belongs to; undefined outside `src/` and `demo/`. */
export function moduleOf(path: string): string | undefined {
  const [top, first = ''] = path.split('/');
  if (top === 'demo') return 'demo';
  return top === 'src' ? first.replace(/(?:\.test)?\.ts$/, '') : undefined;
}

/** How high a module stands, from 0; -1 if it is not in the plan. */
export function layerOf(module: string | undefined): number {
  return LAYERS.findIndex((layer) => module !== undefined && layer.includes(module));
}

/** Files of `src/` and `demo/` whose module stands on no layer. */
export function withoutLayer(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => moduleOf(path) !== undefined && layerOf(moduleOf(path)) === -1)
    .map(({ path }) => `${path} belongs to no layer of test/house/layers.ts`);
}

/**
 * Imports that climb, or lead to a neighbour on the same layer. A test may use
 * `test/` and a neighbour (ports are tried with the memory adapter), but climbs no more than its file does.
 */
export function wrongArrows(sources: readonly Source[]): string[] {
  return arrowsOf(sources).flatMap(({ source, target }) => {
    const [here, there] = [moduleOf(source.path), moduleOf(target)];
    const arrow = `${source.path} → ${target}`;
    if (there === undefined)
      return isTest(source) || target === 'package.json' ? [] : [`${arrow} leaves the source`];
    if (layerOf(there) > layerOf(here)) return [`${arrow} climbs`];
    const crosses = here !== there && layerOf(there) === layerOf(here) && !isTest(source);
    return crosses ? [`${arrow} crosses to a neighbour`] : [];
  });
}

/** Imports that no reader of text can follow: computed names, `createRequire` and its like. */
export function hiddenImports(sources: readonly Source[]): string[] {
  return built(sources).flatMap((source) =>
    importsOf(source)
      .filter(({ spec }) => spec === undefined)
      .map(() => `${source.path} imports something that is not written out`),
  );
}

/** Dependencies named outside their door, or without one. */
export function secondDoors(sources: readonly Source[]): string[] {
  return built(sources).flatMap((source) =>
    importsOf(source).flatMap(({ spec, target }) => {
      if (spec === undefined || target !== undefined) return [];
      const name = packageOf(spec);
      if (name.startsWith('node:') && DOORS[name] === undefined) return [];
      return matches(source.path, DOORS[name] ?? []) ? [] : [`${source.path} is no door to ${name}`];
    }),
  );
}

/** Adapters named by anything but `src/app.ts`, their own module, or a test; a type of theirs may be. */
export function namedAdapters(sources: readonly Source[]): string[] {
  return arrowsOf(built(sources))
    .filter(({ target, isType }) => matches(target, ADAPTERS) && !isType)
    .filter(
      ({ source, target }) => source.path !== 'src/app.ts' && moduleOf(source.path) !== moduleOf(target),
    )
    .map(({ source, target }) => `${source.path} names the adapter ${target}`);
}

/** Modules below `app` that look into the configuration instead of taking their own small options. */
export function configReaders(sources: readonly Source[]): string[] {
  return arrowsOf(built(sources))
    .filter(({ source, target }) => moduleOf(target) === 'config' && moduleOf(source.path) !== 'config')
    .filter(({ source }) => layerOf(moduleOf(source.path)) < layerOf('app'))
    .map(({ source, target }) => `${source.path} receives the configuration of ${target}`);
}

const built = (sources: readonly Source[]): Source[] =>
  sources.filter((source) => moduleOf(source.path) !== undefined && !isTest(source));

interface Arrow {
  readonly source: Source;
  readonly target: string;
  readonly isType: boolean;
}

function arrowsOf(sources: readonly Source[]): Arrow[] {
  return sources
    .filter(({ path }) => moduleOf(path) !== undefined)
    .flatMap((source) =>
      importsOf(source).flatMap(({ target, isType }) =>
        target === undefined ? [] : [{ source, target, isType }],
      ),
    );
}
