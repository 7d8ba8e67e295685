/**
 * A proxy that people run already, before our server and a Jitsi, with the file that `proxy-config` prints: only
 * ports and folders are written anew.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { nginxFile } from '../../../src/config/forward-nginx.ts';
import { type Behind, type ForwardPlan, forwardPlan } from '../../../src/config/forward-plan.ts';
import { freePort } from '../http-server.ts';
import { ORIGIN, type Stage } from '../server-stage.ts';
import { needCommand } from './need.ts';
import { privateDirectory, startProgram } from './program.ts';

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

/** Does anything listen there? */
export function listens(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      done(true);
    });
    socket.on('error', () => done(false));
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

/** Debian's nginx with the printed file. Throws, naming the package, where it is not installed. */
export async function startFrontNginx(parts: FrontParts): Promise<Front> {
  const command = needCommand('nginx', 'nginx-light');
  const dir = await privateDirectory('front-nginx');
  const port = await freePort();
  const { readFileSync } = await import('node:fs');
  writeJitsi(dir);
  mkdirSync(join(dir, 'log'));
  writeFileSync(join(dir, 'site.conf'), await siteFor(parts, dir, port));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off; pid ${dir}/nginx.pid; user root; worker_processes 1; error_log ${dir}/log/main.log info;
events { worker_connections 512; }
http { include /etc/nginx/mime.types; default_type application/octet-stream;
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
    const read = (file: string) => {
      try {
        return readFileSync(join(dir, 'log', file), 'utf8');
      } catch {
        return '';
      }
    };
    return {
      ...{ name: `nginx, ${parts.behind}`, origin: `http://127.0.0.1:${port}`, port },
      ask: (target, sent) => askAt(port, target, sent),
      raw: (bytes) => rawAt(port, bytes),
      logs: () => ['access.log', 'error.log', 'main.log'].map(read).join('') + program.log(),
      stop: () => program.stop().finally(clean),
    };
  } catch (cause) {
    clean();
    throw cause;
  }
}
