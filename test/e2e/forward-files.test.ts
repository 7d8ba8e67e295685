/**
 * Every file that `proxy-config` prints, for every Jitsi and under many settings, read by the program it is for: with
 * the names of containers and the places of files written anew, and nothing else.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { parse } from 'yaml';
import { apacheFile } from '../../src/config/forward-apache.ts';
import { behindFile } from '../../src/config/forward-behind.ts';
import { caddyFile } from '../../src/config/forward-caddy.ts';
import { haproxyFile, haproxyLua } from '../../src/config/forward-haproxy.ts';
import { nginxFile } from '../../src/config/forward-nginx.ts';
import { type Behind, type ForwardPlan, forwardPlan } from '../../src/config/forward-plan.ts';
import { traefikFile } from '../../src/config/forward-traefik.ts';
import { makeAuthority } from '../support/http-authority.ts';
import { freePort } from '../support/http-server.ts';
import { needCommand } from '../support/real/need.ts';
import { privateDirectory } from '../support/real/program.ts';
import { stageConfig } from '../support/server-stage.ts';

let dir = '';
before(async () => {
  dir = await privateDirectory('forward-files');
  const { cert, key } = makeAuthority(dir).issue(['meet.example.org']);
  writeFileSync(join(dir, 'cert.pem'), cert);
  writeFileSync(join(dir, 'key.pem'), key, { mode: 0o600 });
  writeFileSync(join(dir, 'meet.example.org.pem'), `${cert}${key}`, { mode: 0o600 });
  for (const folder of ['log', 'haproxy', 'jitsi', 'meet']) mkdirSync(join(dir, folder));
});
after(() => rmSync(dir, { recursive: true, force: true }));

const SETTINGS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'as it comes': {},
  'another prefix, and listeners for containers': {
    prefix: '/_door',
    listen: { inner: { host: '0.0.0.0', port: 7081 }, public: { host: '0.0.0.0', port: 7080 } },
  },
  'everything open, and an error page of the operator': {
    open: { assets: true, dialIn: true, whiteboard: true },
    pages: { errorPage: '/static/not-today.v2.html' },
  },
  'a machine that shows a secret': {
    machines: [
      { name: 'recorder', header: { name: 'X-Our-Machine', value: 'x'.repeat(32) }, reaches: ['page'] },
    ],
  },
};

function planFor(behind: Behind, more: Readonly<Record<string, unknown>>, jitsi?: string): ForwardPlan {
  const config = stageConfig({
    forwardAuth: { enabled: true },
    trustedProxies: ['127.0.0.1'],
    listen: { public: { port: 8080 }, inner: { port: 8081 } },
    ...more,
  });
  const plan = forwardPlan(config, { behind, ...(jitsi !== undefined && { jitsi: new URL(jitsi) }) });
  assert.ok('behind' in plan, JSON.stringify(plan));
  return plan;
}

const PLANS: readonly (readonly [name: string, plan: () => ForwardPlan])[] = Object.entries(SETTINGS).flatMap(
  ([what, more]) =>
    (
      [
        ['debian', 'debian', 'https://127.0.0.1:8443'],
        ['docker', 'docker', undefined],
        ['plain', 'plain', 'http://10.0.0.5:8000'],
        ['plain by TLS', 'plain', 'https://jitsi.example.net'],
      ] as const
    ).map(([name, behind, jitsi]) => [`${name}, ${what}`, () => planFor(behind, more, jitsi)] as const),
);

/** Names that only a network of containers knows, and places that only a server has. */
async function here(text: string): Promise<string> {
  const ports = [await freePort(), await freePort()];
  return text
    .replace(/(?<![=\w])(?:web|ostiary):(?=\d)/g, '127.0.0.1:')
    .replaceAll('jitsi.example.net', '127.0.0.1')
    .replaceAll(/^\s*listen \[::\].*$/gm, '')
    .replace('listen 80;', `listen 127.0.0.1:${ports[0]};`)
    .replace('listen 443 ssl;', `listen 127.0.0.1:${ports[1]} ssl;`)
    .replaceAll(/\/etc\/letsencrypt\/live\/[^/]+\/fullchain/g, `${dir}/cert`)
    .replaceAll(/\/etc\/letsencrypt\/live\/[^/]+\/privkey/g, `${dir}/key`)
    .replaceAll('/run/nginx-ostiary', `${dir}/kept`)
    .replaceAll('/var/log/nginx', `${dir}/log`)
    .replaceAll('/usr/share/jitsi-meet', `${dir}/jitsi`)
    .replaceAll('/etc/haproxy', dir);
}

