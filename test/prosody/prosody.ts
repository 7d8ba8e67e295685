/**
 * Debian's Prosody with token authentication, on free ports of 127.0.0.1.
 *
 * Its modules are our own test modules in `plugins/`, written to Jitsi's behaviour; with OSTIARY_JITSI_PLUGINS naming a
 * checkout of jitsi-meet's resources/prosody-plugins they are Jitsi's own. Fails, and never skips, without Prosody.
 */
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/http-server.ts';
import { needCommand, needLuaModule } from '../support/real/need.ts';
import { privateDirectory, startProgram } from '../support/real/program.ts';
import type { KeyServer } from './key-server.ts';
import type { Door } from './xmpp.ts';

/** The only VirtualHost, as in docker-jitsi-meet. */
export const DOMAIN = 'meet.jitsi';

/** The host where everybody is let in, with `meetings`. */
export const GUEST_DOMAIN = `guest.${DOMAIN}`;

/** A checkout of Jitsi's resources/prosody-plugins, if this machine has one. */
export const JITSI_PLUGINS = process.env['OSTIARY_JITSI_PLUGINS'] || undefined;

/** A checkout of jitsi-contrib's prosody-plugins, if this machine has one; they need Jitsi's beside them. */
export const CONTRIB_PLUGINS =
  (JITSI_PLUGINS !== undefined && process.env['OSTIARY_CONTRIB_PLUGINS']) || undefined;

/** How this Prosody judges tokens. */
export interface ProsodySetup {
  readonly appId: string;
  readonly audience: string;
  /** A shared secret, or how keys are fetched and where. */
  readonly keys: { readonly secret: string } | { readonly fetch: 'asap' | 'jwks'; readonly from: KeyServer };
  readonly domainVerification: boolean;
  /** As where meetings are held: connections that break off are kept for a while, and there is Jitsi's stock guest host. */
  readonly meetings?: true;
  /** Lets in who shows nothing, as Jitsi's stock configuration does. */
  readonly allowEmpty?: boolean;
  /** More modules for every VirtualHost, and more Lua: for the whole server, and after everything. */
  readonly more?: { readonly modules?: readonly string[]; readonly whole?: string; readonly hosts?: string };
  /** Has every room a lobby, past which only members come? */
  readonly lobby?: true;
  /** Modules that read more of a token, by their names; of ours, behind a blank, where it looks. */
  readonly fields?: readonly string[];
  /** Settings of our own module, which is loaded then. */
  readonly module?: Readonly<Record<string, string | number | readonly string[]>>;
}

/** A running Prosody. */
export interface Prosody extends Door {
  log(): string;
  stop(): Promise<void>;
}

/** Where the module stands that people install. */
const OUR_MODULE = fileURLToPath(new URL('../../prosody', import.meta.url));

/** Where our test modules stand. */
export const OUR_PLUGINS = fileURLToPath(new URL('plugins', import.meta.url));

function lua(value: string | number | boolean | readonly (string | number)[]): string {
  // JSON's escapes but \u and \/ are Lua's, and neither is written here.
  return Array.isArray(value) ? `{ ${value.map((one) => lua(one)).join(', ')} }` : JSON.stringify(value);
}

function keyOptions({ keys }: ProsodySetup): Record<string, string> {
  if ('secret' in keys) return { app_secret: keys.secret };
  if (keys.fetch === 'asap') return { asap_key_server: keys.from.asap };
  // Jitsi's module stops with an error at an unknown kid where cache_keys_url stands alone.
  return { cache_keys_url: keys.from.jwks, asap_key_server: keys.from.nothing };
}

/** What else the MUC loads: jitsi-contrib's own modules where they are, each in a folder of its name; else ours. */
function fieldModules({ lobby, fields = [] }: ProsodySetup): readonly string[] {
  const named = fields.map((name) => name.split(' ')[0] ?? name);
  const reading = CONTRIB_PLUGINS === undefined ? ['ostiary_test_fields'] : named;
  return [...(lobby ? ['ostiary_test_lobby'] : []), ...(fields.length > 0 ? reading : [])];
}

function contribPaths({ fields = [] }: ProsodySetup): readonly string[] {
  if (CONTRIB_PLUGINS === undefined) return [];
  return fields.map((name) => join(CONTRIB_PLUGINS, name.split(' ')[0] ?? name));
}

