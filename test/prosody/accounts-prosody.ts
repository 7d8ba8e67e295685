/**
 * Debian's Prosody with accounts of its own, `internal_hashed`, as Jitsi's installations have it.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../support/http-server.ts';
import { needCommand } from '../support/real/need.ts';
import { privateDirectory, startProgram } from '../support/real/program.ts';

/** The host of Jitsi's own users, and the one whose accounts are signed in with. */
export const MAIN = 'meet.jitsi';
export const ACCOUNTS = 'people.meet.jitsi';

/** How this Prosody keeps passwords. */
export interface AccountsSetup {
  readonly hash: 'SHA-1' | 'SHA-256';
  /** Only these mechanisms are offered. */
  readonly disabled?: readonly string[];
}

/** A running Prosody with accounts. */
export interface AccountsProsody {
  readonly url: string;
  /** As `prosodyctl register` does, while it runs. */
  register(username: string, password: string, host?: string): void;
  unregister(username: string): void;
  /** What moves the accounts of one host to another. */
  copyAccounts(from: string, to: string): void;
  log(): string;
  stop(): Promise<void>;
}

/** Prosody's own way to write a host as the name of a folder. */
function folderOf(host: string): string {
  return host.replace(/[^A-Za-z0-9_]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}

/** Starts Prosody. Throws, naming the Debian package, where something is not installed. */
export async function startAccountsProsody(setup: AccountsSetup): Promise<AccountsProsody> {
  const command = needCommand('prosody', 'prosody');
  const prosodyctl = needCommand('prosodyctl', 'prosody');
  const dir = await privateDirectory('accounts');
  const port = await freePort();
  const data = join(dir, 'data');
  mkdirSync(data);
  const file = join(dir, 'prosody.cfg.lua');
  const disabled = ['DIGEST-MD5', ...(setup.disabled ?? [])].map((name) => JSON.stringify(name)).join(', ');
  writeFileSync(
    file,
    `run_as_root = true
data_path = ${JSON.stringify(data)}
pidfile = ${JSON.stringify(join(dir, 'prosody.pid'))}
modules_enabled = { "saslauth", "disco" }
modules_disabled = { "s2s", "tls", "offline" }
http_ports = { ${port} }
http_interfaces = { "127.0.0.1" }
https_ports = {}
c2s_ports = {}
s2s_ports = {}
consider_bosh_secure = true
password_hash = ${JSON.stringify(setup.hash)}
disable_sasl_mechanisms = { ${disabled} }
log = { { to = "console", levels = { min = "debug" } } }
VirtualHost "${MAIN}"
authentication = "anonymous"
modules_enabled = { "bosh" }
VirtualHost "${ACCOUNTS}"
authentication = "internal_hashed"
VirtualHost "old.jitsi"
authentication = "internal_hashed"
`,
    { mode: 0o600 },
  );
  const control = (...args: readonly string[]) =>
    void execFileSync(prosodyctl, ['--config', file, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 20_000,
    });
  const clean = () => rmSync(dir, { recursive: true, force: true });
  const url = `http://127.0.0.1:${port}/http-bind`;
  try {
    const program = await startProgram({
      name: 'prosody',
      command,
      args: ['-F', '--config', file],
      dir,
      version: (log) => /Prosody version (\S+)/.exec(log)?.[1] ?? 'unknown',
      ready: async () =>
        (await fetch(url, { headers: { host: MAIN }, signal: AbortSignal.timeout(1000) })).status < 500,
    });
    return {
      url,
      register: (username, password, host = ACCOUNTS) => control('register', username, host, password),
      unregister: (username) => control('deluser', `${username}@${ACCOUNTS}`),
      copyAccounts: (from, to) =>
        cpSync(join(data, folderOf(from), 'accounts'), join(data, folderOf(to), 'accounts'), {
          recursive: true,
        }),
      log: () => program.log(),
      stop: () => program.stop().finally(clean),
    };
  } catch (cause) {
    clean();
    throw cause;
  }
}
