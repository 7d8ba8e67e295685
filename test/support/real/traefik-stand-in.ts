/**
 * A stand-in for Traefik, which Debian does not have: it reads the file that is printed for Traefik and does with a
 * request what its documentation says. It knows the few rules and middlewares which stand in that file, and no others.
 *
 * @see Traefik 3, "Routers", "ForwardAuth", "Headers", "AddPrefix"
 */

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { parse } from 'yaml';

interface Middleware {
  readonly headers?: { readonly customRequestHeaders?: Readonly<Record<string, string>> };
  readonly forwardAuth?: { readonly address: string; readonly authResponseHeaders: readonly string[] };
  readonly addPrefix?: { readonly prefix: string };
}

interface File {
  readonly http: {
    readonly routers: Readonly<
      Record<string, { rule: string; priority: number; middlewares?: readonly string[]; service: string }>
    >;
    readonly middlewares: Readonly<Record<string, Middleware>>;
    readonly services: Readonly<Record<string, { loadBalancer: { servers: readonly { url: string }[] } }>>;
  };
}

/** One part of a rule, as `!Name(\`a\`, \`b\`)`; all of them must hold. */
const PART = /(!?)(\w+)\(((?:`[^`]*`,?\s*)*)\)/g;

type Matcher = (asked: IncomingMessage, given: readonly string[]) => boolean;

const pathOf = ({ url = '' }: IncomingMessage) => url.split('?', 1)[0] ?? '';

const MATCHERS: Readonly<Record<string, Matcher>> = {
  Host: ({ headers }, [host]) => headers.host?.split(':')[0]?.toLowerCase() === host,
  PathPrefix: (asked, [prefix = '']) => decodedPath(asked).startsWith(prefix),
  PathRegexp: (asked, [pattern = '']) => new RegExp(pattern).test(decodedPath(asked)),
  HeaderRegexp: ({ headers }, [name = '', pattern = '']) =>
    new RegExp(pattern).test(String(headers[name.toLowerCase()] ?? '')),
  QueryRegexp: ({ url = '' }, [name = '', pattern = '']) =>
    new URL(url, 'http://x').searchParams.getAll(name).some((value) => new RegExp(pattern).test(value)),
};

function decodedPath(asked: IncomingMessage): string {
  try {
    return decodeURIComponent(pathOf(asked));
  } catch {
    return pathOf(asked);
  }
}

function holds(rule: string, asked: IncomingMessage): boolean {
  return [...rule.matchAll(PART)].every(([, not, name = '', given = '']) => {
    const matcher = MATCHERS[name];
    if (matcher === undefined) throw new Error(`the stand-in knows no ${name}`);
    const words = [...given.matchAll(/`([^`]*)`/g)].map(([, word = '']) => word);
    return matcher(asked, words) === (not === '');
  });
}

const HOP = [
  'connection',
  'keep-alive',
  'te',
  'trailers',
  'transfer-encoding',
  'upgrade',
  'proxy-connection',
];

const without = (headers: IncomingHttpHeaders, names: readonly string[]): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));

/** What becomes of a request: on to a service, or an answer. */
type Fate =
  | { readonly to: URL; readonly path: string; readonly headers: IncomingHttpHeaders }
  | {
      readonly answer: {
        readonly status: number;
        readonly headers: IncomingHttpHeaders;
        readonly body: Buffer;
      };
    };

async function fateOf(asked: IncomingMessage, { http }: File): Promise<Fate> {
  const router = Object.values(http.routers)
    .sort((one, other) => other.priority - one.priority)
    .find(({ rule }) => holds(rule, asked));
  if (router === undefined) return { answer: { status: 404, headers: {}, body: Buffer.from('') } };
  const { method = '', url = '', socket } = asked;
  // What a caller says of being forwarded is dropped at the entry point.
  let headers = Object.fromEntries(
    Object.entries(asked.headers).filter(
      ([name]) => !name.startsWith('x-forwarded-') && name !== 'x-real-ip',
    ),
  ) as IncomingHttpHeaders;
  let path = url.replace(/^https?:\/\/[^/]*/, '');
  const forwarded = {
    'x-forwarded-for': socket.remoteAddress,
    'x-forwarded-host': asked.headers.host,
    'x-forwarded-proto': 'https',
  };
  for (const name of router.middlewares ?? []) {
    const { headers: change, forwardAuth, addPrefix } = http.middlewares[name] ?? {};
    for (const [header, value] of Object.entries(change?.customRequestHeaders ?? {}))
      headers = { ...without(headers, [header.toLowerCase()]), ...(value !== '' && { [header]: value }) };
    if (addPrefix) path = `${addPrefix.prefix}${path}`;
    if (!forwardAuth) continue;
    const said = await send(new URL(forwardAuth.address), {
      ...without(headers, [...HOP, 'host', 'content-length']),
      ...forwarded,
      'x-forwarded-method': method,
      'x-forwarded-uri': path,
    });
    if (said.status < 200 || said.status >= 300) return { answer: said };
    for (const copied of forwardAuth.authResponseHeaders) {
      const value = said.headers[copied.toLowerCase()];
      headers = {
        ...without(headers, [copied.toLowerCase()]),
        ...(value !== undefined && { [copied]: value }),
      };
    }
  }
  const { loadBalancer } = http.services[router.service] ?? { loadBalancer: { servers: [] } };
  return { to: new URL(loadBalancer.servers[0]?.url ?? ''), path, headers: { ...headers, ...forwarded } };
}

async function send(to: URL, headers: IncomingHttpHeaders) {
  const asking = request(to, { headers, agent: false }).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return {
    status: answer.statusCode ?? 0,
    headers: without(answer.headers, HOP),
    body: Buffer.concat(chunks),
  };
}

/** Starts it on a free port. */
export async function startTraefikStandIn(
  text: string,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const file = parse(text) as File;
  const sockets = new Set<Duplex>();
  const server = createServer(async (incoming, outgoing) => {
    try {
      const fate = await fateOf(incoming, file);
      if ('answer' in fate) {
        const { status, headers, body } = fate.answer;
        outgoing.writeHead(status, headers).end(body);
        return;
      }
      const { to, path, headers } = fate;
      const asking = request({
        ...{ host: to.hostname, port: to.port, path, method: incoming.method, agent: false },
        headers: without(headers, HOP),
      });
      asking.on('response', (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, without(answer.headers, HOP));
        answer.pipe(outgoing);
      });
      asking.on('error', () => outgoing.destroy());
      outgoing.on('close', () => asking.destroy());
      incoming.pipe(asking);
    } catch {
      outgoing.writeHead(500).end();
    }
  });
  server.on('upgrade', async (incoming, socket, head) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    try {
      const fate = await fateOf(incoming, file);
      if ('answer' in fate) {
        socket.end(
          `HTTP/1.1 ${fate.answer.status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
        );
        return;
      }
      const { to, path, headers } = fate;
      const behind = connect(Number(to.port), to.hostname);
      sockets.add(behind);
      behind.on('error', () => socket.destroy());
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
      behind.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
      behind.write(head);
      behind.pipe(socket).pipe(behind);
    } catch {
      socket.destroy();
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