function config(setup: ProsodySetup, port: number, dir: string): string {
  const options = {
    run_as_root: true,
    data_path: join(dir, 'data'),
    pidfile: join(dir, 'prosody.pid'),
    plugin_paths: [
      ...(JITSI_PLUGINS === undefined ? [] : [JITSI_PLUGINS]),
      ...contribPaths(setup),
      OUR_PLUGINS,
      OUR_MODULE,
    ],
    storage: 'memory',
    modules_enabled: [
      'saslauth',
      'disco',
      'bosh',
      'websocket',
      ...(setup.meetings ? ['smacks', 'ping'] : []),
      ...(setup.module ? ['ostiary'] : []),
      ...(setup.more?.modules ?? []),
    ],
    modules_disabled: ['s2s', 'tls', 'offline'],
    http_ports: [port],
    http_interfaces: ['127.0.0.1'],
    http_default_host: DOMAIN,
    https_ports: [],
    c2s_ports: [],
    s2s_ports: [],
    c2s_require_encryption: false,
    consider_bosh_secure: true,
    consider_websocket_secure: true,
    app_id: setup.appId,
    asap_accepted_audiences: [setup.audience],
    allow_empty_token: setup.allowEmpty ?? false,
    enable_domain_verification: setup.domainVerification,
    muc_mapper_domain_base: DOMAIN,
    muc_mapper_domain_prefix: 'muc',
    muc_room_locking: false,
    // Jitsi has 60; with more, nobody is seen to leave because time has passed.
    smacks_hibernation_time: 600,
    smacks_max_unacked_stanzas: 5,
    ...(setup.fields && { ostiary_test_fields: setup.fields }),
    ...keyOptions(setup),
    ...(setup.module && { ...setup.module, ostiary_token_auth: ['token', 'ostiary_test'] }),
  };
  const [authentication, roomCheck] =
    JITSI_PLUGINS === undefined ? ['ostiary_test', 'ostiary_test_rooms'] : ['token', 'token_verification'];
  return [
    ...Object.entries(options).map(([name, value]) => `${name} = ${lua(value)}`),
    setup.more?.whole ?? '',
    'log = { { to = "console", levels = { min = "info" } } }',
    `VirtualHost ${lua(DOMAIN)}`,
    `authentication = ${lua(authentication)}`,
    ...(setup.meetings ? [`VirtualHost ${lua(GUEST_DOMAIN)}`, 'authentication = "anonymous"'] : []),
    `Component ${lua(`muc.${DOMAIN}`)} "muc"`,
    `modules_enabled = ${lua(['ostiary_test_focus', roomCheck, ...fieldModules(setup)])}`,
    setup.more?.hosts ?? '',
    '',
  ].join('\n');
}

/**
 * Jitsi's modules need basexx and inspect. Debian has them for older Lua alone, though both run on 5.4 as they are;
 * what LUA_PATH finds already is taken from there. The path by which Lua finds them, and our own plugins.
 */
export function luaPath(dir: string): string {
  const given = process.env['LUA_PATH'] ?? '';
  if (JITSI_PLUGINS === undefined) return `${OUR_PLUGINS}/?.lua;;`;
  for (const name of ['basexx', 'inspect']) {
    const found = ['5.4', '5.3', '5.2', '5.1']
      .map((version) => `/usr/share/lua/${version}/${name}.lua`)
      .find((path) => existsSync(path));
    if (found === undefined) needLuaModule(name, `lua-${name}`);
    else copyFileSync(found, join(dir, `${name}.lua`));
  }
  return [join(dir, '?.lua'), `${OUR_PLUGINS}/?.lua`, given, ';'].join(';');
}

/** Jitsi fetches a JWKS when it starts, once for the VirtualHost and once for the MUC, and not when it is needed. */
async function untilKeysAreThere({ keys }: ProsodySetup): Promise<void> {
  if ('secret' in keys || keys.fetch === 'asap' || JITSI_PLUGINS === undefined) return;
  const end = AbortSignal.timeout(5000);
  while (keys.from.asked.length < 2) {
    if (end.aborted) throw new Error('Prosody did not fetch the JWKS');
    await pause(20);
  }
}

/** Starts Prosody. Throws, naming the Debian package, where something is not installed. */
export async function startProsody(setup: ProsodySetup): Promise<Prosody> {
  const command = needCommand('prosody', 'prosody');
  needLuaModule('cjson.safe', 'lua-cjson');
  needLuaModule('openssl.pkey', 'lua-luaossl');
  const dir = await privateDirectory('prosody');
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  mkdirSync(join(dir, 'data'));
  writeFileSync(join(dir, 'prosody.cfg.lua'), config(setup, port, dir), { mode: 0o600 });
  const clean = () => rmSync(dir, { recursive: true, force: true });
  try {
    const program = await startProgram({
      name: 'prosody',
      command,
      args: ['-F', '--config', join(dir, 'prosody.cfg.lua')],
      env: { LUA_PATH: luaPath(dir) },
      dir,
      version: (log) => /Prosody version (\S+)/.exec(log)?.[1] ?? 'unknown',
      ready: async () => (await fetch(`${origin}/http-bind`, { signal: AbortSignal.timeout(1000) })).ok,
    });
    await untilKeysAreThere(setup);
    const stop = () => program.stop().finally(clean);
    return { origin, domain: DOMAIN, muc: `muc.${DOMAIN}`, log: () => program.log(), stop };
  } catch (cause) {
    clean();
    throw cause;
  }
}
