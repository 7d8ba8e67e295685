/**
 * Jitsi's config.js, read as data: the few settings that concern who comes in
 * and where to. It holds code, and is never run.
 *
 * Pure. Does not know where the text came from.
 */
import type { DeepLinking } from '../web/hand-off.ts';
import { parseScript } from './script-read.ts';
import { isTable, memberAt, type Table, tableOf, UNKNOWN, type Value } from './script-table.ts';

/** The XMPP names of an installation. */
export interface JitsiHosts {
  readonly domain?: string;
  readonly muc?: string;
  /** Where those without a token are sent: a guest host. */
  readonly anonymousdomain?: string;
  readonly authdomain?: string;
  readonly focus?: string;
}

/** What a config.js says, where it can be told. */
export interface JitsiValues {
  readonly hosts: JitsiHosts;
  readonly bosh?: string;
  readonly websocket?: string;
  readonly websocketKeepAliveUrl?: string;
  readonly conferenceRequestUrl?: string;
  readonly tokenAuthUrl?: string;
  readonly tokenLogoutUrl?: string;
  readonly deeplinking: DeepLinking;
  /** Settings that are there and do not follow from the text. */
  readonly unclear: readonly string[];
}

/** A config.js that was understood. */
export interface ConfigJs {
  /** What it says to whoever asks below this tenant, as its own web server would fill it in. */
  values(tenant?: string): JitsiValues;
}

/** Longer than any address or name of use. */
const LONGEST = 2048;

/**
 * Understands a config.js that was fetched for no tenant. `host` is the public authority, which some files take
 * from the address line. Throws `upstream.unusable`.
 * @see jitsi-meet, doc/debian/jitsi-meet/jitsi-meet.example and config.js: `subdomain` and `subdir` are filled in by nginx
 */
export function readConfigJs(text: string, { host }: { readonly host: string }): ConfigJs {
  const script = parseScript(text);
  const location = (): Table =>
    tableOf(
      [
        ['host', host],
        ['hostname', host.replace(/:\d+$/, '')],
        ['protocol', 'https:'],
        ['origin', `https://${host}`],
      ],
      { open: true },
    );
  return {
    values: (tenant) =>
      picked(
        script
          .read({
            names: { location: location() },
            ...(tenant !== undefined && { filledIn: { subdomain: `${tenant}.`, subdir: `${tenant}/` } }),
          })
          .get('config'),
      ),
  };
}

function picked(config: Value): JitsiValues {
  const unclear = new Set<string>();
  const pick = <T extends 'string' | 'boolean'>(kind: T, ...path: readonly string[]) => {
    const value = path.reduce<Value>(below, config);
    if (value === UNKNOWN) unclear.add(unclearAt(config, path));
    return typeof value === kind && isUsable(value) ? { [path.at(-1) ?? '']: value } : {};
  };
  const texts = (names: readonly string[], ...path: readonly string[]) =>
    Object.assign({}, ...names.map((name) => pick('string', ...path, name)));
  const ios = texts(['appName', 'appScheme', 'downloadLink'], 'deeplinking', 'ios');
  const android = texts(
    ['appName', 'appScheme', 'appPackage', 'downloadLink', 'fDroidUrl'],
    'deeplinking',
    'android',
  );
  const desktop = {
    ...pick('boolean', 'deeplinking', 'desktop', 'enabled'),
    ...texts(['appName', 'appScheme'], 'deeplinking', 'desktop'),
  };
  return {
    hosts: texts(['domain', 'muc', 'anonymousdomain', 'authdomain', 'focus'], 'hosts'),
    ...texts([
      'bosh',
      'websocket',
      'websocketKeepAliveUrl',
      'conferenceRequestUrl',
      'tokenAuthUrl',
      'tokenLogoutUrl',
    ]),
    deeplinking: { ...pick('boolean', 'deeplinking', 'disabled'), ...named({ desktop, ios, android }) },
    unclear: [...unclear],
  };
}

/** One step down; below what is not there is nothing. */
function below(value: Value, name: string): Value {
  return isTable(value) ? memberAt(value, name) : value === UNKNOWN ? UNKNOWN : undefined;
}

/** The shortest way to something unknown: what lies below it need not be told. */
function unclearAt(config: Value, path: readonly string[]): string {
  if (config === UNKNOWN) return 'config';
  const at = path.findIndex((_, index) => path.slice(0, index + 1).reduce<Value>(below, config) === UNKNOWN);
  return path.slice(0, at + 1).join('.');
}

function isUsable(value: Value): boolean {
  return typeof value !== 'string' || (value.length <= LONGEST && !/[\x00-\x1f\x7f]/.test(value));
}

function named<T extends object>(parts: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0),
  ) as Partial<T>;
}
