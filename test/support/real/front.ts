/**
 * A proxy that people run already, before our server and a Jitsi, with the file that `proxy-config` prints: only
 * ports and folders are written anew.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { behindFile } from '../../../src/config/forward-behind.ts';
import { caddyFile } from '../../../src/config/forward-caddy.ts';
import { haproxyFile, haproxyLua } from '../../../src/config/forward-haproxy.ts';
import { nginxFile } from '../../../src/config/forward-nginx.ts';
import { type Behind, type ForwardPlan, forwardPlan } from '../../../src/config/forward-plan.ts';
import { traefikFile } from '../../../src/config/forward-traefik.ts';
import { freePort, listens } from '../http-server.ts';
import { ORIGIN, type Stage } from '../server-stage.ts';
import { needCommand } from './need.ts';
import { privateDirectory, startProgram } from './program.ts';
import { startTraefikStandIn } from './traefik-stand-in.ts';

/** What an answer was. */
export interface FrontAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** What is sent; the host is ours and the caller a browser unless said. */
export interface FrontAsk {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

/** A running proxy. */
export interface Front {
  readonly name: string;
  readonly origin: string;
  readonly port: number;
  /** Sends one request, its target byte for byte. */
  ask(target: string, sent?: FrontAsk): Promise<FrontAnswer>;
  /** Sends bytes and gives back what came until the connection was closed. */
  raw(bytes: string): Promise<string>;
  /** Everything it wrote down, wherever. */
  logs(): string;
  stop(): Promise<void>;
}

/** What stands behind it. Origins. */
export interface FrontParts {
  readonly behind: Behind;
  readonly stage: Stage;
  /** Prosody, where the proxy is Jitsi's own web server. */
  readonly prosody?: string;
  /** The other back ends there. */
  readonly others?: string;
  /** Jitsi's web server, where the proxy is not that. */
  readonly jitsi?: string;
}

/** The plan of a stage, with the ports it has. */
export function planOf({ stage, behind, jitsi }: FrontParts): ForwardPlan {
  const plan = forwardPlan(stage.config, {
    behind,
    ...(jitsi !== undefined && { jitsi: new URL(jitsi) }),
  });
  if (!('behind' in plan)) throw new Error(JSON.stringify(plan));
  return {
    ...plan,
    inner: `127.0.0.1:${stage.ports.inner}`,
    pages: `127.0.0.1:${stage.ports.public}`,
  };
}

/** Sends one request to a port of this machine. */
export function askAt(port: number, target: string, sent: FrontAsk = {}): Promise<FrontAnswer> {
  const { method = 'GET', headers = {}, body } = sent;
  return new Promise((done, failed) => {
    const asking = request(
      {
        ...{ host: '127.0.0.1', port, method, path: target, setHost: false, agent: false, timeout: 10_000 },
        headers: {
          host: new URL(ORIGIN).host,
          accept: 'text/html,*/*;q=0.8',
          ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
          ...(headers as Record<string, string | string[]>),
        },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => done({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
        answer.on('error', failed);
      },
    );
    asking.on('timeout', () => asking.destroy(new Error(`no answer to ${target}`)));
    asking.on('error', failed);
    asking.end(body);
  });
}

/** Sends bytes to a port of this machine. */
export function rawAt(port: number, bytes: string): Promise<string> {
  return new Promise((done, failed) => {
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    socket.setTimeout(10_000, () => socket.destroy(new Error(`still open after: ${heard.slice(0, 200)}`)));
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      heard += String(chunk);
    });
    socket.on('close', () => done(heard));
    socket.on('error', (cause: NodeJS.ErrnoException) =>
      cause.code === 'ECONNRESET' || cause.code === 'EPIPE' ? done(heard) : failed(cause),
    );
    socket.write(bytes, 'latin1');
  });
}

/** Jitsi's page as its packages have it: its head is a file that is included first. */
const PAGE = `<!doctype html>
<html>
<head>
    <!--#include virtual="head.html" -->
    <!--#include virtual="base.html" -->
    <script><!--#include virtual="/config.js" --></script>
    <script src="libs/app.bundle.min.js"></script>
</head>
<body>JITSI</body>
</html>
`;

/** The files of Jitsi's packages that the tests ask for. */
export const JITSI_FILES: Readonly<Record<string, string>> = {
  'index.html': PAGE,
  'head.html': '<!-- of the package -->',
  'base.html': '<base href="/" />',
  'libs/app.bundle.min.js': 'APP',
  'libs/external_api.min.js': 'EMBED',
  'css/all.css': 'CSS',
  'sounds/joined.wav': 'WAVE',
  'static/404.html': 'NOT FOUND',
  'static/close3.html': 'CLOSED',
  'manifest.json': '{}',
  'pwa-worker.js': 'WORKER',
  'interface_config.js': 'INTERFACE',
  '.well-known/acme-challenge/TOKEN': 'CHALLENGE',
};

/** Jitsi's settings, filled in by nginx as in its packages. */
const SETTINGS = `var subdir = '<!--# echo var="subdir" default="" -->'; var config = { hosts: { domain: 'meet.jitsi' } };`;

function writeJitsi(dir: string): void {
  for (const [file, text] of Object.entries(JITSI_FILES)) {
    mkdirSync(dirname(join(dir, 'jitsi', file)), { recursive: true });
    writeFileSync(join(dir, 'jitsi', file), text);
  }
  mkdirSync(join(dir, 'meet/public'), { recursive: true });
  writeFileSync(join(dir, 'meet', `${new URL(ORIGIN).hostname}-config.js`), SETTINGS);
}

/** The file as it is printed, with the folders and ports of a test. */
async function siteFor(parts: FrontParts, dir: string, port: number): Promise<string> {
  const nobody = `127.0.0.1:${await freePort()}`;
  const at = (origin: string | undefined) => (origin === undefined ? nobody : new URL(origin).host);
  return nginxFile(planOf(parts), { listen: [`listen 127.0.0.1:${port};`], tls: [] })
    .replace('    listen 80;\n    listen [::]:80;', `    listen ${nobody};`)
    .replaceAll('127.0.0.1:5280', at(parts.prosody))
    .replaceAll('127.0.0.1:8888', at(parts.others))
    .replaceAll('127.0.0.1:9090', at(parts.others))
    .replaceAll('/usr/share/jitsi-meet', `${dir}/jitsi`)
    .replaceAll('/etc/jitsi/meet', `${dir}/meet`)
    .replaceAll('/run/nginx-ostiary', `${dir}/kept`)
    .replaceAll('/var/log/nginx', `${dir}/log`);
}

/** Jitsi's web server as in its containers, behind a proxy. `more` are lines of its server block. */
export async function startJitsiWeb(
  { prosody, others }: { readonly prosody: string; readonly others: string },
  more = '',
): Promise<{ readonly origin: string; logs(): string; stop(): Promise<void> }> {
  return startNginx(
    'jitsi-web',
    (dir, port) => `server { listen 127.0.0.1:${port};
root ${dir}/jitsi; index index.html; ssi on; ssi_types application/x-javascript application/javascript;
gzip on; gzip_min_length 0;
error_page 404 /static/404.html; set $prefix ""; uninitialized_variable_warn off;
${more}
location = /config.js { alias ${dir}/meet/${new URL(ORIGIN).hostname}-config.js; }
location = /external_api.js { alias ${dir}/jitsi/libs/external_api.min.js; }
location ~ ^/(libs|css|static|images|fonts|lang|sounds|.well-known)/(.*)$ { alias ${dir}/jitsi/$1/$2; }
location = /conference-request/v1 { proxy_pass ${others}; }
location = /http-bind { proxy_pass ${prosody}/http-bind?prefix=$prefix&$args; proxy_set_header Host $http_host; proxy_buffering off; }
location = /xmpp-websocket { proxy_pass ${prosody}/xmpp-websocket?prefix=$prefix&$args; proxy_http_version 1.1;
  proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; proxy_set_header Host $http_host; }
location ~ "^/([^/?&:']+)$" { try_files $uri @page; }
location @page { rewrite ^ /index.html break; }
location ~ "^/([^/?&:']+)/config.js$" { set $subdir "$1/"; alias ${dir}/meet/${new URL(ORIGIN).hostname}-config.js; }
location ~ "^/([^/?&:']+)/http-bind" { set $subdir "$1/"; set $prefix "$1"; rewrite ^ /http-bind; }
location ~ "^/([^/?&:']+)/xmpp-websocket" { set $subdir "$1/"; set $prefix "$1"; rewrite ^ /xmpp-websocket; }
location ~ "^/([^/?&:']+)/(.*)$" { set $subdir "$1/"; rewrite "^/[^/]+/(.*)$" /$1; }
}`,
  );
}

/** What stands behind a proxy: the web server that is named, or Jitsi's own with the lines for it. */
async function behindOf(
  parts: BehindParts,
): Promise<{ readonly address: string; logs(): string; stop(): Promise<void> }> {
  const { jitsi, prosody = '', others = '' } = parts;
  if (jitsi !== undefined) return { address: new URL(jitsi).host, logs: () => '', stop: async () => {} };
  const { origin, ...web } = await startJitsiWeb(
    { prosody, others },
    behindFile(planOf(parts), ['127.0.0.1']),
  );
  return { address: new URL(origin).host, ...web };
}

type BehindParts = FrontParts &
  ({ readonly jitsi: string } | { readonly prosody: string; readonly others: string });

/** An nginx of the folders of a test. */
async function startNginx(
  name: string,
  site: (dir: string, port: number) => string | Promise<string>,
  at?: number,
): Promise<{ readonly port: number; readonly origin: string; logs(): string; stop(): Promise<void> }> {
  const command = needCommand('nginx', 'nginx-light');
  const dir = await privateDirectory(name);
  const port = at ?? (await freePort());
  writeJitsi(dir);
  mkdirSync(join(dir, 'log'));
  writeFileSync(join(dir, 'site.conf'), await site(dir, port));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off; pid ${dir}/nginx.pid; user root; worker_processes 1; error_log ${dir}/log/main.log info;
events { worker_connections 512; }
http { include /etc/nginx/mime.types; default_type application/octet-stream; access_log ${dir}/log/access-all.log;
${temporary.map((kind) => `${kind}_temp_path ${dir}/t-${kind};`).join(' ')}
include ${dir}/site.conf; }
`,
  );
  const clean = () => rmSync(dir, { recursive: true, force: true });
  try {
    const program = await startProgram({
      ...{ name: 'nginx', command, args: ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', 'stderr'], dir },
      version: '1.22',
      ready: () => listens(port),
    });
    const log = (file: string) => {
      const path = join(dir, 'log', file);
      return existsSync(path) ? readFileSync(path, 'utf8') : '';
    };
    return {
      ...{ origin: `http://127.0.0.1:${port}`, port },
      logs: () => ['access.log', 'access-all.log', 'error.log', 'main.log'].map(log).join('') + program.log(),
      stop: () => program.stop().finally(clean),
    };
  } catch (cause) {
    clean();
    throw cause;
  }
}

