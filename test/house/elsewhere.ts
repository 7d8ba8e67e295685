/**
 * What other files say of the plan, to be held against `layers.ts`.
 */

interface Override {
  readonly includes: readonly string[];
  readonly linter?: {
    readonly rules?: {
      readonly style?: {
        readonly noRestrictedImports?:
          | 'off'
          | { readonly options: { readonly patterns: readonly { readonly group: readonly string[] }[] } };
      };
    };
  };
}

/** `package place`, sorted, for every import that an override of this biome.json allows in a place. */
export function doorsOf(biome: string): string[] {
  const { overrides } = JSON.parse(biome) as { readonly overrides: readonly Override[] };
  const found = overrides.flatMap(({ includes, linter }) => {
    const rule = linter?.rules?.style?.noRestrictedImports;
    if (rule === undefined || rule === 'off') return [];
    const names = rule.options.patterns
      .flatMap(({ group }) => group)
      .filter((pattern) => /^!(?!\.|node:\*)/.test(pattern) && !pattern.endsWith('/**'))
      .map((pattern) => pattern.slice(1));
    return names.flatMap((name) => includes.map((place) => `${name} ${place}`));
  });
  return found.sort();
}

/** The layers as ARCHITECTURE draws them: the block under the heading, from the top down, a layer a line. */
export function layersOf(architecture: string): string[][] {
  const block = /## Layers[\s\S]*?```\n([\s\S]*?)```/.exec(architecture)?.[1] ?? '';
  return block
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .reverse();
}
