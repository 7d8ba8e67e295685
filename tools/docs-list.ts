/**
 * Everything that is printed from a table: where it goes, and what makes it.
 */
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
];
