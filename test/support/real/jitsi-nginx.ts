/**
 * Debian's nginx with the rules by which Jitsi's web servers choose who answers: once as its packages write them, once
 * as its containers do with everything switched on.
 *
 * Nothing stands behind it. Every answer says in a header who would have given it. Knows nothing of the gate.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { freePort } from '../http-server.ts';
import { needCommand } from './need.ts';
import { privateDirectory, startProgram } from './program.ts';

/** The two ways Jitsi configures its web server. */
export const FLAVOURS = ['packages', 'containers'] as const;
export type Flavour = (typeof FLAVOURS)[number];

/** Where a request ended. `nobody` where no rule spoke and a file of that name was looked for. */
export type By =
  | 'bosh'
  | 'websocket'
  | 'conference-request'
  | 'room-info'
  | 'config'
  | 'service'
  | 'bridge'
  | 'load-test'
  | 'page'
  | 'file'
  | 'nobody';

/** Who answered one request. */
export interface Served {
  readonly status: number;
  readonly by: By;
  /** The tenant that Prosody would be told. */
  readonly prefix: string;
  /** The tenant that the page and its settings would be told, with a slash. */
  readonly subdir: string;
  /** What was looked for in the end, decoded. */
  readonly uri: string;
}

/** A running nginx. */
export interface JitsiNginx {
  /** Sends each path as it is, byte for byte, and says who answered, in the same order. */
  ask(flavour: Flavour, paths: readonly string[]): Promise<Served[]>;
  stop(): Promise<void>;
}

/** One leading segment: what may be a tenant, or a room. */
const SEGMENT = `([^/?&:'"]+)`;

const served = (by: By) => `add_header X-By "${by};$prefix;$subdir" always; add_header X-Uri $uri always;`;
const answer = (by: By) => `${served(by)} return 200 "";`;
const exact = (path: string, does: string) => `location = ${path} { ${does} }`;
const pattern = (regex: string, does: string) => `location ~ "${regex.replaceAll('"', '\\"')}" { ${does} }`;

/** Below a tenant: the tenant is noted, and the rest is looked up from the start. No pattern of these has an end. */
const NOTE = 'set $subdir "$1/"; set $prefix "$1";';
const tenanted = (name: string) => pattern(`^/${SEGMENT}/${name}`, `${NOTE} rewrite ^/(.*)$ /${name};`);
const tenantFile = pattern(
  `^/${SEGMENT}/(pwa-worker.js|manifest.json)$`,
  `set $subdir "$1/"; rewrite "^/[^/]+/(.*)$" /$1;`,
);
const tenantConfig = (dir: string) =>
  pattern(`^/${SEGMENT}/config.js$`, `set $subdir "$1/"; ${served('config')} alias ${dir}/settings.js;`);
const anyTenant = pattern(`^/${SEGMENT}/(.*)$`, `set $subdir "$1/"; rewrite "^/[^/]+/(.*)$" /$1;`);
const room = pattern(`^/${SEGMENT}$`, `${served('file')} try_files $uri @page;`);
const page = `location @page { ${served('page')} rewrite ^ /index.html break; }`;

function files(roots: string, dir: string): string {
  return pattern(`^/(${roots})/(.*)$`, `${served('file')} alias ${dir}/$1/$2;`);
}

function packages(dir: string): string[] {
  return [
    exact('/socket.io/', answer('service')),
    exact('/config.js', `${served('config')} alias ${dir}/settings.js;`),
    exact('/external_api.js', `${served('file')} alias ${dir}/libs/external_api.min.js;`),
    exact('/_api/room-info', answer('room-info')),
    pattern('^/_api/public/(.*)$', `${served('file')} alias ${dir}/public/$1;`),
    files('libs|css|static|images|fonts|lang|sounds|.well-known', dir),
    exact('/http-bind', answer('bosh')),
    exact('/xmpp-websocket', answer('websocket')),
    pattern('^/colibri-ws/default-id/(.*)', answer('service')),
    exact('/_unlock', served('file')),
    pattern('^/conference-request/v1(/.*)?$', answer('conference-request')),
    pattern(`^/${SEGMENT}/conference-request/v1(/.*)?$`, 'rewrite "^/[^/]+/(.*)$" /$1;'),
    room,
    page,
    tenantConfig(dir),
    tenantFile,
    tenanted('http-bind'),
    tenanted('xmpp-websocket'),
    tenanted('_api/room-info'),
    anyTenant,
  ];
}

function containers(dir: string): string[] {
  const below = (path: string) => `location ^~ ${path} { ${answer('service')} }`;
  return [
    exact('/config.js', `${served('config')} alias ${dir}/settings.js;`),
    exact('/interface_config.js', `${served('file')} alias ${dir}/interface_config.js;`),
    exact('/external_api.js', `${served('file')} alias ${dir}/libs/external_api.min.js;`),
    exact('/_api/room-info', answer('room-info')),
    files('libs|css|static|images|fonts|lang|sounds|connection_optimization|.well-known|transcripts', dir),
    pattern('^/colibri-ws/(jvb)/(.*)', answer('service')),
    pattern('^/colibri-relay-ws/([a-zA-Z0-9-._]+)/(.*)', answer('bridge')),
    exact('/http-bind', answer('bosh')),
    exact('/xmpp-websocket', answer('websocket')),
    below('/etherpad/'),
    exact('/rtcstats-ws/', answer('service')),
    exact('/rtc-visualizer', answer('service')),
    below('/rtc-visualizer/'),
    exact('/socket.io/', answer('service')),
    room,
    page,
    tenantFile,
    tenantConfig(dir),
    tenanted('http-bind'),
    tenanted('xmpp-websocket'),
    tenanted('_api/room-info'),
    pattern(`^/_load-test/${SEGMENT}$`, answer('load-test')),
    pattern('^/_load-test/libs/(.*)$', answer('load-test')),
    pattern(`^/${SEGMENT}/_load-test/(?:libs/)?(.*)$`, answer('load-test')),
    anyTenant,
  ];
}

