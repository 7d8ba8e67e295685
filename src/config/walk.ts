/**
 * The schema as a list of settings, so that environment, complaints and reference read the one description.
 *
 * Knows how zod nests things, and no setting by name.
 */
import { z } from 'zod';
import { type Kind, kinds } from './schema/kinds.ts';
import { settings } from './schema/settings.ts';

/** Is this a mapping with names, as a section of a file is? */
export function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A path in words: `providers[0].issuer`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : `${at === 0 ? '' : '.'}${String(step)}`))
    .join('');
}

/** One setting as the tables tell it. */
export interface Setting {
  /** `tokens.lifetime`; within a list `providers[].issuer`. */
  readonly path: string;
  readonly description: string;
  readonly example: unknown;
  /** How the default is written in the file; absent where there is none. */
  readonly fallback?: unknown;
  /** What holds where nothing is said and there is no fixed default. */
  readonly otherwise?: string;
  readonly required: boolean;
  readonly kind: Kind['name'] | 'mapping';
  /** What would be right, as the end of a sentence. */
  readonly right: string;
  /** The names docker-jitsi-meet and predecessors have for it. */
  readonly env: readonly string[];
}

interface Unwrapped {
  readonly inner: z.core.$ZodType;
  readonly optional: boolean;
  readonly fallback?: unknown;
}

/** Takes off what stands around a schema: default, optional. */
export function unwrap(schema: z.core.$ZodType): Unwrapped {
  if (schema instanceof z.ZodDefault)
    return { ...unwrap(schema.def.innerType), optional: true, fallback: schema.def.defaultValue };
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodExactOptional)
    return { ...unwrap(schema.def.innerType), optional: true };
  return { inner: schema, optional: false };
}

/** What kind of value this schema takes, where it takes a plain one. */
export function kindOf(schema: z.core.$ZodType): Kind | undefined {
  return kinds.get(unwrap(schema).inner);
}

/** The schema one step further down, by key of an object or place in a list. */
export function below(schema: z.core.$ZodType, step: PropertyKey): z.core.$ZodType | undefined {
  const { inner } = unwrap(schema);
  if (inner instanceof z.ZodObject)
    return Object.hasOwn(inner.shape, step) ? inner.shape[String(step)] : undefined;
  if (inner instanceof z.ZodArray) return inner.def.element;
  return undefined;
}

/** The names that may stand at this place, if it is one where names stand. */
export function namesAt(schema: z.core.$ZodType): readonly string[] | undefined {
  const { inner } = unwrap(schema);
  if (inner instanceof z.ZodObject) return Object.keys(inner.shape);
  if (inner instanceof z.ZodRecord && inner.def.keyType instanceof z.ZodEnum)
    return inner.def.keyType.options.map(String);
  return undefined;
}

/** What would be right at this place, as the end of a sentence. */
export function rightAt(schema: z.core.$ZodType): string {
  const told = z.globalRegistry.get(schema as z.ZodType)?.right;
  if (typeof told === 'string') return told;
  const { inner } = unwrap(schema);
  if (inner instanceof z.ZodObject) return `a section with: ${Object.keys(inner.shape).join(', ')}`;
  const kind = kindOf(schema);
  if (kind !== undefined) return kind.right;
  return inner instanceof z.ZodArray ? 'a list of sections, each behind a hyphen' : 'text';
}

function settingOf(path: string, schema: z.core.$ZodType, description: string): Setting {
  const { optional, fallback } = unwrap(schema);
  const meta = z.globalRegistry.get(schema as z.ZodType) ?? {};
  return {
    path,
    description,
    example: meta.example,
    required: !optional,
    kind: kindOf(schema)?.name ?? (unwrap(schema).inner instanceof z.ZodRecord ? 'mapping' : 'text'),
    right: rightAt(schema),
    ...(fallback === undefined ? {} : { fallback }),
    ...(typeof meta.otherwise === 'string' ? { otherwise: meta.otherwise } : {}),
    env: typeof meta.env === 'string' ? meta.env.split(' ') : [],
  };
}

function collect(schema: z.core.$ZodType, path: string, found: Setting[]): void {
  const description = z.globalRegistry.get(schema as z.ZodType)?.description;
  if (description !== undefined) found.push(settingOf(path, schema, description));
  else {
    const { inner } = unwrap(schema);
    if (inner instanceof z.ZodArray) collect(inner.def.element, `${path}[]`, found);
    if (inner instanceof z.ZodObject)
      for (const [key, child] of Object.entries(inner.shape))
        collect(child as z.core.$ZodType, path === '' ? key : `${path}.${key}`, found);
  }
}

/** Every setting, in the order of the schema. */
export function listSettings(): readonly Setting[] {
  const found: Setting[] = [];
  collect(settings, '', found);
  return found;
}

/**
 * Our own name for a setting in the environment: `tokens.lifetime` → `OSTIARY_TOKENS_LIFETIME`.
 * Of lists of sections only the one provider has names, because one is what most sites have.
 */
function ownName(path: string): string | undefined {
  const single = path.replace(/^providers\[\]/, 'provider');
  if (single.includes('[]')) return undefined;
  return `OSTIARY_${single
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .replaceAll('.', '_')
    .toUpperCase()}`;
}

/** The names a setting goes by in the environment, ours first: it wins where several are set. */
export function namesOfSetting(setting: Setting): readonly string[] {
  if (setting.kind === 'mapping') return [];
  return [ownName(setting.path), ...setting.env].filter((name) => name !== undefined);
}
