/**
 * Everything that is printed from a table: where it goes, and what makes it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { doctorReference } from '../src/cli/doctor/reference.ts';
import { commandsReference } from '../src/cli/reference.ts';
import { configExample, configReference } from '../src/config/reference.ts';
import {
  claimsReference,
  metricsReference,
  openPathsReference,
  presetsReference,
  problemsReference,
  routesReference,
} from './reference.ts';

/** The decisions by their titles. */
function decisionsList(): string {
  const folder = resolve(import.meta.dirname, '../docs/decisions');
  const files = readdirSync(folder).filter((name) => /^\d{4}-.*\.md$/.test(name));
  const lines = files.sort().map((name) => {
    const title = /^# \d+\. (.*)$/m.exec(readFileSync(join(folder, name), 'utf8'))?.[1];
    if (title === undefined) throw new Error(`${name} has no title`);
    return `- [${title}](${name})`;
  });
  return `# Decisions\n\nWhy it is as it is, one screen each, in the order in which they were taken.\n\n${lines.join('\n')}\n`;
}

/** One printed file. */
export interface Printed {
  /** From the root of the repository. */
  readonly path: string;
  readonly make: () => string;
}

/** In the order of docs/README.md. */
export const DOCS: readonly Printed[] = [
  { path: 'docs/reference/config.md', make: configReference },
  { path: 'config.example.yaml', make: configExample },
  { path: 'docs/reference/commands.md', make: commandsReference },
  { path: 'docs/reference/doctor.md', make: doctorReference },
  { path: 'docs/reference/problems.md', make: problemsReference },
  { path: 'docs/reference/routes.md', make: routesReference },
  { path: 'docs/reference/open-paths.md', make: openPathsReference },
  { path: 'docs/reference/claims.md', make: claimsReference },
  { path: 'docs/reference/presets.md', make: presetsReference },
  { path: 'docs/reference/metrics.md', make: metricsReference },
  { path: 'docs/decisions/README.md', make: decisionsList },
];
