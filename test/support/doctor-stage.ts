/**
 * A whole installation for the doctor: our server, a real provider, a real Prosody, a real nginx, each as it should be
 * but for what a test breaks.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { turnserverText } from '../../src/config/turn-lines.ts';
import { type Prosody, type ProsodySetup, startProsody } from '../prosody/prosody.ts';
import type { Certificate } from './http-authority.ts';
import { freePort } from './http-server.ts';
import { type Op, startOp } from './op.ts';
import { freeTurnPort, makeDatabase, startCoturn, withSecrets } from './real/coturn.ts';
import { startDoctorWeb } from './real/doctor-web.ts';
import { openTerminal, type Ran, type Terminal } from './terminal.ts';

/** What Prosody and we share, where we share something. */
export const SHARED = 'a secret that both of them have, of more than 32 bytes';

/** What coturn and we share. */
export const TURN_SECRET = 'a-secret-for-a-turn-server-of-some-length';

const UPGRADE =
  'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;';

const APP_ID = 'ostiary';
const AUDIENCE = 'jitsi';
const DOMAIN = 'meet.jitsi';

/** One line of the doctor's answer. */
export interface Line {
  readonly name: string;
  readonly group: string;
  readonly light: 'green' | 'yellow' | 'red' | 'grey';
  readonly says: string;
  readonly fix?: string;
  readonly docs: string;
}

/** What is broken. */
export interface Broken {
  /** Prosody fetches keys from our inner listener. */
  readonly keyServer?: true;
  readonly prosody?: Partial<ProsodySetup>;
  /** Of our settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly web?: {
    readonly shows?: Certificate;
    /** The text of config.js. */
    readonly configJs?: (origin: string) => string;
    readonly page?: string;
    /** In place of the lines that lead to Prosody. */
    readonly bosh?: string;
    readonly websocket?: string;
    /** In place of those that lead to us, at 127.0.0.1:$ours. */
    readonly ours?: string;
    readonly more?: string;
  };
  /** We stand in front of Jitsi, behind an nginx that people reach; these are its further lines. */
  readonly gate?: (prosody: string) => string;
  /** A coturn beside it, with the file that we print but for what this changes. */
  readonly coturn?: (file: string) => string;
  /** It is told of each session by a row in its database; with `lost` in another than we write to. */
  readonly rows?: 'shared' | 'lost';
  /** Where we say it is: by UDP, unless something else is said; by TLS with this certificate. */
  readonly turnBy?: readonly ('udp' | 'tcp' | Certificate)[];
  /** Registered at the provider in place of ours. */
  readonly redirectUri?: string;
  /** Seconds by which our clock is off. */
  readonly clock?: number;
  /** Just before the doctor is called. */
  readonly before?: (stage: DoctorStage) => Promise<void> | void;
  /** More words behind `ostiary doctor`. */
  readonly argv?: (stage: DoctorStage) => readonly string[];
}

/** Everything that runs. */
export interface DoctorStage {
  readonly origin: string;
  readonly ports: { readonly web: number; readonly public: number; readonly inner: number };
  readonly terminal: Terminal;
  readonly op: Op;
  readonly prosody: Prosody;
  /** Runs the doctor. */
  doctor(...argv: readonly string[]): Promise<Ran>;
  /** As JSON. */
  lines(...argv: readonly string[]): Promise<{ readonly code: number; readonly lines: readonly Line[] }>;
}

/** A page as Jitsi's, with its bundle. */
const PAGE = '<!doctype html><html><head><script src="libs/app.bundle.min.js?v=8091"></script></head></html>';

/** The settings of a Jitsi that are as they should be. */
export function configJs(origin: string): string {
  const at = origin.replace(/^http/, 'ws');
  return `var config = { hosts: { domain: '${DOMAIN}', muc: 'muc.${DOMAIN}' }, bosh: '${origin}/http-bind', websocket: '${at}/xmpp-websocket',
tokenAuthUrl: '${origin}/_ostiary/join?room={room}&state={state}' };`;
}

