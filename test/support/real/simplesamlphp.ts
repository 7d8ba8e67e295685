/**
 * Debian's SimpleSAMLphp as a SAML identity provider on this machine, by PHP's own web server.
 *
 * It has two people, Ada and Bob, and one without a stable name. Service providers are told to it while it runs.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../http-server.ts';
import { versionOf } from './debian.ts';
import { needCommand } from './need.ts';
import { privateDirectory, startProgram } from './program.ts';

/** A running identity provider. */
export interface SimpleSamlPhp {
  readonly url: string;
  readonly entityId: string;
  /** Its metadata, as it hands it out. */
  readonly metadataUrl: string;
  /** Its signing certificate, PEM. */
  readonly certificate: string;
  /** Tells it of a service provider, by SimpleSAMLphp's own words. */
  know(entityId: string, words: Readonly<Record<string, unknown>>): void;
  log(): string;
  stop(): Promise<void>;
}

const WWW = '/usr/share/simplesamlphp/www';

const CONFIG = `<?php
$dir = getenv('LAB_DIR'); $url = getenv('LAB_IDP_URL');
$config = [
  'baseurlpath' => $url, 'application' => ['baseURL' => rtrim($url, '/')],
  'certdir' => "$dir/cert/", 'loggingdir' => "$dir/log/", 'datadir' => "$dir/data/", 'tempdir' => "$dir/tmp",
  'metadatadir' => "$dir/config/metadata/", 'attributenamemapdir' => '/etc/simplesamlphp/attributemap/',
  'secretsalt' => 'only-for-tests-0123456789', 'auth.adminpassword' => 'admin-for-tests',
  'technicalcontact_name' => 'x', 'technicalcontact_email' => 'na@example.org',
  'timezone' => 'UTC', 'production' => false, 'showerrors' => true, 'errorreporting' => false,
  'admin.checkforupdates' => false,
  'debug' => ['saml' => false, 'backtraces' => true, 'validatexml' => false],
  'logging.level' => 7, 'logging.handler' => 'file', 'logging.logfile' => 'ssp.log', 'logging.processname' => 'ssp',
  'statistics.out' => [], 'proxy' => null,
  'enable.saml20-idp' => true, 'enable.shib13-idp' => false,
  'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
  'session.duration' => 28800, 'session.datastore.timeout' => 14400, 'session.state.timeout' => 3600,
  'session.cookie.name' => 'SSPSID', 'session.cookie.path' => '/', 'session.cookie.domain' => null,
  'session.cookie.secure' => false, 'session.cookie.samesite' => 'Lax', 'session.cookie.lifetime' => 0,
  'store.type' => 'phpsession', 'session.phpsession.cookiename' => 'SSPPHP',
  'session.phpsession.savepath' => "$dir/sessions", 'session.phpsession.httponly' => true,
  'session.authtoken.cookiename' => 'SSPAUTH', 'session.rememberme.enable' => false,
  'language.available' => ['en'], 'language.default' => 'en', 'language.cookie.secure' => false, 'language.cookie.samesite' => null,
  'theme.use' => 'default', 'assets' => ['caching' => ['max_age' => 0, 'etag' => false]],
  'enable.http_post' => true, 'trusted.url.domains' => null, 'authproc.idp' => [],
  'metadata.sources' => [['type' => 'flatfile']],
];
`;

const SOURCES = `<?php
$u = fn($uid, $mail, $name, $aff) => ['uid' => [$uid], 'mail' => (array)$mail, 'displayName' => [$name],
  'eduPersonPrincipalName' => ["$uid@example.org"], 'eduPersonAffiliation' => $aff,
  'eduPersonScopedAffiliation' => array_map(fn($a) => "$a@example.org", $aff)];
$config = [
  'admin' => ['core:AdminPassword'],
  'users' => ['exampleauth:UserPass',
    'ada:ada-pw' => $u('ada', 'ada@example.org', 'Ada Lövelace', ['member', 'staff']),
    'bob:bob-pw' => $u('bob', 'bob@example.org', 'Bob', ['member', 'student']),
  ],
];
`;

const HOSTED = `<?php
$metadata[getenv('LAB_IDP_URL') . 'idp'] = [
  'host' => '__DEFAULT__', 'privatekey' => 'idp.key', 'certificate' => 'idp.crt', 'auth' => 'users', 'scope' => ['example.org'],
  'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
  'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'saml20.sign.response' => true, 'saml20.sign.assertion' => true, 'redirect.sign' => true, 'redirect.validate' => true,
  'SingleSignOnServiceBinding' => ['urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect', 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'],
  'SingleLogoutServiceBinding' => ['urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect', 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'],
];
`;

const REMOTE = `<?php
foreach (json_decode(@file_get_contents(getenv('LAB_DIR') . '/sps.json') ?: '{}', true) as $id => $m) $metadata[$id] = $m;
`;

/** Starts one, with keys of its own. */
export async function startSimpleSamlPhp(): Promise<SimpleSamlPhp> {
  const php = needCommand('php', 'php-cli');
  const openssl = needCommand('openssl', 'openssl');
  const dir = await privateDirectory('simplesamlphp');
  for (const folder of ['config/metadata', 'cert', 'log', 'data', 'tmp', 'sessions'])
    mkdirSync(join(dir, folder), { recursive: true });
  const made = spawnSync(
    openssl,
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=test-idp'].concat([
      '-keyout',
      join(dir, 'cert/idp.key'),
      '-out',
      join(dir, 'cert/idp.crt'),
    ]),
    { stdio: 'ignore', timeout: 30_000 },
  );
  if (made.status !== 0) throw new Error('openssl made no certificate');
  const write = (file: string, text: string) => writeFileSync(join(dir, file), text);
  write('config/config.php', CONFIG);
  write('config/authsources.php', SOURCES);
  write('config/metadata/saml20-idp-hosted.php', HOSTED);
  write('config/metadata/saml20-sp-remote.php', REMOTE);
  write('sps.json', '{}');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const metadataUrl = `${url}saml2/idp/metadata.php`;
  const program = await startProgram({
    name: 'simplesamlphp',
    command: php,
    args: [
      '-d',
      `session.save_path=${join(dir, 'sessions')}`,
      '-d',
      `error_log=${join(dir, 'log/php.log')}`,
    ].concat(['-d', 'display_errors=0', '-S', `127.0.0.1:${port}`, '-t', WWW]),
    env: { LAB_DIR: dir, LAB_IDP_URL: url, SIMPLESAMLPHP_CONFIG_DIR: join(dir, 'config') },
    dir,
    ready: async () => (await fetch(metadataUrl, { signal: AbortSignal.timeout(2000) })).status === 200,
    version: versionOf('simplesamlphp'),
  });
  const known: Record<string, unknown> = {};
  return {
    url,
    entityId: `${url}idp`,
    metadataUrl,
    certificate: readFileSync(join(dir, 'cert/idp.crt'), 'utf8'),
    know: (entityId, words) => {
      known[entityId] = words;
      write('sps.json', JSON.stringify(known));
    },
    log: () => `${program.log()}\n${readFileSync(join(dir, 'log/ssp.log'), 'utf8')}`,
    stop: async () => {
      await program.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
