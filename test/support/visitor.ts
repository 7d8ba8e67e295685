/**
 * A person's browser at our own door: a jar, our forms, the way over the provider and back.
 *
 * It follows nothing by itself, so that every step can be looked at, left out or done twice.
 */
import type { MutableOp } from './mutable-op.ts';
import type { Answer, Sent } from './server-stage.ts';

const ORIGIN = 'https://meet.example.org';
const PREFIX = '/_ostiary';
const SESSION = '__Host-ostiary';

/** Somebody on the way to the provider. */
export interface Away {
  readonly answer: Answer;
  /** Where the provider was to be asked. */
  readonly location: string;
  readonly state: string;
}

/** One browser. */
export interface Visitor {
  /** Name to value, the oldest first, as a browser sends them. */
  readonly jar: Map<string, string>;
  get(target: string, headers?: Sent['headers']): Promise<Answer>;
  /** Sends a form as a page of ours would. */
  post(target: string, fields: Readonly<Record<string, string>>, headers?: Sent['headers']): Promise<Answer>;
  /** Looks at the sign-in page and presses its button. */
  leave(to?: string, provider?: string): Promise<Away>;
  /** The address the provider sends the browser back to. */
  callbackOf(away: Pick<Away, 'location'>, by?: MutableOp): string;
  /** From the sign-in page to the answer of the callback. */
  signIn(to?: string): Promise<Answer>;
  /** The id of the session in the jar. */
  session(): string | undefined;
  /** Is somebody signed in here, as the server sees it? */
  isSignedIn(): Promise<boolean>;
  cookieHeader(): string;
}

/** What a visitor is made of. */
export interface VisitorParts {
  readonly ask: (target: string, sent?: Sent) => Promise<Answer>;
  readonly op: MutableOp;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Opens a browser with an empty jar. */
export function openVisitor({ ask, op, headers: own = {} }: VisitorParts): Visitor {
  const jar = new Map<string, string>();

  const cookieHeader = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');

  function keep(answer: Answer): Answer {
    for (const line of answer.cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.delete(name);
      if (!/; Max-Age=0(?:;|$)/.test(line)) jar.set(name, value);
    }
    return answer;
  }

  const withCookies = (headers: Sent['headers'] = {}) => ({
    ...own,
    ...(jar.size > 0 && { cookie: cookieHeader() }),
    ...headers,
  });

  const get: Visitor['get'] = async (target, headers) =>
    keep(await ask(target, { headers: withCookies(headers) }));

  const post: Visitor['post'] = async (target, fields, headers) =>
    keep(
      await ask(target, {
        method: 'POST',
        headers: withCookies({
          origin: ORIGIN,
          'sec-fetch-site': 'same-origin',
          'content-type': 'application/x-www-form-urlencoded',
          ...headers,
        }),
        body: String(new URLSearchParams(fields)),
      }),
    );

  const leave: Visitor['leave'] = async (to = '/standup', provider = 'sso') => {
    await get(`${PREFIX}/sign-in?to=${encodeURIComponent(to)}`);
    const answer = await post(`${PREFIX}/sign-in`, { to, provider });
    const location = answer.headers.get('location') ?? '';
    const state = URL.canParse(location) ? (new URL(location).searchParams.get('state') ?? '') : '';
    return { answer, location, state };
  };

  const callbackOf: Visitor['callbackOf'] = ({ location }, by = op) => {
    const back = new URL(new URL(location).searchParams.get('redirect_uri') ?? '').pathname;
    return `${back}?${by.authorize(location)}`;
  };

  return {
    jar,
    get,
    post,
    leave,
    callbackOf,
    signIn: async (to) => {
      const away = await leave(to);
      if (away.answer.status !== 303) return away.answer;
      return get(callbackOf(away));
    },
    session: () => jar.get(SESSION),
    isSignedIn: async () => (await get(`${PREFIX}/session`)).status === 200,
    cookieHeader,
  };
}