/** Debian's nginx with the printed file. Throws, naming the package, where it is not installed. */
export async function startFrontNginx(parts: FrontParts): Promise<Front> {
  const { stop, logs, origin, port } = await startNginx('front-nginx', (dir, at) => siteFor(parts, dir, at));
  return {
    ...{ name: `nginx, ${parts.behind}`, origin, port, stop, logs },
    ask: (target, sent) => askAt(port, target, sent),
    raw: (bytes) => rawAt(port, bytes),
  };
}

/** What stands around an nginx of a stage with a browser. */
export interface AskingParts {
  readonly config: Stage['config'];
  readonly port: number;
  readonly addresses: { readonly public: string; readonly inner: string };
  /** Origin of Jitsi's web server. */
  readonly jitsi: string;
}

/** Debian's nginx with the printed file on a given port, before a web server that is no nginx. */
export async function startAskingNginx({ config, port, addresses, jitsi }: AskingParts): Promise<Front> {
  const made = forwardPlan(config, { behind: 'plain', jitsi: new URL(jitsi) });
  if (!('behind' in made)) throw new Error(JSON.stringify(made));
  const plan = {
    ...made,
    inner: new URL(addresses.inner).host,
    pages: new URL(addresses.public).host,
    jitsi: { address: new URL(jitsi).host.replace('localhost', '127.0.0.1'), tls: false },
  };
  const other = await freePort();
  const { stop, logs, origin } = await startNginx(
    'asking-nginx',
    (dir) =>
      nginxFile(plan, { listen: [`listen 127.0.0.1:${port};`], tls: [] })
        .replace('    listen 80;\n    listen [::]:80;', `    listen 127.0.0.1:${other};`)
        // The stand-in's policy lets no inline script run; Jitsi's packages send none.
        .replace('ssi on;', 'ssi on; proxy_hide_header Content-Security-Policy;')
        .replaceAll('/run/nginx-ostiary', `${dir}/kept`)
        .replaceAll('/var/log/nginx', `${dir}/log`),
    port,
  );
  return {
    ...{ name: 'nginx, plain', origin, port, stop, logs },
    ask: (target, sent) => askAt(port, target, sent),
    raw: (bytes) => rawAt(port, bytes),
  };
}

