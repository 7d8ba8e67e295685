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
import { type Program, privateDirectory, startProgram } from './program.ts';

/** A running front. */
export interface Front {
  log(): string;
  stop(): Promise<void>;
}

/** What is put in front. */
export interface ApacheParts {
  /** `http://localhost:1234`, as browsers know it; it listens on that port of 127.0.0.1. */
  readonly origin: string;
  /** The Debian package and its module, beside the ordinary ones. */
  readonly module: { readonly package: string; readonly name: string; readonly file: string };
  /** The rest of its configuration. */
  readonly lines: string;
  /** Asked until it answers. */
  readonly ready: string;
}

const MODULES = '/usr/lib/apache2/modules';
const ORDINARY = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'headers', 'proxy', 'proxy_http'];

const base = (dir: string, { origin, module, lines }: ApacheParts) => `ServerRoot "${dir}"
ServerName ${origin}
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

const logger = (file: string) => `log4j.rootCategory=INFO, f
log4j.appender.f=org.apache.log4j.FileAppender
log4j.appender.f.fileName=${file}
log4j.appender.f.layout=org.apache.log4j.PatternLayout
log4j.appender.f.layout.ConversionPattern=%p %c: %m%n
`;

const ATTRIBUTES = `<Attributes xmlns="urn:mace:shibboleth:2.0:attribute-map" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Attribute name="urn:oid:1.3.6.1.4.1.5923.1.1.1.6" id="eppn"><AttributeDecoder xsi:type="ScopedAttributeDecoder" caseSensitive="false"/></Attribute>
  <Attribute name="urn:oid:1.3.6.1.4.1.5923.1.1.1.9" id="affiliation"><AttributeDecoder xsi:type="ScopedAttributeDecoder" caseSensitive="false"/></Attribute>
  <Attribute name="urn:oid:2.16.840.1.113730.3.1.241" id="displayName"/>
  <Attribute name="urn:oid:0.9.2342.19200300.100.1.3" id="mail"/>
</Attributes>
`;

const shibboleth = (
  dir: string,
  { origin, idp }: ShibbolethParts,
) => `<SPConfig xmlns="urn:mace:shibboleth:3.0:native:sp:config" clockSkew="180">
  <OutOfProcess logger="${dir}/shibd.logger"/>
  <InProcess logger="${dir}/native.logger"/>
  <UnixListener address="${dir}/run/shibd.sock"/>
  <ApplicationDefaults entityID="${origin}/shibboleth" REMOTE_USER="eppn">
    <Sessions lifetime="28800" timeout="3600" relayState="ss:mem" checkAddress="false" handlerSSL="false" cookieProps="http" redirectLimit="exact">
      <SSO entityID="${idp.entityId}">SAML2</SSO>
      <Logout>Local</Logout>
      <Handler type="Status" Location="/Status" acl="127.0.0.1"/>
    </Sessions>
    <Errors supportContact="root@localhost"/>
    <MetadataProvider type="XML" validate="false" path="${dir}/idp.xml"/>
    <AttributeExtractor type="XML" validate="true" reloadChanges="false" path="${dir}/attribute-map.xml"/>
    <AttributeFilter type="XML" validate="true" path="/etc/shibboleth/attribute-policy.xml"/>
    <CredentialResolver type="File" key="${dir}/sp.key" certificate="${dir}/sp.crt"/>
  </ApplicationDefaults>
  <SecurityPolicyProvider type="XML" validate="true" path="/etc/shibboleth/security-policy.xml"/>
  <ProtocolProvider type="XML" validate="true" reloadChanges="false" path="/etc/shibboleth/protocols.xml"/>
</SPConfig>
`;

/** Starts shibd, and Apache with mod_shib. */
export async function startShibbolethFront(parts: ShibbolethParts): Promise<Front> {
  const shibd = needCommand('shibd', 'shibboleth-sp-utils');
  const dir = await folder('shib-front');
  const write = (file: string, text: string) => writeFileSync(join(dir, file), text);
  write('idp.xml', parts.idp.metadata);
  write('sp.key', parts.key.key);
  write('sp.crt', parts.key.certificate);
  write('attribute-map.xml', ATTRIBUTES);
  write('shibd.logger', logger(join(dir, 'log/shibd.txt')));
  write('native.logger', logger(join(dir, 'log/native.txt')));
  write('shibboleth2.xml', shibboleth(dir, parts));
  const running: { stop(): Promise<void>; log(): string }[] = [];
  const stop = async () => {
    for (const program of running.toReversed()) await program.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const daemon: Program = await startProgram({
      name: 'shibd',
      command: shibd,
      args: ['-F', '-f', '-c', join(dir, 'shibboleth2.xml'), '-p', join(dir, 'run/shibd.pid'), '-w', '30'],
      dir,
      ready: async () => existsSync(join(dir, 'run/shibd.sock')),
      version: versionOf('shibboleth-sp-utils'),
    });
    running.push(daemon);
    const lines = `ShibConfig ${dir}/shibboleth2.xml\nShibCompatValidUser Off\n<Location /Shibboleth.sso>\n  AuthType None\n  Require all granted\n</Location>\n${parts.lines}`;
    running.push(
      await startApache(
        {
          origin: parts.origin,
          module: { package: 'libapache2-mod-shib', name: 'mod_shib', file: 'mod_shib.so' },
          lines,
          ready: '/Shibboleth.sso/Status',
        },
        dir,
      ),
    );
  } catch (cause) {
    await stop();
    throw cause;
  }
  return { log: () => running.map((program) => program.log()).join('\n'), stop };
}