/** Starts it all; the test takes it away. */
export async function startDoctorStage(t: TestContext, broken: Broken = {}): Promise<DoctorStage> {
  const [web, ours, inner] = [await freePort(), await freePort(), await freePort()];
  const turnPort = broken.coturn === undefined ? 0 : await freeTurnPort();
  const jitsi = broken.gate === undefined ? web : await freePort();
  const origin = `http${broken.web?.shows === undefined ? '' : 's'}://127.0.0.1:${web}`;
  const terminal = openTerminal(t);
  terminal.clock.advance((Date.now() - terminal.clock.now()) / 1000);
  const shown = broken.turnBy?.find((by) => typeof by !== 'string');
  const turnTlsPort = shown === undefined ? 0 : await freeTurnPort();
  if (shown !== undefined)
    for (const [name, text] of [
      ['turn.pem', shown.cert],
      ['turn.key', shown.key],
    ] as const)
      writeFileSync(join(terminal.folder, name), text, { mode: 0o600 });
  const op = await startOp({ redirectUris: [broken.redirectUri ?? `${origin}/_ostiary/callback/idp`] });
  t.after(() => op.close());
  const asap = `http://127.0.0.1:${inner}/_ostiary/asap`;
  terminal.configure({
    publicUrl: origin,
    insecureHttp: true,
    jitsi: { roles: 'enforced', xmppDomain: DOMAIN, domainVerification: true },
    listen: { public: { port: ours }, inner: { port: inner } },
    providers: [
      { id: 'idp', issuer: op.issuer, clientId: op.clientId, clientSecret: op.clientSecret.reveal() },
    ],
    tokens: { appId: APP_ID, audience: AUDIENCE, ...(!broken.keyServer && { secret: SHARED }) },
    store: { path: join(terminal.folder, 'ostiary.db') },
    log: { level: 'silent' },
    trustedProxies: ['127.0.0.1'],
    ...(broken.coturn !== undefined && {
      turn: {
        urls: (broken.turnBy ?? ['udp']).map((by) =>
          typeof by === 'string'
            ? `turn:127.0.0.1:${turnPort}?transport=${by}`
            : `turns:127.0.0.1:${turnTlsPort}?transport=tcp`,
        ),
        ...(shown !== undefined && {
          ...{ tlsPort: turnTlsPort, certFile: join(terminal.folder, 'turn.pem') },
          keyFile: join(terminal.folder, 'turn.key'),
        }),
        secret: TURN_SECRET,
        port: turnPort,
        ...(broken.rows !== undefined && { database: join(terminal.folder, 'turndb') }),
        bridges: ['203.0.113.7'],
      },
    }),
    ...(broken.gate !== undefined && { upstream: { url: `http://127.0.0.1:${jitsi}` } }),
    ...broken.settings,
  });
  if (broken.coturn !== undefined) {
    const found = loadConfig(join(terminal.folder, 'ostiary.yaml'), {});
    if ('complaints' in found) throw new Error(JSON.stringify(found.complaints));
    const file = withSecrets(turnserverText(found.config, 'bridges-only'), [TURN_SECRET]);
    const database = join(terminal.folder, 'turndb');
    if (broken.rows !== undefined) for (const path of [database, `${database}-other`]) makeDatabase(path);
    const read =
      broken.rows === 'lost' ? file.replace(`userdb=${database}`, `userdb=${database}-other`) : file;
    const coturn = await startCoturn(broken.coturn(read), { address: '127.0.0.1', port: turnPort });
    t.after(() => coturn.stop());
  }
  const serving = terminal.run('serve');
  const failed = serving.then(({ err }) => {
    throw new Error(err);
  });
  await Promise.race([terminal.listens('SIGTERM'), failed]);
  failed.catch(() => {});
  t.after(async () => {
    terminal.send('SIGTERM');
    await serving;
  });
  const keys = broken.keyServer
    ? ({ fetch: 'asap', from: { asap, jwks: '', nothing: '', asked: [], close: async () => {} } } as const)
    : { secret: SHARED };
  const prosody = await startProsody({
    ...{ appId: APP_ID, audience: AUDIENCE, keys, domainVerification: true, fields: ['token_affiliation'] },
    ...broken.prosody,
  });
  t.after(() => prosody.stop());
  const { bosh, websocket, ours: way, more = '', shows, page = PAGE } = broken.web ?? {};
  const toUs = `proxy_pass http://127.0.0.1:${ours}; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme; ${UPGRADE}`;
  const server = await startDoctorWeb({
    port: jitsi,
    ...(shows !== undefined && { shows }),
    files: { 'index.html': page, 'config.js': (broken.web?.configJs ?? configJs)(origin) },
    lines: `location = /config.js { }
location ~ ^/(libs|css|static)/ { return 404; }
location / { try_files /index.html =404; }
location = /http-bind { ${bosh ?? `proxy_pass ${prosody.origin}/http-bind; proxy_buffering off;`} }
location = /xmpp-websocket { ${websocket ?? `proxy_pass ${prosody.origin}/xmpp-websocket; ${UPGRADE}`} }
location /_ostiary/ { ${way?.replace('$ours', String(ours)) ?? toUs} }
${more}`,
  });
  t.after(() => server.stop());
  if (broken.gate !== undefined) {
    const front = await startDoctorWeb({
      port: web,
      lines: `location / { ${toUs} }\n${broken.gate(prosody.origin)}`,
    });
    t.after(() => front.stop());
  }
  const doctor: DoctorStage['doctor'] = async (...argv) => {
    terminal.clock.advance((Date.now() - terminal.clock.now()) / 1000 + (broken.clock ?? 0));
    return terminal.run('doctor', ...argv, ...(broken.argv?.(stage) ?? []));
  };
  const stage: DoctorStage = {
    ...{ origin, terminal, op, prosody, doctor },
    ports: { web, public: ours, inner },
    lines: async (...argv) => {
      const { code, out, err } = await doctor(...argv, '--json');
      if (out === '') throw new Error(err);
      return { code, lines: JSON.parse(out).checks };
    },
  };
  await broken.before?.(stage);
  return stage;
}
