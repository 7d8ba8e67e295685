/**
 * The door for proxies: what a decision costs, and what is left of an nginx with the file we print, beside the same
 * nginx whose question is answered by a bare endpoint that lets everybody pass.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nginxFile } from '../src/config/forward-nginx.ts';
import type { ForwardPlan } from '../src/config/forward-plan.ts';
import { freePort } from '../test/support/http-server.ts';
import { processorSeconds } from './processor.ts';
import { launch } from './proxies.ts';
import { compare, type Figure, median } from './rounds.ts';
import { type Server, startServer } from './run-server.ts';
import { type Asked, wrk } from './wrk.ts';

/** Where the files are that the questions are about, and how many they are. */
export const FILES = 50;
/** Their path; a star is the number. */
export const FILE = '/libs/file-*.js';
/** So many turns of conference pages. */
const PAGES = 5;
/** What browsers call the server of the benchmark. */
export const HOST = 'localhost:1';

/** Decisions by whoever answers, for each second of its processor. */
async function asked({ url, cookies, pid }: Server): Promise<number> {
  const before = processorSeconds(pid);
  const { requests } = await wrk({
    ...{ url, cookies, path: '/_ostiary/auth', distinct: FILES },
    headers: {
      Host: HOST,
      'X-Original-URI': FILE,
      'X-Original-Method': 'GET',
      'X-Forwarded-For': '192.0.2.7',
    },
  });
  return requests / (processorSeconds(pid) - before);
}

/** `/_ostiary/auth` with a live session against an endpoint that hashes the cookie. */
export async function authFigure(): Promise<Figure> {
  const [bare, ours] = await Promise.all([startServer('bare'), startServer('forward')]);
  try {
    return await compare({ ours: () => asked(ours), peer: () => asked(bare) }, 'at once');
  } finally {
    bare.stop();
    ours.stop();
  }
}

/** A file of nginx's own, or of the web server behind it; asked about each time, or remembered for a moment. */
export interface Fronted {
  readonly from: 'static' | 'proxied';
  readonly kept: boolean;
  /** `host:port` of another web server than its own. */
  readonly jitsi?: string;
}

/** Files through nginx, for each second that nginx and whoever answers it had on a processor. */
export async function frontFigure({ from, kept }: Fronted): Promise<Figure> {
  const servers = await Promise.all([startServer('forward'), startServer('bare')]);
  const [ours, bare] = servers as [Server, Server];
  const fronts = await Promise.all(servers.map((server) => startFront({ from, kept }, server)));
  const [mine, theirs] = fronts as [Front, Front];
  const load = async (front: Front, server: Server, path: string) => {
    const pids = [front.pid, server.pid];
    const used = () => pids.reduce((sum, pid) => sum + processorSeconds(pid), 0);
    const before = used();
    const about = { url: front.url, cookies: ours.cookies, distinct: FILES };
    const { requests } = await wrk({ ...about, path, headers: { Host: HOST, Accept: 'text/html' } });
    return requests / (used() - before);
  };
  try {
    const figure = await compare({
      ours: () => load(mine, ours, FILE),
      peer: () => load(theirs, bare, FILE),
    });
    const pages: number[] = [];
    for (let at = 0; at < PAGES; at += 1) pages.push(await load(mine, ours, '/standup'));
    return { ...figure, beside: median(pages) };
  } finally {
    for (const front of fronts) front.stop();
    for (const server of servers) server.stop();
  }
}

interface Front {
  readonly url: string;
  readonly pid: number;
  stop(): void;
}

/** Ours: nginx with the printed file and whoever answers it, and how to ask as somebody who is signed in. */
export interface OwnFront extends Pick<Asked, 'url' | 'cookies' | 'headers'> {
  readonly pids: readonly number[];
  stop(): void;
}

/** Starts it. */
export async function startOwnFront(fronted: Fronted): Promise<OwnFront> {
  const server = await startServer('forward');
  const front = await startFront(fronted, server);
  return {
    ...{ url: front.url, cookies: server.cookies, headers: { Host: HOST } },
    pids: [front.pid, server.pid],
    stop: () => {
      front.stop();
      server.stop();
    },
  };
}

/** Writes the files into a folder. */
export function filesIn(folder: string): void {
  mkdirSync(join(folder, 'libs'), { recursive: true });
  for (let at = 0; at < FILES; at += 1)
    writeFileSync(join(folder, FILE.replace('*', String(at))), 'x'.repeat(1024));
}

/** nginx with the printed file, and the files of a Jitsi. */
async function startFront({ from, kept, jitsi }: Fronted, { url }: Server): Promise<Front> {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-front-'));
  const [port, web, other] = [await freePort(), await freePort(), await freePort()];
  mkdirSync(join(folder, 'log'));
  filesIn(join(folder, 'jitsi'));
  writeFileSync(
    join(folder, 'jitsi/index.html'),
    // Jitsi's own web server has put its parts together when the page comes to nginx.
    `<!doctype html><html><head>${from === 'static' ? '<!--#include virtual="head.html" -->' : ''}</head><body></body></html>`,
  );
  const inner = new URL(url).host;
  const plan: ForwardPlan = {
    ...{ behind: from === 'static' ? 'debian' : 'plain', host: 'localhost', publicUrl: `http://${HOST}` },
    ...{ prefix: '/_ostiary', inner, pages: inner, xmppDomain: 'meet.jitsi', openFiles: !kept },
    ...{
      jitsi: { address: jitsi ?? `127.0.0.1:${web}`, tls: false },
      asked: ['/static/authError.html'],
      machineHeaders: [],
      staged: false,
    },
  };
  const site = nginxFile(plan, { listen: [`listen 127.0.0.1:${port};`], tls: [] })
    .replace('    listen 80;\n    listen [::]:80;', `    listen 127.0.0.1:${other};`)
    .replaceAll('/usr/share/jitsi-meet', `${folder}/jitsi`)
    .replaceAll('/run/nginx-ostiary', `${folder}/kept`)
    .replaceAll('/var/log/nginx', `${folder}/log`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const text = `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 1;
events { worker_connections 19000; }
http { default_type application/javascript; types { text/html html; } sendfile on; keepalive_requests 100000000;
${temporary.map((kind) => `${kind}_temp_path ${folder}/t-${kind};`).join(' ')}
server { listen 127.0.0.1:${web}; root ${folder}/jitsi; access_log off; location / { try_files $uri /index.html; } }
${site} }
`;
  const child = await launch(folder, text, port);
  return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, stop: () => child.kill('SIGTERM') };
}
