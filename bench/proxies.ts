/**
 * nginx for the benchmarks: Jitsi's files as our upstream, and a proxy of its own
 * to stand beside ours. One process group that ends with its caller.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, listens } from '../test/support/http-server.ts';

/** The files it has, by their size. */
export const FILES = { '1 kB': '/libs/small.js', '1 MB': '/sounds/large.wav' } as const;
const BYTES = { '1 kB': 1024, '1 MB': 1_048_576 } as const;

/** Both ends of it. */
export interface Nginx {
  /** Serves the files. */
  readonly upstream: string;
  /** Passes everything to `upstream`. */
  readonly proxy: string;
  readonly pid: number;
  stop(): void;
}

/** One worker each way, as we have one thread; nothing is written down, as we write nothing. */
function configuration(folder: string, ports: Readonly<Record<'upstream' | 'proxy', number>>): string {
  return `daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
worker_processes 1;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  keepalive_requests 100000000;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  upstream jitsi { server 127.0.0.1:${ports.upstream}; keepalive 32; keepalive_requests 100000000; }
  server { listen 127.0.0.1:${ports.upstream}; root ${folder}/files; }
  server {
    listen 127.0.0.1:${ports.proxy};
    location / {
      proxy_pass http://jitsi;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
    }
  }
}
`;
}

/** Starts nginx with a configuration, and waits until it listens; its folder goes with it. */
export async function launch(folder: string, configuration: string, port: number): Promise<ChildProcess> {
  // Started as root its worker is another user, who must be able to read the files.
  writeFileSync(
    join(folder, 'nginx.conf'),
    `${process.getuid?.() === 0 ? 'user root;\n' : ''}${configuration}`,
  );
  const child = spawn(
    'nginx',
    ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  let ended: Error | undefined;
  child.on('error', (cause) => {
    ended = new Error('nginx is needed: apt-get install -y nginx-light', { cause });
  });
  child.on('exit', (code) => {
    ended ??= new Error(`nginx ended with ${code}`);
    rmSync(folder, { recursive: true, force: true });
  });
  while (!(await listens(port))) {
    if (ended !== undefined) throw ended;
    await pause(20);
  }
  return child;
}

/** Starts it. Says so where it is not installed. */
export async function startNginx(): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-nginx-'));
  const ports = { upstream: await freePort(), proxy: await freePort() };
  for (const size of ['1 kB', '1 MB'] as const) {
    const file = join(folder, 'files', FILES[size]);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, Buffer.alloc(BYTES[size], 'x'));
  }
  const child = await launch(folder, configuration(folder, ports), ports.proxy);
  return {
    upstream: `http://127.0.0.1:${ports.upstream}`,
    proxy: `http://127.0.0.1:${ports.proxy}`,
    pid: child.pid ?? 0,
    stop: () => child.kill('SIGTERM'),
  };
}

/** nginx between callers and somebody's WebSockets, one worker. */
export async function startWebSocketNginx(
  upstream: string,
): Promise<{ readonly url: string; readonly pid: number; stop(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-nginx-'));
  const port = await freePort();
  const text = `daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
worker_processes 1;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${upstream};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_read_timeout 900s;
    }
  }
}
`;
  const child = await launch(folder, text, port);
  return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, stop: () => child.kill('SIGTERM') };
}
