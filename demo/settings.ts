/**
 * The demo's settings as they would stand in `ostiary.yaml`, and what somebody wants to try over them.
 */
import { isSection } from '../src/config/walk.ts';
import { applicationSettings, type demoApplications } from './applications.ts';
import type { DemoProvider } from './provider.ts';

/** Where a listener is to be: our own is told its address before it listens, because the provider must know it too. */
export interface Place {
  readonly url: string;
  readonly port: number;
}

/** What stands around the server. */
export interface Around {
  readonly place: Place;
  readonly standIn: Place;
  readonly provider: DemoProvider;
  readonly storePath: string;
  /** The port of the inner listener; 0 takes a free one. */
  readonly innerPort: number;
  readonly applications: ReturnType<typeof demoApplications>;
}

/** What of the demo's options its settings depend on. */
export interface SettingsOptions {
  readonly door: 'gateway' | 'token-service';
  readonly upstream?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logLevel?: string;
}

const DOMAIN = 'meet.demo';
const APP_ID = 'ostiary-demo';

/** All of them. */
export function demoSettings(
  { place: { url, port }, standIn, provider, storePath, innerPort, applications }: Around,
  { door, upstream, env, logLevel = 'warn' }: SettingsOptions,
): Record<string, unknown> {
  const gateway = door === 'gateway';
  return {
    publicUrl: url,
    // The provider's back-channel comes by the address, people by the name.
    aliases: [url.replace('localhost', '127.0.0.1')],
    insecureHttp: true,
    trustedProxies: ['127.0.0.1'],
    listen: { public: { port: gateway ? port : 0 }, inner: { port: innerPort } },
    ...(gateway && { upstream: { url: upstream ?? standIn.url.replace('localhost', '127.0.0.1') } }),
    // A proxy of this machine may ask us too, by the inner listener.
    ...(gateway && { forwardAuth: { enabled: true } }),
    jitsi: {
      roles: 'enforced',
      xmppDomain: env['XMPP_DOMAIN'] ?? DOMAIN,
      ...(upstream !== undefined && !gateway && { url: upstream }),
    },
    providers: [
      {
        id: 'example',
        name: 'Example Organisation',
        issuer: provider.issuer,
        clientId: provider.clientId,
        clientSecret: provider.clientSecret.reveal(),
        scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'],
        groups: { claim: 'groups', required: true },
      },
    ],
    ...applicationSettings(applications),
    rules: [
      {
        name: 'suspended people',
        when: { groups: ['suspended'] },
        then: 'refuse',
        reason: 'This account is suspended.',
      },
      { name: 'staff host', when: { groups: ['staff'] }, then: 'host' },
      { name: 'members', when: { groups: ['members'] }, then: 'participant' },
    ],
    tokens: {
      appId: env['JWT_APP_ID'] ?? APP_ID,
      ...(env['JWT_APP_SECRET'] !== undefined && { secret: env['JWT_APP_SECRET'] }),
    },
    store: { path: storePath },
    pages: { name: 'Example Organisation' },
    log: { level: logLevel },
  };
}

/** What the demo stands on: somebody's own file may have these for elsewhere. */
const ITS_OWN: ReadonlySet<string> = new Set([
  ...[
    'publicUrl',
    'aliases',
    'insecureHttp',
    'prefix',
    'listen',
    'trustedProxies',
    'upstream',
    'forwardAuth',
  ],
  ...['providers', 'store', 'tokens'],
]);

/** Lists that grow: whom the demo has in them is told how to try. */
const GROWING: ReadonlySet<string> = new Set(['apps', 'issuers']);

/**
 * Settings over those of the demo: sections setting by setting, lists and all else whole. What the demo stands on stays,
 * and so does what it says of Jitsi.
 */
export function withSettings(
  demo: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const found: Record<string, unknown> = { ...demo };
  for (const [name, said] of Object.entries(more)) {
    const ours = demo[name];
    if (ITS_OWN.has(name)) continue;
    if (GROWING.has(name) && Array.isArray(ours) && Array.isArray(said)) found[name] = [...said, ...ours];
    else if (isSection(ours) && isSection(said))
      found[name] = name === 'jitsi' ? { ...said, ...ours } : { ...ours, ...said };
    else found[name] = said;
  }
  return found;
}
