/**
 * The Debian packages that the whole of the tests needs, and the one place that
 * installs them: as root on Debian or Ubuntu, and so that none of them starts.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** Every package, in the order of the one line that installs them. */
export const PACKAGES: readonly string[] = [
  'prosody',
  'lua5.4',
  'lua-cjson',
  'lua-luaossl',
  'lua-check',
  'nginx-light',
  'libnginx-mod-stream',
  'caddy',
  'haproxy',
  'chromium',
  'fonts-dejavu-core',
  'openssl',
  'slapd',
  'ldap-utils',
  'simplesamlphp',
  'php-cli',
  'php-xml',
  'apache2',
  'libapache2-mod-shib',
  'libapache2-mod-auth-openidc',
  'shibboleth-sp-utils',
  'ca-certificates',
  'coturn',
  'curl',
];

const POLICY = '/usr/sbin/policy-rc.d';

/** Which of `names` dpkg does not call installed; all of them where there is no dpkg. */
export function missingOf(names: readonly string[]): string[] {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg fills these places itself.
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package}\n', ...names], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  const there = new Set((stdout ?? '').split('\n'));
  return names.filter((name) => !there.has(`installed ${name}`));
}

/** Does this `/etc/os-release` speak of Debian or Ubuntu, or of something made of them? */
export function isDebian(release: string): boolean {
  return /^ID(?:_LIKE)?=.*\b(?:debian|ubuntu)\b/m.test(release);
}

/** Installs what is missing. What it returns is why it cannot, in one line; undefined when everything is there. */
export function ensurePackages(): string | undefined {
  const missing = missingOf(PACKAGES);
  if (missing.length === 0) return undefined;
  const install = ['install', '-y', '--no-install-recommends', ...missing];
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (process.getuid?.() !== 0 || !isDebian(release))
    return `The tests need programs that are not here. As root on Debian or Ubuntu: apt-get ${install.join(' ')}`;
  return whileNothingStarts(POLICY, () => {
    if (!aptGet(['update', '-q'])) return 'apt-get update failed.';
    return aptGet(install) ? undefined : `apt-get ${install.join(' ')} failed.`;
  });
}

/** Debian asks the file `policy` before it starts a daemon it has installed; one that stands there already is left alone. */
export function whileNothingStarts<T>(policy: string, work: () => T): T {
  if (existsSync(policy)) return work();
  const remove = () => rmSync(policy, { force: true });
  process.once('exit', remove);
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return work();
  } finally {
    remove();
    process.off('exit', remove);
  }
}

function aptGet(args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', args, { stdio: 'inherit', env, timeout: 900_000 }).status === 0;
}