/** The same before Jitsi's own web server, as it comes. */
export async function startNginxBefore(
  parts: FrontParts & { readonly prosody: string; readonly others: string },
): Promise<Front> {
  const web = await startJitsiWeb(parts);
  const front = await startFrontNginx({ ...parts, behind: 'plain', jitsi: web.origin });
  return { ...front, stop: () => front.stop().finally(() => web.stop()) };
}

/** Debian's Caddy with the printed file, before Jitsi's own web server with the printed lines. */
export async function startFrontCaddy(parts: BehindParts): Promise<Front> {
  const command = needCommand('caddy', 'caddy');
  const port = await freePort();
  const dir = await privateDirectory('front-caddy');
  const plan = planOf(parts);
  const web = await behindOf(parts);
  const file = caddyFile({ ...plan, jitsi: { address: web.address, tls: false } })
    // It speaks plain HTTP here, and no authority is asked for a certificate.
    .replace(
      /^\{\n/m,
      `{\n    admin off\n    auto_https off\n    http_port ${port}\n    default_bind 127.0.0.1\n`,
    )
    .replace(/^meet\.example\.org \{/m, `http://meet.example.org:${port}, http://meet.example.org {`);
  writeFileSync(join(dir, 'Caddyfile'), file);
  const clean = () => rmSync(dir, { recursive: true, force: true });
  try {
    const program = await startProgram({
      ...{ name: 'caddy', command, dir },
      args: ['run', '--config', join(dir, 'Caddyfile'), '--adapter', 'caddyfile'],
      env: { XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir },
      version: '2.6',
      ready: () => listens(port),
    });
    return {
      ...{ name: 'caddy', origin: `http://127.0.0.1:${port}`, port },
      ask: (target, sent) => askAt(port, target, sent),
      raw: (bytes) => rawAt(port, bytes),
      logs: () => program.log() + web.logs(),
      stop: () =>
        program
          .stop()
          .finally(() => web.stop())
          .finally(clean),
    };
  } catch (cause) {
    await web.stop();
    clean();
    throw cause;
  }
}

/** Debian's HAProxy with the printed files, before Jitsi's own web server with the printed lines. */
export async function startFrontHaproxy(parts: BehindParts): Promise<Front> {
  const command = needCommand('haproxy', 'haproxy');
  const port = await freePort();
  const dir = await privateDirectory('front-haproxy');
  const bare = planOf(parts);
  const web = await behindOf(parts);
  const plan = { ...bare, jitsi: { address: web.address, tls: false } };
  writeFileSync(join(dir, 'ostiary.lua'), haproxyLua(plan));
  writeFileSync(
    join(dir, 'haproxy.cfg'),
    haproxyFile(plan)
      .replace(/bind :443 .*/, `bind 127.0.0.1:${port}`)
      .replace(/bind :80$/m, `bind 127.0.0.1:${await freePort()}`)
      .replace('log /dev/log local0', 'log stdout format raw local0')
      .replaceAll('/etc/haproxy', dir),
  );
  const clean = () => rmSync(dir, { recursive: true, force: true });
  try {
    const program = await startProgram({
      ...{ name: 'haproxy', command, dir, args: ['-db', '-f', join(dir, 'haproxy.cfg')] },
      version: '2.6',
      ready: () => listens(port),
    });
    return {
      ...{ name: 'haproxy', origin: `http://127.0.0.1:${port}`, port },
      ask: (target, sent) => askAt(port, target, sent),
      raw: (bytes) => rawAt(port, bytes),
      logs: () => program.log() + web.logs(),
      stop: () =>
        program
          .stop()
          .finally(() => web.stop())
          .finally(clean),
    };
  } catch (cause) {
    await web.stop();
    clean();
    throw cause;
  }
}

/** A stand-in for Traefik with the printed file, before Jitsi's own web server with the printed lines. */
export async function startFrontTraefik(parts: BehindParts): Promise<Front> {
  const bare = planOf(parts);
  const web = await behindOf(parts);
  const { port, stop } = await startTraefikStandIn(
    traefikFile({ ...bare, jitsi: { address: web.address, tls: false } }),
  );
  return {
    ...{ name: 'a stand-in for Traefik', origin: `http://127.0.0.1:${port}`, port },
    ask: (target, sent) => askAt(port, target, sent),
    raw: (bytes) => rawAt(port, bytes),
    logs: () => web.logs(),
    stop: () => stop().finally(() => web.stop()),
  };
}
