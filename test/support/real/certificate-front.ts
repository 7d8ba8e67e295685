/**
 * Debian's nginx over TLS in front of somebody, asking browsers for certificates as the lines say.
 */
import { chmodSync, rmSync, writeFileSync } from 'node:fs';

import { join } from 'node:path';
import type { Certificate } from '../http-authority.ts';
import { listens } from '../http-server.ts';
import type { Front } from './apache-front.ts';
import { versionOf } from './debian.ts';
import { needCommand } from './need.ts';
import { privateDirectory, startProgram } from './program.ts';

/** What is put in front. */
export interface CertificateFrontParts {
  /** `https://localhost:1234`, as browsers know it; it listens on that port of 127.0.0.1. */
  readonly origin: string;
  readonly shows: Certificate;
  /** The rest of the server's block. */
  readonly lines: string;
}

/** Starts it. */
export async function startCertificateFront({ origin, shows, lines }: CertificateFrontParts): Promise<Front> {
  const { port, hostname } = new URL(origin);
  const dir = await privateDirectory('certificate-front');
  chmodSync(dir, 0o755);
  const write = (file: string, text: string) => writeFileSync(join(dir, file), text, { mode: 0o600 });
  write('site.key', shows.key);
  write('site.crt', shows.cert);
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  write(
    'nginx.conf',
    `daemon off; pid ${dir}/nginx.pid; error_log stderr warn; worker_processes 1; events { worker_connections 128; }
http { access_log off; ${folders.map((kind) => `${kind}_temp_path ${dir}/t-${kind};`).join(' ')}
map $http_upgrade $connection_upgrade { default upgrade; '' close; }
server { listen 127.0.0.1:${port} ssl; server_name ${hostname};
ssl_certificate ${dir}/site.crt; ssl_certificate_key ${dir}/site.key;
${lines}
} }`,
  );
  const program = await startProgram({
    name: 'nginx-client-certificates',
    command: needCommand('nginx', 'nginx-light'),
    args: ['-e', 'stderr', '-p', dir, '-c', join(dir, 'nginx.conf')],
    dir,
    version: versionOf('nginx-light'),
    ready: () => listens(Number(port)),
  });
  return {
    pids: [program.pid],
    log: () => program.log(),
    stop: async () => {
      await program.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
