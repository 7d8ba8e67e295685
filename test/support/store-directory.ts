/**
 * A directory that is gone when the test is.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** Makes an empty directory for one test and gives back its path. */
export function directoryFor(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'ostiary-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
