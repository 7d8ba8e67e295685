/**
 * Debian's Apache in front of somebody, with whatever modules and lines a test gives it; and shibd beside it.
 *
 * Nothing of /etc/apache2 is read. Knows nothing of what stands behind.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyPair } from '../saml-idp.ts';
import { versionOf } from './debian.ts';
import { needCommand } from './need.ts';
import { privateDirectory, startProgram } from './program.ts';
import { MOD_SHIB, type ShibdParts, shibLines, startShibd } from './shibd.ts';

/** A running front. */
export interface Front {
  /** Of the programs, not of what they start. */
  readonly pids: readonly number[];
  log(): string;
  stop(): Promise<void>;
}

/** What is put in front. */
export interface ApacheParts {
  /** `http://localhost:1234`, as browsers know it; it listens on that port of 127.0.0.1. */
  readonly origin: string;
  /** What it takes itself for, if not that. */
  readonly callsItself?: string;
  /** The Debian package and its module, beside the ordinary ones. */
  readonly module: { readonly package: string; readonly name: string; readonly file: string };
  /** The rest of its configuration. */
  readonly lines: string;
  /** Asked until it answers. */
  readonly ready: string;
}

const MODULES = '/usr/lib/apache2/modules';
const ORDINARY = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'headers', 'proxy', 'proxy_http'];

const base = (
  dir: string,
  { origin, callsItself = origin, module, lines }: ApacheParts,
) => `ServerRoot "${dir}"
ServerName ${callsItself}
UseCanonicalName On
Listen 127.0.0.1:${new URL(origin).port}
PidFile ${dir}/run/httpd.pid
DefaultRuntimeDir ${dir}/run
Mutex file:${dir}/run default
ErrorLog ${dir}/log/error.log
LogLevel warn
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
StartServers 1
ServerLimit 2
ThreadsPerChild 16
MaxRequestWorkers 32
MinSpareThreads 4
MaxSpareThreads 24
${[...ORDINARY, 'proxy_wstunnel'].map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
LoadModule ${module.name} ${MODULES}/${module.file}
${lines}
`;

async function folder(name: string): Promise<string> {
  const dir = await privateDirectory(name);
  // Apache's children run as somebody else when we are root.
  chmodSync(dir, 0o755);
  for (const inside of ['run', 'log']) mkdirSync(join(dir, inside));
  if (process.getuid?.() === 0) for (const inside of ['run', 'log']) chmodSync(join(dir, inside), 0o777);
  return dir;
}

/** Starts Apache. */
export async function startApache(parts: ApacheParts, dir?: string): Promise<Front> {
  const apache = needCommand('apache2', 'apache2');
  if (!existsSync(`${MODULES}/${parts.module.file}`))
    throw new Error(
      `${parts.module.file} is not installed: install the Debian package ${parts.module.package}`,
    );
  const own = dir ?? (await folder('apache'));
  writeFileSync(join(own, 'httpd.conf'), base(own, parts));
  const args = ['-f', join(own, 'httpd.conf')];
  // What it cannot read leaves it listening and silent.
  const tried = spawnSync(apache, ['-t', ...args], { encoding: 'utf8', timeout: 30_000 });
  if (tried.status !== 0) throw new Error(tried.stderr);
  const program = await startProgram({
    name: `apache2-${parts.module.package}`,
    command: apache,
    args: ['-DFOREGROUND', ...args],
    dir: own,
    ready: async () =>
      (
        await fetch(new URL(parts.ready, parts.origin), {
          redirect: 'manual',
          signal: AbortSignal.timeout(2000),
        })
      ).status < 500,
    version: versionOf(parts.module.package),
  });
  return {
    pids: [program.pid],
    log: () => program.log(),
    stop: async () => {
      await program.stop();
      if (dir === undefined) rmSync(own, { recursive: true, force: true });
    },
  };
}

/** What mod_shib's side is told. */
export interface ShibbolethParts {
  readonly origin: string;
  readonly key: KeyPair;
  /** Of the one identity provider: its entity id and metadata. */
  readonly idp: { readonly entityId: string; readonly metadata: string };
  /** Apache's lines. */
  readonly lines: string;
}

const ATTRIBUTES = `<Attributes xmlns="urn:mace:shibboleth:2.0:attribute-map" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Attribute name="urn:oid:1.3.6.1.4.1.5923.1.1.1.6" id="eppn"><AttributeDecoder xsi:type="ScopedAttributeDecoder" caseSensitive="false"/></Attribute>
  <Attribute name="urn:oid:1.3.6.1.4.1.5923.1.1.1.9" id="affiliation"><AttributeDecoder xsi:type="ScopedAttributeDecoder" caseSensitive="false"/></Attribute>
  <Attribute name="urn:oid:2.16.840.1.113730.3.1.241" id="displayName"/>
  <Attribute name="urn:oid:0.9.2342.19200300.100.1.3" id="mail"/>
</Attributes>
`;

/** Starts shibd, and Apache with mod_shib. */
export async function startShibbolethFront({ origin, key, idp, lines }: ShibbolethParts): Promise<Front> {
  const handlers = `<SSO entityID="${idp.entityId}">SAML2</SSO><Logout>Local</Logout>`;
  return startWithShibd(
    {
      ...{ entityId: `${origin}/shibboleth`, remoteUser: 'eppn', handlers, attributes: ATTRIBUTES },
      ...{ key, metadata: [idp.metadata] },
    },
    {
      origin,
      lines: `<Location /Shibboleth.sso>\n  AuthType None\n  Require all granted\n</Location>\n${lines}`,
      ready: '/Shibboleth.sso/Status',
    },
  );
}

/** shibd, and Apache before it. */
export async function startWithShibd(shibd: ShibdParts, apache: Omit<ApacheParts, 'module'>): Promise<Front> {
  const dir = await folder('shib');
  const running: Pick<Front, 'stop' | 'log'>[] = [];
  const pids: number[] = [];
  const stop = async () => {
    for (const program of running.toReversed()) await program.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const daemon = await startShibd(dir, shibd);
    running.push(daemon);
    const lines = `${shibLines(dir)}${apache.lines}`;
    const front = await startApache({ ...apache, module: MOD_SHIB, lines }, dir);
    running.push(front);
    pids.push(daemon.pid, ...front.pids);
  } catch (cause) {
    await stop();
    throw cause;
  }
  return { pids, log: () => running.map((program) => program.log()).join('\n'), stop };
}
