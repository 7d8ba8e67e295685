/**
 * Debian's Apache with mod_shib as a SAML service provider on this machine: what it makes of a response.
 *
 * It believes itself under the addresses it is given, wherever it listens, so that the very bytes meant for somebody
 * else can be shown to it. Two programs: shibd, and Apache in front.
 */
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../http-server.ts';
import type { KeyPair } from '../saml-idp.ts';
import { versionOf } from './debian.ts';
import { needCommand } from './need.ts';
import { type Program, privateDirectory, startProgram } from './program.ts';

/** What it made of a response. */
export type Found =
  | { readonly kind: 'signed-in'; readonly nameId?: string; readonly mail?: string }
  /** `why` is what it told the browser. */
  | { readonly kind: 'refused'; readonly why: string };

/** A running service provider. */
export interface ModShib {
  /** Posts a response as a browser does. */
  post(xml: string): Promise<Found>;
  log(): string;
  stop(): Promise<void>;
}

/** Who it takes itself for, and whom it believes. */
export interface ModShibParts {
  readonly entityId: string;
  /** Of it the folder becomes its handlers' address. */
  readonly acs: string;
  readonly key: KeyPair;
  /** Metadata of identity providers, one document each. */
  readonly metadata: readonly string[];
}

const MODULES = '/usr/lib/apache2/modules';

const ATTRIBUTES = `<Attributes xmlns="urn:mace:shibboleth:2.0:attribute-map" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Attribute name="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" id="who"><AttributeDecoder xsi:type="NameIDAttributeDecoder" formatter="$Name" defaultQualifiers="false"/></Attribute>
  <Attribute name="urn:oid:0.9.2342.19200300.100.1.3" id="mail"/>
</Attributes>
`;

const logger = (file: string) => `log4j.rootCategory=INFO, f
log4j.appender.f=org.apache.log4j.FileAppender
log4j.appender.f.fileName=${file}
log4j.appender.f.layout=org.apache.log4j.PatternLayout
log4j.appender.f.layout.ConversionPattern=%p %c: %m%n
`;

const shibboleth = (dir: string, { entityId, acs, metadata }: ModShibParts) => {
  const { pathname } = new URL(acs);
  const handlers = pathname.slice(0, pathname.lastIndexOf('/'));
  return `<SPConfig xmlns="urn:mace:shibboleth:3.0:native:sp:config" xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" clockSkew="180">
  <OutOfProcess logger="${dir}/shibd.logger"/>
  <InProcess logger="${dir}/native.logger"/>
  <UnixListener address="${dir}/run/shibd.sock"/>
  <ApplicationDefaults entityID="${entityId}" REMOTE_USER="who">
    <Sessions lifetime="28800" timeout="3600" relayState="ss:mem" checkAddress="false" handlerURL="${handlers}" handlerSSL="false" cookieProps="http" redirectLimit="exact">
      <md:AssertionConsumerService Location="${pathname.slice(handlers.length)}" index="1" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"/>
      <Handler type="Status" Location="/Status" acl="127.0.0.1"/>
      <Handler type="Session" Location="/Session" contentType="application/json" showAttributeValues="true"/>
    </Sessions>
    <Errors supportContact="root@localhost"/>
    <MetadataProvider type="Chaining">
      ${metadata.map((_, at) => `<MetadataProvider type="XML" validate="false" path="${dir}/idp${at}.xml"/>`).join('')}
    </MetadataProvider>
    <AttributeExtractor type="XML" validate="true" reloadChanges="false" path="${dir}/attribute-map.xml"/>
    <AttributeFilter type="XML" validate="true" path="/etc/shibboleth/attribute-policy.xml"/>
    <CredentialResolver type="File" key="${dir}/sp.key" certificate="${dir}/sp.crt"/>
  </ApplicationDefaults>
  <SecurityPolicyProvider type="XML" validate="true" path="/etc/shibboleth/security-policy.xml"/>
  <ProtocolProvider type="XML" validate="true" reloadChanges="false" path="/etc/shibboleth/protocols.xml"/>
</SPConfig>
`;
};

const httpd = (dir: string, port: number, { acs }: ModShibParts) => `ServerRoot "${dir}"
ServerName ${new URL(acs).origin}
UseCanonicalName On
Listen 127.0.0.1:${port}
PidFile ${dir}/run/httpd.pid
DefaultRuntimeDir ${dir}/run
Mutex file:${dir}/run default
ErrorLog ${dir}/log/error.log
LogLevel warn
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
StartServers 1
ServerLimit 2
ThreadsPerChild 8
MaxRequestWorkers 16
MinSpareThreads 4
MaxSpareThreads 12
${['mpm_event', 'authn_core', 'authz_core', 'authz_user'].map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
LoadModule mod_shib ${MODULES}/mod_shib.so
DocumentRoot ${dir}/www
ShibConfig ${dir}/shibboleth2.xml
ShibCompatValidUser Off
<Location />
  AuthType shibboleth
  ShibRequestSetting requireSession 0
  Require shibboleth
</Location>
`;

