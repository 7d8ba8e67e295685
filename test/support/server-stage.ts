/**
 * The whole server on real sockets, under a public https name, beside a provider that can be bent.
 *
 * Time stands still until a test moves it. What is asked and answered is plain HTTP, so that every byte of an
 * attack can be chosen.
 */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import type { PageFiles } from '../../src/app/page-files.ts';
import { type App, createApp, openParts, type Parts } from '../../src/app.ts';
import { type FixedClock, fixedClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { Store } from '../../src/base/store.ts';
import { type Config, parseConfig } from '../../src/config/load.ts';
import type { OidcOptions } from '../../src/identity/oidc-options.ts';
import type { Provider } from '../../src/identity/provider.ts';
import { createJsonLog } from '../../src/observe/json-log.ts';
import { serve } from '../../src/serve.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { type MutableOp, startMutableOp } from './mutable-op.ts';
import { providerFor } from './oidc-stage.ts';
import { openVisitor, type Visitor } from './visitor.ts';

/** Our own origin, as browsers know it. */
export const ORIGIN = 'https://meet.example.org';
/** Where our own paths are. */
export const PREFIX = '/_ostiary';
/** What every token names as `sub` where no tenant is. */
export const XMPP_DOMAIN = 'meet.jitsi';
/** What Prosody knows as `app_id`. */
export const APP_ID = 'jitsi-app';

/** What is sent; the host is ours and the caller a browser unless said. */
export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  /** Which listener. */
  readonly on?: 'public' | 'inner';
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Every `Set-Cookie` line. */
  readonly cookies: readonly string[];
  readonly text: string;
}

/** A running server, and what stands around it in a test. */
export interface Stage {
  readonly config: Config;
  readonly parts: Parts;
  readonly app: App;
  readonly clock: FixedClock;
  readonly op: MutableOp;
  readonly ports: { readonly public: number; readonly inner: number };
  /** Every line the log wrote, at debug level, as it was written. */
  readonly lines: readonly string[];
  /** Sends one request. Redirects are answers. */
  ask(target: string, sent?: Sent): Promise<Answer>;
  /** Sends bytes on a connection of their own and gives back all that came until the server closed it. */
  raw(bytes: string, on?: 'public' | 'inner'): Promise<string>;
  /** A browser with an empty jar. */
  visitor(headers?: Readonly<Record<string, string>>): Visitor;
  close(): Promise<void>;
}

/** What differs from stage to stage. */
export interface StageOptions {
  /** Settings beside the least, or instead of it. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly clock?: FixedClock;
  /** A store of the test's own, in memory otherwise. */
  readonly store?: (clock: FixedClock) => Store;
  /** An environment variable or file the configuration may name. */
  readonly env?: Readonly<Record<string, string>>;
  /** Changes of the first provider. */
  readonly provider?: Partial<OidcOptions>;
  /** A second provider, as the configuration has it. */
  readonly others?: readonly { readonly id: string; readonly op: MutableOp }[];
  /** What the operator wrote for our pages. */
  readonly pageFiles?: PageFiles;
  /** The providers are those of the configuration, not bent ones. */
  readonly asConfigured?: true;
  /** A second node takes the provider of the first. */
  readonly op?: MutableOp;
}

/** Nobody waits longer for an answer; milliseconds. */
const LIMIT = 10_000;

/** Reads a configuration for a stage. */
export function stageConfig(
  more: Readonly<Record<string, unknown>> = {},
  env: Readonly<Record<string, string>> = {},
): Config {
  const parsed = parseConfig({
    yamlText: JSON.stringify({
      publicUrl: ORIGIN,
      listen: { public: { port: 0 }, inner: { port: 0 } },
      jitsi: { roles: 'enforced', xmppDomain: XMPP_DOMAIN },
      providers: [{ id: 'sso', name: 'Example', issuer: 'https://sso.example.org', clientId: 'jitsi' }],
      tokens: { appId: APP_ID },
      store: { path: ':memory:' },
      log: { level: 'debug' },
      pages: { name: 'Example Organisation' },
      ...more,
    }),
    env,
    readFile: (path: string) => {
      throw new Error(path);
    },
    folder: import.meta.dirname,
  });
  if ('complaints' in parsed) throw new Error(JSON.stringify(parsed.complaints, null, 1));
  return parsed.config;
}

