/**
 * A browser without a screen: cookies by host and path, redirects, forms.
 *
 * It runs no scripts and keeps to plain http on this machine. Like a real one it
 * carries a fragment on where a redirect brings none of its own, and ports of one
 * name share a cookie jar.
 */
import { request } from 'node:http';

/** What a browser shows after following all redirects. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A form as it stands on a page, with what is filled in already. */
export interface Form {
  readonly action: string;
  readonly method: 'GET' | 'POST';
  readonly fields: Readonly<Record<string, string>>;
  /** The origin of its page, which a browser names when it posts. */
  readonly origin?: string;
}

/** One browser with a jar of its own. */
export interface Browser {
  /** Goes to an address. */
  visit(url: string): Promise<Page>;
  /** Sends a form, with what a person typed. */
  submit(form: Form, typed?: Readonly<Record<string, string>>): Promise<Page>;
  /** The cookies it would send to an address, as they stand in the header. */
  cookies(url: string): string;
}

/** How a browser is told where to stand still. */
export interface BrowserOptions {
  /** Addresses that are shown, not fetched: the page has status 0. */
  readonly stop?: (url: URL) => boolean;
}

interface Cookie {
  readonly host: string;
  readonly path: string;
  readonly name: string;
  readonly value: string;
}

interface Asked {
  readonly method: 'GET' | 'POST';
  readonly body?: string;
  readonly origin?: string | undefined;
}

const MOST_REDIRECTS = 20;
const TIMEOUT = 10_000;

/** Opens a browser with an empty jar. */
export function openBrowser({ stop = () => false }: BrowserOptions = {}): Browser {
  const jar = new Map<string, Cookie>();

  function cookies(url: string): string {
    const { hostname, pathname } = new URL(url);
    const fits = ({ host, path }: Cookie) => host === hostname && isBelow(pathname, path);
    return [...jar.values()]
      .filter(fits)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  function keep(url: string, line: string): void {
    const cookie = readCookie(url, line);
    const key = `${cookie.host} ${cookie.path} ${cookie.name}`;
    if (isGone(line)) jar.delete(key);
    else jar.set(key, cookie);
  }

  async function go(url: string, asked: Asked): Promise<Page> {
    let [at, next] = [url, asked];
    for (let hops = 0; hops < MOST_REDIRECTS; hops += 1) {
      if (stop(new URL(at))) return { url: at, status: 0, headers: new Headers(), text: '' };
      const page = await send(at, next, cookies(at));
      for (const line of page.headers.getSetCookie()) keep(at, line);
      const location = page.headers.get('location');
      if (page.status < 300 || page.status > 399 || location === null) return page;
      at = carryFragment(at, new URL(location, at));
      if (page.status !== 307 && page.status !== 308) next = { method: 'GET' };
    }
    throw new Error('too many redirects');
  }

  return {
    visit: (url) => go(url, { method: 'GET' }),
    submit(form, typed = {}) {
      const body = new URLSearchParams({ ...form.fields, ...typed }).toString();
      if (form.method === 'POST') return go(form.action, { method: 'POST', body, origin: form.origin });
      return go(`${form.action.split('?')[0]}?${body}`, { method: 'GET' });
    },
    cookies,
  };
}

/** A redirect without a fragment keeps the old one. @see RFC 9110, section 10.2.2 */
function carryFragment(from: string, to: URL): string {
  return to.href.includes('#') ? to.href : to.href + new URL(from).hash;
}

function isBelow(path: string, cookiePath: string): boolean {
  return path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);
}

function readCookie(url: string, line: string): Cookie {
  const [pair = ''] = line.split(';');
  const [name = '', ...value] = pair.trim().split('=');
  const path = /;\s*path=([^;]*)/i.exec(line)?.[1] ?? '/';
  return { host: new URL(url).hostname, path: path === '' ? '/' : path, name, value: value.join('=') };
}

function isGone(line: string): boolean {
  return /;\s*max-age=(0|-\d+)/i.test(line) || /;\s*expires=[^;]*\b1970\b/i.test(line);
}

function send(url: string, { method, body, origin }: Asked, cookie: string): Promise<Page> {
  const headers = {
    accept: 'text/html,*/*',
    ...(cookie !== '' && { cookie }),
    ...(origin !== undefined && { origin }),
    ...(body !== undefined && {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(Buffer.byteLength(body)),
    }),
  };
  return new Promise((done, failed) => {
    const asking = request(url, { method, headers, timeout: TIMEOUT, agent: false }, async (answer) => {
      const got = new Headers();
      for (let n = 0; n < answer.rawHeaders.length; n += 2)
        got.append(answer.rawHeaders[n] ?? '', answer.rawHeaders[n + 1] ?? '');
      let text = '';
      answer.setEncoding('utf8');
      for await (const chunk of answer) text += chunk;
      done({ url, status: answer.statusCode ?? 0, headers: got, text });
    });
    asking.on('timeout', () => asking.destroy(new Error(`no answer from ${new URL(url).origin}`)));
    asking.on('error', failed);
    asking.end(body);
  });
}

/** The forms on a page, with their inputs and buttons. */
export function formsOn({ text, url }: Pick<Page, 'text' | 'url'>): readonly Form[] {
  return [...text.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/gi)].map(([form]) => {
    const [open = ''] = /<form\b[^>]*>/i.exec(form) ?? [];
    const fields: Record<string, string> = {};
    for (const [tag] of form.matchAll(/<(?:input|button)\b[^>]*>/gi)) {
      const name = attribute(tag, 'name');
      if (name !== undefined && !(name in fields)) fields[name] = attribute(tag, 'value') ?? '';
    }
    const method = attribute(open, 'method')?.toUpperCase() === 'POST' ? 'POST' : 'GET';
    const action = new URL(attribute(open, 'action') ?? '', url).href;
    return { action, method, fields, origin: new URL(url).origin };
  });
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(tag);
  return found === null ? undefined : decoded(found[1] ?? found[2] ?? '');
}

function decoded(text: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', apos: "'", gt: '>', lt: '<', quot: '"' };
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole: string, ...found: readonly (string | undefined)[]) => {
      const [hex, decimal, name = ''] = found;
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return named[name] ?? whole;
    },
  );
}
