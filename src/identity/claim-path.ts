/**
 * Finding a claim by its name or by a path with dots.
 *
 * Pure. It reads own properties only, so a claim called `__proto__` is a claim
 * like any other.
 */

const MAX_STEPS = 8;

/**
 * The value a path names: first the claim of exactly that name, then each longer
 * start of the path as a claim of its own (`https://example.org/roles`,
 * `resource_access.my.client.roles`). Absent and null are both undefined.
 */
export function claimAt(claims: unknown, path: string): unknown {
  return walk(claims, path.split('.'), MAX_STEPS) ?? undefined;
}

function walk(value: unknown, steps: readonly string[], depth: number): unknown {
  if (steps.length === 0) return value;
  if (depth === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  // The longest name first: a claim that holds dots itself beats a path through others.
  for (let length = steps.length; length > 0; length -= 1) {
    const name = steps.slice(0, length).join('.');
    if (!Object.hasOwn(value, name)) continue;
    const found = walk((value as Readonly<Record<string, unknown>>)[name], steps.slice(length), depth - 1);
    if (found !== undefined && found !== null) return found;
  }
  return undefined;
}
