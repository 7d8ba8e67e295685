/**
 * A real nginx with a test authority before the stage: TLS on the public names of
 * meeting and provider.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { makeAuthority } from '../support/http-authority.ts';
import { startProgram } from '../support/real/program.ts';

/** Where it listens, and what stands behind it. */
export interface NginxOptions {
  readonly folder: string;
  readonly port: number;
  readonly authority: ReturnType<typeof makeAuthority>;
  readonly jitsi: string;
  readonly ostiary: string;
  readonly provider: string;
  /** Where our own paths are. */
  readonly prefix: string;
  /** More of the meeting's server block. */
  readonly locations: string;
}

/** Starts it. */
export async function startNginx({
  folder,
  port,
  authority,
  jitsi,
  ostiary,
  provider,
  prefix,
  locations,
}: NginxOptions) {
  const { key, cert } = authority.issue(['meet.example.org', 'id.example.org', '127.0.0.1']);
  await writeFile(join(folder, 'site.key'), key, { mode: 0o600 });
  await writeFile(join(folder, 'site.crt'), `${cert}\n${await readFile(authority.caFile, 'utf8')}`);
  const forward = 'proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto https;';
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log; worker_processes 1; events { worker_connections 256; }
http { access_log off; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/t-${kind};`).join(' ')}
map $http_upgrade $up { default upgrade; '' close; }
ssl_certificate ${folder}/site.crt; ssl_certificate_key ${folder}/site.key;
server { listen 127.0.0.1:${port} ssl default_server; server_name id.example.org;
  location / { proxy_pass ${provider}; proxy_set_header Host id.example.org; ${forward} } }
server { listen 127.0.0.1:${port} ssl; server_name meet.example.org;
  location ${prefix}/ { proxy_pass ${ostiary}; proxy_set_header Host $host; ${forward} }
${locations}
  location / { proxy_pass ${jitsi}; proxy_http_version 1.1; proxy_set_header Host $host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $up; ${forward} } } }`,
  );

  return startProgram({
    name: 'nginx',
    command: 'nginx',
    args: ['-c', join(folder, 'nginx.conf'), '-p', folder],
    dir: folder,
    version: '1.22',
    ready: async () => {
      return new Promise((done) => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.destroy();
          done(true);
        });
        socket.on('error', () => done(false));
      });
    },
  });
}