/** Writes its files, and starts both programs. */
export async function startModShib(parts: ModShibParts): Promise<ModShib> {
  const shibd = needCommand('shibd', 'shibboleth-sp-utils');
  const apache = needCommand('apache2', 'apache2');
  if (!existsSync(`${MODULES}/mod_shib.so`))
    throw new Error('mod_shib is not installed: install the Debian package libapache2-mod-shib');
  const dir = await privateDirectory('mod-shib');
  // Apache's children run as somebody else when we are root.
  chmodSync(dir, 0o755);
  for (const folder of ['run', 'log', 'www']) mkdirSync(join(dir, folder));
  if (process.getuid?.() === 0) for (const folder of ['run', 'log']) chmodSync(join(dir, folder), 0o777);
  const write = (file: string, text: string) => writeFileSync(join(dir, file), text);
  parts.metadata.forEach((xml, at) => {
    write(`idp${at}.xml`, xml);
  });
  write('sp.key', parts.key.key);
  write('sp.crt', parts.key.certificate);
  write('attribute-map.xml', ATTRIBUTES);
  write('shibd.logger', logger(join(dir, 'log/shibd.txt')));
  write('native.logger', logger(join(dir, 'log/native.txt')));
  write('shibboleth2.xml', shibboleth(dir, parts));
  const port = await freePort();
  write('httpd.conf', httpd(dir, port, parts));
  const programs: Program[] = [];
  const clean = async () => {
    for (const program of programs.toReversed()) await program.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  const at = (path: string) => `http://127.0.0.1:${port}${new URL(path, parts.acs).pathname}`;
  try {
    programs.push(
      await startProgram({
        name: 'shibd',
        command: shibd,
        args: ['-F', '-f', '-c', join(dir, 'shibboleth2.xml'), '-p', join(dir, 'run/shibd.pid'), '-w', '30'],
        dir,
        ready: async () => existsSync(join(dir, 'run/shibd.sock')),
        version: versionOf('shibboleth-sp-utils'),
      }),
      await startProgram({
        name: 'apache2-mod-shib',
        command: apache,
        args: ['-DFOREGROUND', '-f', join(dir, 'httpd.conf')],
        dir,
        // A configuration it cannot read leaves it listening and silent.
        ready: async () => (await fetch(at('Status'), { signal: AbortSignal.timeout(2000) })).status === 200,
        version: versionOf('libapache2-mod-shib'),
      }),
    );
  } catch (cause) {
    await clean();
    throw cause;
  }
  return {
    post: async (xml) => {
      const answer = await fetch(at('acs'), {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ SAMLResponse: Buffer.from(xml).toString('base64') }),
        signal: AbortSignal.timeout(20_000),
      });
      const text = await answer.text();
      const session = answer.headers
        .getSetCookie()
        .map((cookie) => cookie.split(';')[0] ?? '')
        .find((cookie) => cookie.startsWith('_shibsession_'));
      if (session === undefined) return { kind: 'refused', why: whyOf(text) };
      const asked = await fetch(at('Session'), {
        headers: { cookie: session },
        signal: AbortSignal.timeout(20_000),
      });
      const page = (await asked.json()) as SessionPage;
      // Without a life of its own it is over when it begins.
      return page.expiration === undefined
        ? { kind: 'refused', why: 'the session is over' }
        : { kind: 'signed-in', ...toldBy(page) };
    },
    log: () => programs.map((program) => program.log()).join('\n'),
    stop: clean,
  };
}

interface SessionPage {
  readonly expiration?: number;
  readonly attributes?: readonly { readonly name: string; readonly values: readonly string[] }[];
}

function toldBy({ attributes = [] }: SessionPage): { nameId?: string; mail?: string } {
  const value = (wanted: string) => attributes.find(({ name }) => name === wanted)?.values.join(';');
  const [nameId, mail] = [value('who'), value('mail')];
  return { ...(nameId !== undefined && { nameId }), ...(mail !== undefined && { mail }) };
}

/** The sentence of its error page. */
function whyOf(page: string): string {
  const text = page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  return / at \(\S+\) (.{1,200})/.exec(text)?.[1]?.trim() ?? text.slice(0, 200).trim();
}
