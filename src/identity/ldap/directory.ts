/**
 * Adapter: one conversation with one server of a directory. The only door to ldapts.
 *
 * A conversation is one connection. The library would open another one by itself where the first is gone, and that one
 * would be without the TLS of StartTLS: so there is never a second.
 */
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type SecureContext } from 'node:tls';
import { Client, type Filter, ResultCodeError } from 'ldapts';
import { Problem } from '../../base/problem.ts';
import type { Secret } from '../../base/secret.ts';
import { BINARY, type Entry } from './entry.ts';
import { parseFilter } from './parsed-filter.ts';

/** How a server is spoken with. */
export interface DirectoryWay {
  /** The provider's id, for the log. */
  readonly id: string;
  /** `ldaps://host:port` or `ldap://host:port`. */
  readonly url: string;
  /** Begin TLS on a plain connection (RFC 4511, section 4.14). */
  readonly startTls: boolean;
  readonly secureContext: SecureContext;
  /** Milliseconds that each step may take; the whole conversation, four times as much. */
  readonly timeout: number;
}

/** What is asked of a directory, in one conversation. Failures are `provider.unreachable` and `provider.misconfigured`. */
export interface Conversation {
  /** Shows a name and a password. What it returns is why the directory says no; undefined for yes. */
  bind(dn: string, password: Secret): Promise<string | undefined>;
  /** Entries below `base`, at most `most`; `'too-many'` where there are more. `'no-base'` where there is no such place. */
  search(
    base: string,
    about: {
      readonly filter: string;
      readonly attributes: readonly string[];
      readonly most: number;
      readonly scope?: 'base' | 'sub';
    },
  ): Promise<readonly Entry[] | 'too-many' | 'no-base'>;
}

/** Has a conversation, and ends it whatever becomes of it. */
export async function converse<T>(way: DirectoryWay, work: (with_: Conversation) => Promise<T>): Promise<T> {
  const sockets: Socket[] = [];
  const client = clientFor(way, sockets);
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    for (const socket of sockets) socket.destroy();
  }, 4 * way.timeout);
  try {
    if (way.startTls && way.url.startsWith('ldap:')) await asked(way, 'starttls', () => secure(client, way));
    return await work({
      bind: (dn, password) => bind(client, way, { dn, password }),
      search: (base, about) => search(client, way, { base, ...about }),
    });
  } catch (cause) {
    if (late)
      throw new Problem('provider.unreachable', { provider: way.id, url: way.url, why: 'timeout' }, cause);
    throw cause;
  } finally {
    clearTimeout(deadline);
    // It says goodbye where somebody still listens; what becomes of that is nobody's concern.
    await client.unbind().catch(() => {});
    for (const socket of sockets) socket.destroy();
  }
}

function clientFor({ url, timeout, secureContext }: DirectoryWay, sockets: Socket[]): Client {
  const once = <S extends Socket>(socket: () => S): S => {
    if (sockets.length > 0) throw new Error('the connection is gone');
    const made = socket();
    sockets.push(made);
    return made;
  };
  const { hostname } = new URL(url);
  return new Client({
    url,
    timeout,
    connectTimeout: timeout,
    strictDN: false,
    createConnection: ((port: number, host: string) =>
      once(() => connectPlain(port, host))) as unknown as typeof connectPlain,
    ...(url.startsWith('ldaps:') && {
      tlsOptions: { secureContext },
      createSecureConnection: ((port: number, host: string) =>
        once(() =>
          connectTls({ ...named(hostname), port, host, secureContext }),
        )) as unknown as typeof connectTls,
    }),
  });
}

/** Whom the certificate must name. An address is no server name (RFC 6066, section 3). */
function named(hostname: string): ConnectionOptions {
  const host = hostname.replace(/^\[|\]$/g, '');
  return { host, ...(isIP(host) === 0 && { servername: host }), minVersion: 'TLSv1.2' };
}

function secure(client: Client, { url, secureContext }: DirectoryWay): Promise<void> {
  return client.startTLS({ ...named(new URL(url).hostname), secureContext });
}

/** What directories say where name or password are not right, or the account may not be used. Their numbers: RFC 4511, appendix A. */
const NO: ReadonlySet<number> = new Set([19, 32, 34, 48, 49, 50, 53]);

async function bind(
  client: Client,
  way: DirectoryWay,
  { dn, password }: { readonly dn: string; readonly password: Secret },
): Promise<string | undefined> {
  // An empty password would be an anonymous bind, which is answered with yes.
  if (password.reveal() === '' || dn === '') return 'empty';
  try {
    await client.bind(dn, password.reveal());
    return undefined;
  } catch (cause) {
    // Active Directory tells more: `data 533`, an account that is disabled.
    if (cause instanceof ResultCodeError && NO.has(cause.code))
      return /\bdata ([0-9a-f]{3,8})\b/.exec(cause.message)?.[1] ?? String(cause.code);
    throw failed(way, 'bind', cause);
  }
}

async function search(
  client: Client,
  way: DirectoryWay,
  about: { readonly base: string } & Parameters<Conversation['search']>[1],
): ReturnType<Conversation['search']> {
  const { base, attributes, most, scope = 'sub' } = about;
  const filter = readFilter(way, about.filter);
  try {
    const { searchEntries } = await client.search(base, {
      filter,
      scope,
      derefAliases: 'never',
      attributes: attributes.length === 0 ? ['1.1'] : [...attributes],
      explicitBufferAttributes: [...BINARY],
      sizeLimit: most + 1,
      timeLimit: Math.ceil(way.timeout / 1000),
    });
    if (searchEntries.length > most) return 'too-many';
    return searchEntries.map(toEntry);
  } catch (cause) {
    if (cause instanceof ResultCodeError && cause.code === 32) return 'no-base';
    if (cause instanceof ResultCodeError && cause.code === 4) return 'too-many';
    throw failed(way, 'search', cause);
  }
}

function readFilter({ id }: DirectoryWay, filter: string): Filter {
  try {
    return parseFilter(filter);
  } catch (cause) {
    throw new Problem('provider.misconfigured', { provider: id, asked: 'filter', why: 'syntax' }, cause);
  }
}

function toEntry({
  dn,
  ...attributes
}: Awaited<ReturnType<Client['search']>>['searchEntries'][number]): Entry {
  return {
    dn,
    attributes: new Map(
      Object.entries(attributes).map(([name, value]) => [
        name.toLowerCase(),
        (Array.isArray(value) ? value : [value]) as readonly (string | Uint8Array)[],
      ]),
    ),
  };
}

async function asked<T>(way: DirectoryWay, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw failed(way, what, cause);
  }
}

/** Busy, unavailable, and too much at once. */
const LATER: ReadonlySet<number> = new Set([3, 11, 51, 52]);

/** Whatever went wrong, as a failure we foresee: the server is not there, or does not take what the settings say. */
function failed({ id, url }: DirectoryWay, step: string, cause: unknown): Problem {
  const facts = { provider: id, url };
  if (cause instanceof ResultCodeError) {
    const code = LATER.has(cause.code) ? 'provider.unreachable' : 'provider.misconfigured';
    return new Problem(code, { ...facts, asked: step, why: cause.code }, cause);
  }
  const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'connection';
  const asked = /^(?:ERR_(?:TLS|SSL)|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_|EPROTO)/.test(why)
    ? 'tls'
    : step === 'starttls'
      ? 'starttls'
      : 'connect';
  return new Problem('provider.unreachable', { ...facts, asked, why }, cause);
}