function config(dir: string, ports: Readonly<Record<Flavour, number>>): string {
  const server = (port: number, locations: readonly string[]) => `server {
    listen 127.0.0.1:${port};
    root ${dir}/root;
    index index.html;
    error_page 404 /static/404.html;
    set $prefix "";
    ${served('nobody')}
    ${locations.join('\n    ')}
  }`;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
master_process off;
pid ${dir}/nginx.pid;
error_log stderr crit;
events { worker_connections 128; }
http {
  ${temporary.map((name) => `${name}_temp_path ${dir}/${name};`).join(' ')}
  access_log off;
  keepalive_requests 100000;
  large_client_header_buffers 4 32k;
  uninitialized_variable_warn off;
  ${server(ports.packages, packages(`${dir}/root`))}
  ${server(ports.containers, containers(`${dir}/root`))}
}
`;
}

/** What of Jitsi's files the tests ask for. */
const FILES = [
  ...['index.html', 'settings.js', 'interface_config.js', 'manifest.json', 'pwa-worker.js', '_unlock'],
  ...[
    'libs/external_api.min.js',
    'libs/app.bundle.min.js',
    'css/all.css',
    'sounds/joined.wav',
    'lang/main-de.json',
  ],
  ...[
    'static/404.html',
    'static/close3.html',
    'static/dialInInfo.html',
    'images/our logo.svg',
    'public/logo.svg',
  ],
  ...['.well-known/acme-challenge/TOKEN', '.well-known/assetlinks.json', 'transcripts/notes.txt'],
];

const STATUS = /^HTTP\/1\.1 (\d{3})/;

function parsed(head: string): Served {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
  const [by = '', prefix = '', subdir = ''] = field('X-By').split(';');
  const utf8 = (text: string) => Buffer.from(text, 'latin1').toString('utf8');
  return {
    status: Number(STATUS.exec(head)?.[1]),
    by: (by === '' ? 'nobody' : by) as By,
    prefix: utf8(prefix),
    subdir: utf8(subdir),
    uri: utf8(field('X-Uri')),
  };
}

/** The answers of one connection; fewer than asked for where nginx hung up in between. */
function answersIn(said: string): Served[] {
  const answers: Served[] = [];
  let at = 0;
  while (at < said.length) {
    const end = said.indexOf('\r\n\r\n', at);
    if (end === -1) break;
    const head = said.slice(at, end);
    answers.push(parsed(head));
    at = end + 4 + Number(/^Content-Length: (\d+)$/im.exec(head)?.[1] ?? 0);
  }
  return answers;
}

async function askOnce(port: number, paths: readonly string[]): Promise<Served[]> {
  const socket = connect({ port, host: '127.0.0.1', timeout: 10_000 });
  socket.on('timeout', () => socket.destroy(new Error('nginx said nothing')));
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  const closed = once(socket, 'close');
  const requests = paths.map(
    (path, index) =>
      `GET ${path} HTTP/1.1\r\nHost: meet.example.org\r\n${index === paths.length - 1 ? 'Connection: close\r\n' : ''}\r\n`,
  );
  socket.write(requests.join(''), 'latin1');
  await closed;
  return answersIn(Buffer.concat(chunks).toString('latin1'));
}

const AT_ONCE = 100;

/** Some at a time on one connection; where nginx hangs up after an answer, it goes on behind that. */
async function askAll(port: number, paths: readonly string[]): Promise<Served[]> {
  const answers: Served[] = [];
  while (answers.length < paths.length) {
    const some = await askOnce(port, paths.slice(answers.length, answers.length + AT_ONCE));
    if (some.length === 0) throw new Error(`nginx has no answer to ${paths[answers.length]}`);
    answers.push(...some);
  }
  return answers;
}

/** Starts nginx on two free ports of 127.0.0.1. Throws, naming the Debian package, where it is not installed. */
export async function startJitsiNginx(): Promise<JitsiNginx> {
  const command = needCommand('nginx', 'nginx-light');
  const dir = await privateDirectory('nginx');
  const ports = { packages: await freePort(), containers: await freePort() };
  for (const file of FILES) {
    const path = join(dir, 'root', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file);
  }
  writeFileSync(join(dir, 'nginx.conf'), config(dir, ports));
  const clean = () => rmSync(dir, { recursive: true, force: true });
  try {
    const program = await startProgram({
      name: 'nginx',
      command,
      args: ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', 'stderr'],
      dir,
      version: spawnSync(command, ['-v'], { encoding: 'utf8' }).stderr.replace(/^.*\//s, '').trim(),
      ready: async () => (await askAll(ports.containers, ['/'])).length === 1,
    });
    return {
      ask: (flavour, paths) => askAll(ports[flavour], paths),
      stop: () => program.stop().finally(clean),
    };
  } catch (cause) {
    clean();
    throw cause;
  }
}