/** Starts a stage. What was begun is ended where the rest cannot be: a server that is left open keeps the test's process for ever. */
export async function startStage(options: StageOptions = {}): Promise<Stage> {
  const clock = options.clock ?? fixedClock();
  const op = options.op ?? (await startMutableOp({ clock }));
  try {
    return await startBeside(op, { ...options, clock });
  } catch (cause) {
    if (options.op === undefined) await op.close();
    throw cause;
  }
}

async function startBeside(
  op: MutableOp,
  options: StageOptions & { readonly clock: FixedClock },
): Promise<Stage> {
  const { clock, others = [] } = options;
  const config = stageConfig(options.config, options.env);
  const lines: string[] = [];
  const opened = await openParts(config, {
    clock,
    store: (options.store ?? ((of) => createMemoryStore({ clock: of })))(clock),
    log: createJsonLog({ level: 'debug', write: (line) => void lines.push(line), clock }),
  });
  // The bent provider is reached on this machine under its public name.
  const changes = { log: opened.log, metrics: opened.metrics };
  const providers: ReadonlyMap<string, Provider> = new Map(
    [{ id: 'sso', op }, ...others].map((one) => [
      one.id,
      providerFor(one.op, { id: one.id, ...changes, ...(one.op === op && options.provider) }),
    ]),
  );
  const parts = options.asConfigured ? opened : { ...opened, providers };
  const app = createApp(config, parts, options.pageFiles);
  const serving = await serve({
    app,
    random: systemRandom,
    log: parts.log,
    sockets: parts.sockets,
    listen: config.listen,
    drainFor: 1,
  });
  const ports = {
    public: Number(new URL(serving.addresses.public).port),
    inner: Number(new URL(serving.addresses.inner).port),
  };
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const ask: Stage['ask'] = (target, sent = {}) => send(ports[sent.on ?? 'public'], target, { sent, agent });
  return {
    config,
    parts,
    app,
    clock,
    op,
    ports,
    lines,
    ask,
    raw: (bytes, on = 'public') => sendRaw(ports[on], bytes),
    visitor: (headers) => openVisitor({ ask, op, headers }),
    close: async () => {
      agent.destroy();
      await serving.close();
      if (options.op === undefined) await op.close();
      for (const other of others) await other.op.close();
      await parts.close();
    },
  };
}

function send(
  port: number,
  target: string,
  { sent, agent }: { readonly sent: Sent; readonly agent: Agent },
): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = sent;
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  return new Promise((done, failed) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port,
        agent,
        method,
        // As it stands: nobody between us and the socket tidies it up.
        path: target,
        setHost: false,
        headers: {
          ...(!given.has('host') && { host: new URL(ORIGIN).host }),
          ...(!given.has('accept') && { accept: 'text/html,*/*;q=0.8' }),
          ...(body !== undefined &&
            !given.has('transfer-encoding') && { 'content-length': String(Buffer.byteLength(body)) }),
          ...(headers as Record<string, string | string[]>),
        },
        timeout: LIMIT,
      },
      async (answer) => {
        const got = new Headers();
        for (let at = 0; at < answer.rawHeaders.length; at += 2)
          got.append(answer.rawHeaders[at] ?? '', answer.rawHeaders[at + 1] ?? '');
        let text = '';
        answer.setEncoding('utf8');
        for await (const chunk of answer) text += chunk;
        done({ status: answer.statusCode ?? 0, headers: got, cookies: got.getSetCookie(), text });
      },
    );
    asking.on('timeout', () => asking.destroy(new Error('no answer')));
    asking.on('error', failed);
    asking.end(body);
  });
}

function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise((done, failed) => {
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    socket.setTimeout(LIMIT, () => socket.destroy(new Error(`still open after: ${heard.slice(0, 200)}`)));
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      heard += String(chunk);
    });
    socket.on('close', () => done(heard));
    // A server may close while we still write: what it said before that is its answer.
    socket.on('error', (cause: NodeJS.ErrnoException) =>
      cause.code === 'EPIPE' || cause.code === 'ECONNRESET' ? done(heard) : failed(cause),
    );
    socket.write(bytes, 'latin1');
  });
}
