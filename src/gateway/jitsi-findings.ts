/**
 * What is wrong with the Jitsi behind us, as far as its config.js tells: ways
 * that lead past the gate, and a host for guests.
 *
 * Pure. Asks nobody.
 */
import type { JitsiValues } from './config-js.ts';

/** One thing about the Jitsi behind us. */
export interface JitsiFinding {
  /** Where: `config.js: bosh`. */
  readonly path: string;
  /** Reads on from there. */
  readonly wrong: string;
  /** What would be right, as the end of a sentence. */
  readonly right: string;
  /** A warning: works perhaps as it stands, and cannot be told from here. */
  readonly mayBe?: true;
}

/** What the values are held against. */
export interface FindingsAbout {
  readonly publicUrl: string;
  /** Every origin we answer for. */
  readonly origins: Iterable<string>;
  readonly prefix: string;
  /** What our tokens name. */
  readonly xmppDomain: string;
}

/** Addresses a client follows: one that leads elsewhere leads past us. */
const WAYS = ['bosh', 'websocket', 'websocketKeepAliveUrl', 'conferenceRequestUrl'] as const;

/** Everything that a config.js shows to be wrong. */
export function findings(values: JitsiValues, about: FindingsAbout): readonly JitsiFinding[] {
  return [
    ...WAYS.flatMap((name) => leadsElsewhere(name, values[name], about)),
    ...guests(values),
    ...domain(values, about),
    ...signIn(values, about),
    ...values.unclear.filter(concernsUs).map(
      (name): JitsiFinding => ({
        path: name === 'config' ? 'config.js' : `config.js: ${name}`,
        wrong: 'does not follow from the text of the file, so that nobody can tell where it leads',
        right: 'a plain text in its place',
        mayBe: true,
      }),
    ),
  ];
}

function concernsUs(name: string): boolean {
  return !name.startsWith('deeplinking');
}

function leadsElsewhere(
  name: (typeof WAYS)[number],
  said: string | undefined,
  { publicUrl, origins }: FindingsAbout,
): readonly JitsiFinding[] {
  if (said === undefined) return [];
  const wrongAt = (wrong: string): readonly JitsiFinding[] => [
    { path: `config.js: ${name}`, wrong, right: `an address below ${publicUrl}` },
  ];
  const url = URL.parse(said, `${publicUrl}/`);
  if (url === null) return wrongAt('is no address');
  const origin = `${url.protocol.replace(/^ws/, 'http')}//${url.host}`;
  return [...origins].includes(origin) ? [] : wrongAt(`leads to ${origin}: clients would go past the gate`);
}

/** @see jitsi-meet, react/features/base/connection/actions.any.ts: without a token `anonymousdomain` is where a client goes */
function guests({ hosts }: JitsiValues): readonly JitsiFinding[] {
  if (hosts.anonymousdomain === undefined) return [];
  return [
    {
      path: 'config.js: hosts.anonymousdomain',
      wrong: `names a host for guests, ${hosts.anonymousdomain}: there a token for one room opens every other`,
      right: 'none, and no such VirtualHost in Prosody; in docker-jitsi-meet ENABLE_GUESTS=0',
    },
  ];
}

function domain({ hosts }: JitsiValues, { xmppDomain }: FindingsAbout): readonly JitsiFinding[] {
  if (hosts.domain === undefined || hosts.domain === xmppDomain) return [];
  return [
    {
      path: 'config.js: hosts.domain',
      wrong: `is ${hosts.domain}, but our tokens name ${xmppDomain}`,
      right: `jitsi.xmppDomain: ${hosts.domain}`,
    },
  ];
}

function signIn(
  { tokenAuthUrl, unclear }: JitsiValues,
  { publicUrl, origins, prefix }: FindingsAbout,
): readonly JitsiFinding[] {
  if (unclear.includes('tokenAuthUrl') || unclear.includes('config')) return [];
  const right = `${publicUrl}${prefix}/join?room={room}&state={state}`;
  const path = 'config.js: tokenAuthUrl';
  if (tokenAuthUrl === undefined)
    return [{ path, wrong: 'is missing: apps and embedded meetings cannot sign in', right }];
  const ours = [...origins].some((origin) => tokenAuthUrl.startsWith(`${origin}${prefix}/join?`));
  if (!ours) return [{ path, wrong: 'does not lead to us', right }];
  const lacks = ['{room}', '{state}'].filter((part) => !tokenAuthUrl.includes(part));
  return lacks.length === 0 ? [] : [{ path, wrong: `lacks ${lacks.join(' and ')}`, right }];
}
