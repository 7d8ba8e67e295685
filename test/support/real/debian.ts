/**
 * What Debian knows of its packages.
 */
import { spawnSync } from 'node:child_process';

/** What dpkg calls the version of a package. */
export function versionOf(name: string): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg fills this place itself.
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Version}', name], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return (stdout ?? '').trim() || 'unknown';
}
