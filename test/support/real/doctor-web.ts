/**
 * Debian's nginx as the web server of a Jitsi, with whatever is right or wrong about it.
 */
import { chmodSync, rmSync, writeFileSync } from 'node:fs';

import { join } from 'node:path';
import type { Certificate } from '../http-authority.ts';
import { listens } from '../http-server.ts';
import { versionOf } from './debian.ts';
import { needCommand } from './need.ts';
import { privateDirectory, startProgram } from './program.ts';

/** What it serves. */
export interface DoctorWebParts {
  readonly port: number;
  readonly shows?: Certificate;
  /** In its root, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** The rest of the server's block. */
  readonly lines: string;
}

/** Starts it. */
export async function startDoctorWeb(parts: DoctorWebParts): Promise<{ stop(): Promise<void> }> {
  const { port, shows, files = {}, lines } = parts;
  const dir = await privateDirectory('doctor-web');
  chmodSync(dir, 0o755);
  const write = (file: string, text: string) => writeFileSync(join(dir, file), text, { mode: 0o644 });
  if (shows !== undefined) {
    write('site.key', shows.key);
    write('site.crt', shows.cert);
  }
  for (const [name, text] of Object.entries(files)) write(name, text);
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const tls =
    shows === undefined ? '' : `ssl_certificate ${dir}/site.crt; ssl_certificate_key ${dir}/site.key;`;
  write(
    'nginx.conf',
    `daemon off; pid ${dir}/nginx.pid; error_log stderr warn; worker_processes 1; events { worker_connections 256; }
http { access_log off; ${folders.map((kind) => `${kind}_temp_path ${dir}/t-${kind};`).join(' ')}
map $http_upgrade $connection_upgrade { default upgrade; '' close; }
server { listen 127.0.0.1:${port}${shows === undefined ? '' : ' ssl'}; ${tls} root ${dir};
${lines}
} }`,
  );
  const program = await startProgram({
    name: 'nginx-doctor',
    command: needCommand('nginx', 'nginx-light'),
    args: ['-e', 'stderr', '-p', dir, '-c', join(dir, 'nginx.conf')],
    dir,
    version: versionOf('nginx-light'),
    ready: () => listens(port),
  });
  return {
    stop: async () => {
      await program.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
