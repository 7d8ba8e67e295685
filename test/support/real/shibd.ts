/**
 * The half of Debian's mod_shib that runs on its own: its configuration, its keys, and the program.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyPair } from '../saml-idp.ts';
import { versionOf } from './debian.ts';
import { needCommand } from './need.ts';
import { type Program, startProgram } from './program.ts';

/** What it is told. */
export interface ShibdParts {
  readonly entityId: string;
  /** The attribute that becomes `REMOTE_USER`. */
  readonly remoteUser: string;
  /** Attributes of the element that holds the handlers, beside the ordinary ones. */
  readonly sessions?: string;
  /** The handlers. */
  readonly handlers: string;
  readonly key: KeyPair;
  /** Metadata of identity providers, one document each. */
  readonly metadata: readonly string[];
  /** What attributes are called. */
  readonly attributes: string;
}

const logger = (file: string) => `log4j.rootCategory=INFO, f
log4j.appender.f=org.apache.log4j.FileAppender
log4j.appender.f.fileName=${file}
log4j.appender.f.layout=org.apache.log4j.PatternLayout
log4j.appender.f.layout.ConversionPattern=%p %c: %m%n
`;

const configuration = (
  dir: string,
  parts: ShibdParts,
) => `<SPConfig xmlns="urn:mace:shibboleth:3.0:native:sp:config" xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" clockSkew="180">
  <OutOfProcess logger="${dir}/shibd.logger"/>
  <InProcess logger="${dir}/native.logger"/>
  <UnixListener address="${dir}/run/shibd.sock"/>
  <ApplicationDefaults entityID="${parts.entityId}" REMOTE_USER="${parts.remoteUser}">
    <Sessions lifetime="28800" timeout="3600" relayState="ss:mem" checkAddress="false" handlerSSL="false" cookieProps="http" redirectLimit="exact"${parts.sessions ?? ''}>
      ${parts.handlers}
      <Handler type="Status" Location="/Status" acl="127.0.0.1"/>
    </Sessions>
    <Errors supportContact="root@localhost"/>
    <MetadataProvider type="Chaining">
      ${parts.metadata.map((_, at) => `<MetadataProvider type="XML" validate="false" path="${dir}/idp${at}.xml"/>`).join('')}
    </MetadataProvider>
    <AttributeExtractor type="XML" validate="true" reloadChanges="false" path="${dir}/attribute-map.xml"/>
    <AttributeFilter type="XML" validate="true" path="/etc/shibboleth/attribute-policy.xml"/>
    <CredentialResolver type="File" key="${dir}/sp.key" certificate="${dir}/sp.crt"/>
  </ApplicationDefaults>
  <SecurityPolicyProvider type="XML" validate="true" path="/etc/shibboleth/security-policy.xml"/>
  <ProtocolProvider type="XML" validate="true" reloadChanges="false" path="/etc/shibboleth/protocols.xml"/>
</SPConfig>
`;

/** Writes its files into this folder, which holds `run` and `log`, and starts it. */
export async function startShibd(dir: string, parts: ShibdParts): Promise<Program> {
  const shibd = needCommand('shibd', 'shibboleth-sp-utils');
  const write = (file: string, text: string) => writeFileSync(join(dir, file), text);
  parts.metadata.forEach((xml, at) => {
    write(`idp${at}.xml`, xml);
  });
  write('sp.key', parts.key.key);
  write('sp.crt', parts.key.certificate);
  write('attribute-map.xml', parts.attributes);
  write('shibd.logger', logger(join(dir, 'log/shibd.txt')));
  write('native.logger', logger(join(dir, 'log/native.txt')));
  write('shibboleth2.xml', configuration(dir, parts));
  return startProgram({
    name: 'shibd',
    command: shibd,
    args: ['-F', '-f', '-c', join(dir, 'shibboleth2.xml'), '-p', join(dir, 'run/shibd.pid'), '-w', '30'],
    dir,
    ready: async () => existsSync(join(dir, 'run/shibd.sock')),
    version: versionOf('shibboleth-sp-utils'),
  });
}

/** Apache's lines that lead to it. */
export function shibLines(dir: string): string {
  return `ShibConfig ${dir}/shibboleth2.xml\nShibCompatValidUser Off\n`;
}

/** The Debian package and its module. */
export const MOD_SHIB = { package: 'libapache2-mod-shib', name: 'mod_shib', file: 'mod_shib.so' } as const;
