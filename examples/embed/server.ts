/**
 * A small application with a meeting in its page: one back end that holds the secret, one page that does not.
 *
 *   APP_SECRET=… MEETINGS=https://meet.example.org node examples/embed/server.ts
 *
 * Whoever opens it is somebody it knows already: a real application would look at its own session there.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';

/** What the application is told. */
export interface AppOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Where meetings are: `https://meet.example.org`. */
  readonly meetings: string;
  /** As the doorkeeper knows it: `apps[].name` and `apps[].secret`. */
  readonly name: string;
  readonly secret: string;
  /** The folder with `embed.js`. */
  readonly sdk?: string;
}

/** A running application. */
export interface RunningApp {
  readonly url: string;
  close(): Promise<void>;
}

const folderOf = (name: string) => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
/** React as it comes from npm: this page has no bundler. */
const SCRIPTS: Readonly<Record<string, string>> = {
  '/page.js': join(import.meta.dirname, 'page.js'),
  '/react.js': join(folderOf('react'), 'umd/react.production.min.js'),
  '/react-dom.js': join(folderOf('react-dom'), 'umd/react-dom.production.min.js'),
};

/** Who is signed in here; a real application would know. */
const SOMEBODY = { id: '4711', name: 'Grace Hopper' };

/** Starts it. */
export async function startApp(options: AppOptions): Promise<RunningApp> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((cause: unknown) => {
      process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((done) => server.listen(options.port, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: AppOptions,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://app');
  if (request.method === 'POST' && pathname === '/meeting-token')
    return tokenFor(request, response, { ...options, room: searchParams.get('room') ?? '' });
  if (pathname === '/embed.js') {
    const sdk = options.sdk ?? join(import.meta.dirname, '../../sdk/js/dist');
    return send(response, 'text/javascript', await readFile(join(sdk, 'embed.js'), 'utf8'));
  }
  const script = SCRIPTS[pathname];
  if (script !== undefined) return send(response, 'text/javascript', await readFile(script, 'utf8'));
  if (pathname !== '/') return void response.writeHead(404).end();
  const page = await readFile(join(import.meta.dirname, 'page.html'), 'utf8');
  // Nothing runs here but our own scripts and Jitsi's, and nothing is framed but meetings.
  response.setHeader(
    'content-security-policy',
    `default-src 'self'; script-src 'self' ${options.meetings}; frame-src ${options.meetings}; style-src 'unsafe-inline'`,
  );
  send(response, 'text/html', page.replaceAll('{{meetings}}', options.meetings));
}

/** The one thing that needs the secret. A page of another origin cannot ask for it: browsers name theirs. */
async function tokenFor(
  request: IncomingMessage,
  response: ServerResponse,
  { meetings, name, secret, room }: AppOptions & { readonly room: string },
): Promise<void> {
  if (request.headers['sec-fetch-site'] !== 'same-origin') return void response.writeHead(403).end();
  const pair = `${encodeURIComponent(name)}:${encodeURIComponent(secret)}`;
  const answered = await fetch(`${meetings}/_ostiary/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      room,
      subject_id: SOMEBODY.id,
      subject_name: SOMEBODY.name,
    }),
  });
  // What the doorkeeper says of a refusal is for us, and a short word of it for the page.
  const { access_token, expires_in, error, error_description, id } = (await answered.json()) as Record<
    string,
    unknown
  >;
  if (!answered.ok) process.stderr.write(`no token for ${room}: ${error}, ${error_description} (${id})\n`);
  response.writeHead(answered.ok ? 200 : 403, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(answered.ok ? { access_token, expires_in } : { error }));
}

function send(response: ServerResponse, type: string, text: string): void {
  response.setHeader('content-type', `${type}; charset=utf-8`);
  response.end(text);
}

if (import.meta.main) {
  const { APP_SECRET: secret, MEETINGS: meetings = '', APP_NAME: name = 'crm', PORT = '8090' } = process.env;
  if (secret === undefined || !/^https?:/.test(meetings) || !URL.canParse(meetings)) {
    process.stderr.write(
      'APP_SECRET and MEETINGS (as https://meet.example.org) are not set; README.md beside this file says what they are.\n',
    );
    process.exit(1);
  }
  const { url } = await startApp({ port: Number(PORT), meetings: new URL(meetings).origin, name, secret });
  process.stdout.write(`${url}\n`);
}
