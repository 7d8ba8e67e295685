/**
 * The same protected file by what people have in front of Jitsi today: Apache with mod_auth_openidc, Apache with
 * mod_shib, and HAProxy that verifies a JSON Web Token itself, each as Debian packages it.
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, formsOn, openBrowser } from '../test/support/browser.ts';
import { freePort } from '../test/support/http-server.ts';
import { startOp } from '../test/support/op.ts';
import { type Front, startApache, startShibbolethFront } from '../test/support/real/apache-front.ts';
import { startProgram } from '../test/support/real/program.ts';
import { startSimpleSamlPhp } from '../test/support/real/simplesamlphp.ts';
import { makeKeyPair } from '../test/support/saml-idp.ts';
import { FILE, FILES, filesIn, startOwnFront } from './forward.ts';
import { processorSeconds } from './processor.ts';
import { launch } from './proxies.ts';
import { compare, type Figure } from './rounds.ts';
import { type Asked, wrk } from './wrk.ts';

/** So many people are signed in at a peer: each by its own sign-in, which takes its time. */
const PEOPLE = 20;

/** A peer with people signed in. */
interface Peer {
  readonly url: string;
  readonly pids: readonly number[];
  /** How a request says who it is of. */
  readonly cookies: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Our file through nginx, as printed, against the same by a peer: for each second of all processors that serve it. */
async function against(start: () => Promise<Peer>): Promise<Figure> {
  const ours = await startOwnFront({ from: 'static', kept: true });
  const peer = await start().catch((thrown: unknown) => {
    ours.stop();
    throw thrown;
  });
  const load = async (pids: readonly number[], asked: Omit<Asked, 'path' | 'distinct'>) => {
    const used = () => pids.reduce((sum, pid) => sum + processorSeconds(pid), 0);
    const before = used();
    const { requests } = await wrk({ ...asked, path: FILE, distinct: FILES });
    return requests / (used() - before);
  };
  try {
    return await compare({
      ours: () => load(ours.pids, ours),
      peer: () => load(peer.pids, { ...peer, headers: peer.headers ?? {} }),
    });
  } finally {
    ours.stop();
    await peer.stop();
  }
}

/** Files as Apache reads them, whoever it runs as. */
function documents(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-peer-'));
  chmodSync(folder, 0o755);
  filesIn(folder);
  return folder;
}

const PROTECTED = (folder: string, type: string) => `DocumentRoot ${folder}
<Directory ${folder}>
  Require all denied
</Directory>
<Location />
  AuthType ${type}
${type === 'shibboleth' ? '  ShibRequestSetting requireSession 1\n' : ''}  Require ${type === 'shibboleth' ? 'shib-session' : 'valid-user'}
</Location>
KeepAlive On
MaxKeepAliveRequests 0
ThreadsPerChild 64
MaxRequestWorkers 128
MaxSpareThreads 128
`;

/** Whoever signs in sees the file in the end. */
async function signedIn(url: string, signIn: (browser: Browser, page: string) => Promise<string>) {
  const cookies: string[] = [];
  for (let at = 0; at < PEOPLE; at += 1) {
    const browser = openBrowser();
    const text = await signIn(browser, `${url}${FILE.replace('*', '0')}`);
    if (!/^x+$/.test(text)) throw new Error(`no file after the sign-in: ${text.slice(0, 300)}`);
    cookies.push(browser.cookies(url));
  }
  return cookies;
}

async function openIdConnect(): Promise<Peer> {
  const folder = documents();
  const url = `http://localhost:${await freePort()}`;
  const op = await startOp({
    redirectUris: [`${url}/oidc-redirect`],
    client: { token_endpoint_auth_method: 'client_secret_post' },
  });
  const front = await startApache({
    origin: url,
    module: {
      package: 'libapache2-mod-auth-openidc',
      name: 'auth_openidc_module',
      file: 'mod_auth_openidc.so',
    },
    ready: FILE.replace('*', '0'),
    lines: `OIDCProviderMetadataURL ${op.issuer}/.well-known/openid-configuration
OIDCClientID ${op.clientId}
OIDCClientSecret "${op.clientSecret.reveal()}"
OIDCProviderTokenEndpointAuth client_secret_post
OIDCCryptoPassphrase only-for-benchmarks
OIDCRedirectURI /oidc-redirect
OIDCScope "openid email profile groups"
OIDCPKCEMethod S256
OIDCCookieSameSite On
${PROTECTED(folder, 'openid-connect')}`,
  });
  const cookies = await signedIn(url, async (browser, file) => {
    const [form] = formsOn(await browser.visit(file));
    if (form === undefined) throw new Error('the provider shows no form');
    return (await browser.submit(form, { login: 'ada', password: 'ada-pw' })).text;
  });
  return peerOf(url, front, { cookies, folder, also: () => op.close() });
}

async function shibboleth(): Promise<Peer> {
  const folder = documents();
  const url = `http://localhost:${await freePort()}`;
  const [idp, key] = [await startSimpleSamlPhp(), await makeKeyPair('sp')];
  const metadata = await (await fetch(idp.metadataUrl)).text();
  const front = await startShibbolethFront({
    ...{ origin: url, key, idp: { entityId: idp.entityId, metadata } },
    lines: PROTECTED(folder, 'shibboleth'),
  });
  idp.know(`${url}/shibboleth`, {
    AssertionConsumerService: `${url}/Shibboleth.sso/SAML2/POST`,
    NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
    certData: key.certificate.replace(/-----[A-Z ]+-----|\s/g, ''),
    authproc: { 90: { class: 'core:AttributeMap', 0: 'name2oid' } },
  });
  const cookies = await signedIn(url, async (browser, file) => {
    const [form] = formsOn(await browser.visit(file));
    if (form === undefined) throw new Error('the provider shows no form');
    const [answer] = formsOn(await browser.submit(form, { username: 'ada', password: 'ada-pw' }));
    if (answer === undefined) throw new Error('the provider gives no answer');
    return (await browser.submit(answer)).text;
  });
  return peerOf(url, front, { cookies, folder, also: () => idp.stop() });
}

interface Beside {
  readonly cookies: readonly string[];
  readonly folder: string;
  also(): Promise<void>;
}

function peerOf(url: string, front: Front, { cookies, folder, also }: Beside): Peer {
  return {
    ...{ url, cookies, pids: front.pids },
    stop: async () => {
      await front.stop();
      await also();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The token is in the header, as whoever could set one would send it; the file at an nginx behind HAProxy. */
async function jwtVerify(): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-peer-'));
  const [port, web] = [await freePort(), await freePort()];
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(folder, 'key.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(
    join(folder, 'haproxy.cfg'),
    `global
  nbthread 1
defaults
  mode http
  timeout client 60s
  timeout server 60s
  timeout connect 5s
frontend peer
  bind 127.0.0.1:${port}
  http-request return status 200 content-type text/plain string ready if { path /ready }
  http-request set-var(txn.bearer) http_auth_bearer
  http-request deny unless { var(txn.bearer),jwt_header_query('$.alg') -m str RS256 }
  http-request deny unless { var(txn.bearer),jwt_payload_query('$.aud') -m str jitsi }
  http-request deny unless { var(txn.bearer),jwt_verify("RS256","${folder}/key.pem") -m int 1 }
  default_backend files
backend files
  http-reuse always
  server web 127.0.0.1:${web}
`,
  );
  const program = await startProgram({
    ...{ name: 'haproxy', command: 'haproxy', args: ['-db', '-f', join(folder, 'haproxy.cfg')], dir: folder },
    ready: async () => (await fetch(`http://127.0.0.1:${port}/ready`)).ok,
    version: 'as packaged',
  });
  const files = documents();
  const nginx = await launch(
    mkdtempSync(join(tmpdir(), 'ostiary-peer-')),
    `daemon off; worker_processes 1; pid ${files}/nginx.pid; error_log ${files}/error.log;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; keepalive_requests 100000000;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `  ${kind}_temp_path ${files}/t-${kind};`).join('\n')}
  server { listen 127.0.0.1:${web}; root ${files}; }
}
`,
    web,
  );
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ aud: 'jitsi', room: 'standup', exp: 4e9 })}`;
  const token = `${body}.${sign('RSA-SHA256', Buffer.from(body), privateKey).toString('base64url')}`;
  return {
    ...{ url: `http://127.0.0.1:${port}`, pids: [program.pid, nginx.pid ?? 0], cookies: ['nobody=asks'] },
    headers: { Authorization: `Bearer ${token}` },
    stop: async () => {
      await program.stop();
      nginx.kill('SIGTERM');
      for (const gone of [folder, files]) rmSync(gone, { recursive: true, force: true });
    },
  };
}

/** Against Apache with mod_auth_openidc. */
export const openIdConnectFigure = (): Promise<Figure> => against(openIdConnect);
/** Against Apache with mod_shib, and shibd. */
export const shibbolethFigure = (): Promise<Figure> => against(shibboleth);
/** Against HAProxy's `jwt_verify`. */
export const jwtVerifyFigure = (): Promise<Figure> => against(jwtVerify);