/** Fails with what the program said, warnings too. */
function reads(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  const said = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 20_000,
    env: { ...process.env, ...env },
  });
  const words = `${said.stdout}${said.stderr}`;
  assert.equal(said.status, 0, words);
  assert.doesNotMatch(words, /\bwarn|deprecat/i);
}

function nginxReads(site: string): void {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    join(dir, 'nginx.conf'),
    `pid ${dir}/pid; error_log stderr warn; events { worker_connections 64; }
http { default_type application/octet-stream; access_log off;
${temporary.map((kind) => `${kind}_temp_path ${dir}/t-${kind};`).join(' ')}
${site} }`,
  );
  reads(needCommand('nginx', 'nginx-light'), [
    '-t',
    '-q',
    '-e',
    'stderr',
    '-p',
    dir,
    '-c',
    join(dir, 'nginx.conf'),
  ]);
}

for (const [name, plan] of PLANS)
  suite(`the files for ${name}`, () => {
    test('nginx takes its own as it is', async () => nginxReads(await here(nginxFile(plan()))));

    test("the lines for Jitsi's own nginx are taken inside its server block", async () => {
      const lines = await here(behindFile(plan(), ['172.16.0.0/12', '127.0.0.1']));
      nginxReads(`server { listen 127.0.0.1:${await freePort()}; ssi on; ${lines} }`);
    });

    test('Caddy finds its own valid', async () => {
      writeFileSync(join(dir, 'Caddyfile'), caddyFile(plan()));
      const args = ['validate', '--config', join(dir, 'Caddyfile'), '--adapter', 'caddyfile'];
      const said = spawnSync(needCommand('caddy', 'caddy'), args, {
        encoding: 'utf8',
        env: { ...process.env, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir },
      });
      assert.equal(said.status, 0, said.stderr);
      assert.match(said.stdout + said.stderr, /Valid configuration/);
    });

    test('HAProxy takes its own, and the Lua beside it', async () => {
      writeFileSync(join(dir, 'ostiary.lua'), await here(haproxyLua(plan())));
      writeFileSync(join(dir, 'haproxy.cfg'), await here(haproxyFile(plan())));
      reads(needCommand('haproxy', 'haproxy'), ['-c', '-q', '-f', join(dir, 'haproxy.cfg')]);
    });

    test('that of Traefik names nothing that is not there', () => {
      const { http } = parse(traefikFile(plan()));
      const named = Object.values(http.routers) as {
        middlewares?: string[];
        service: string;
        rule: string;
      }[];
      for (const { middlewares = [], service, rule } of named) {
        assert.deepEqual(
          middlewares.filter((one) => http.middlewares[one] === undefined),
          [],
        );
        assert.ok(http.services[service] !== undefined, service);
        for (const [, pattern = ''] of rule.matchAll(/Regexp\\((?:`[^`]*`, )?`([^`]*)`\\)/g))
          new RegExp(pattern);
      }
      const isAsked = ({ middlewares = [], service }: (typeof named)[number]) =>
        service !== 'jitsi' || middlewares.at(-1) === 'ostiary-auth';
      assert.ok(named.every(isAsked), 'whatever leads to Jitsi is asked about last of all');
      for (const { loadBalancer } of Object.values(http.services) as {
        loadBalancer: { serversTransport?: string };
      }[])
        assert.ok(!loadBalancer.serversTransport || http.serversTransports[loadBalancer.serversTransport]);
    });
  });

test('Apache takes the virtual host that leads to the gateway', async () => {
  const modules = ['mpm_event', 'authn_core', 'authz_core', 'ssl', 'headers', 'proxy', 'proxy_http'];
  const file = (await here(apacheFile(planFor('plain', {}, 'http://10.0.0.5:8000'))))
    .replace('*:443', `127.0.0.1:${await freePort()}`)
    .replaceAll('${APACHE_LOG_DIR}', `${dir}/log`);
  writeFileSync(
    join(dir, 'httpd.conf'),
    `ServerRoot "${dir}"\nServerName meet.example.org\nListen 127.0.0.1:${await freePort()}\nPidFile ${dir}/httpd.pid
Mutex file:${dir} default\nErrorLog ${dir}/log/error.log
${modules.map((one) => `LoadModule ${one}_module /usr/lib/apache2/modules/mod_${one}.so`).join('\n')}\n${file}`,
  );
  reads(needCommand('apache2', 'apache2'), ['-t', '-f', join(dir, 'httpd.conf')]);
});
