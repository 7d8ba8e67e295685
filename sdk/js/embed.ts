/**
 * A meeting in a page: Jitsi's own `external_api.js`, and a token for it whenever one is needed.
 *
 * A frame that is in a conference is never touched: nothing a page can do there makes it better, and all of it ends
 * the call. So a new token is asked for when the frame is next built, or when Jitsi or the doorkeeper says that the
 * one there was does not do. Needs nothing but the browser.
 */

/** Why a token is asked for. */
export type TokenReason =
  /** The frame is built for the first time. */
  | 'first'
  /** The page builds it once more. */
  | 'rebuilt'
  /** Jitsi says `connection.passwordRequired`: the token is missing, over, or does not hold. */
  | 'token-required'
  /** Jitsi's connection is lost for good. */
  | 'connection-failed'
  /** The doorkeeper did not take it. */
  | 'refused';

/** A token as a back end hands it on: text, or the answer of the token endpoint (RFC 6749, section 5.1). */
export type TokenAnswer = string | { readonly access_token: string; readonly expires_in?: number };

/** Asks the page's own back end for a token. */
export type TokenSource = (why: TokenReason) => TokenAnswer | Promise<TokenAnswer>;

/** What a page hears. Everything else Jitsi says is heard at `meeting.api`. */
export interface MeetingEvents {
  /** In the conference. */
  readonly joined: { readonly room: string };
  /** Out of it, for whatever reason. */
  readonly left: { readonly room: string };
  /** A token was asked for and came. */
  readonly token: { readonly why: TokenReason };
  /** The doorkeeper let nobody in. */
  readonly refused: Refusal;
  /**
   * The browser keeps nothing for a frame: the meeting can be opened at `url`, in a tab of its own. The token stands
   * behind its `#`, where no server sees it: for a link in the page, and for nobody else.
   */
  readonly outside: { readonly url: string };
  /** What Jitsi reports, as it does. */
  readonly error: JitsiError;
  /** No further token is asked for: the last ones did not do. `cause` is what the page's own source threw. */
  readonly failed: { readonly why: TokenReason; readonly cause?: unknown };
  /** Hung up: the frame may go. */
  readonly closed: { readonly room: string };
}

/** Whom the doorkeeper did not let in, and why. */
export interface Refusal {
  /** As in the doorkeeper's table of problems: `entry.refused`. */
  readonly code: string;
  /** The HTTP status of the page in the frame. */
  readonly status: number;
  /** The reference on the page in the frame. */
  readonly id: string;
  /**
   * What the page in the frame knows: `happened`, `whatToDo`, `reason`, `room`, `claims`, … Every text in it may hold
   * what a stranger typed; a doorkeeper from before it was told leaves it out.
   * @see docs/how-to/error-page.md, "What the page finds"
   */
  readonly problem?: Readonly<Record<string, unknown>>;
}

/** @see jitsi-meet, modules/API/API.js, `notifyError` */
export interface JitsiError {
  readonly name: string;
  readonly type?: string;
  readonly message?: string;
  readonly isFatal?: boolean;
}

/** What is used of an object of Jitsi's class. */
export interface ExternalApi {
  addListener(event: string, listener: (about: never) => void): unknown;
  dispose(): void;
  getIFrame(): HTMLIFrameElement;
  executeCommand(name: string, ...values: unknown[]): void;
}

/** Jitsi's class. @see jitsi-meet, modules/API/external/external_api.js */
export type ExternalApiClass = new (domain: string, options: Record<string, unknown>) => ExternalApi;

/** What a meeting is made of. */
export interface JoinOptions {
  /** `meet.example.org`, with a port if there is one; or the whole origin. */
  readonly domain: string;
  /** `standup`, or `tenant/standup`. */
  readonly room: string;
  /** Where the frame goes. */
  readonly parent: HTMLElement;
  readonly token?: string | TokenSource;
  /** Whatever else Jitsi's class takes: `configOverwrite`, `userInfo`, `lang`, … */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Jitsi's class, where the page has loaded it already. */
  readonly api?: ExternalApiClass;
}

/** A meeting in the page. */
export interface Meeting {
  /** Jitsi's own object, another one after each building; undefined before the first and after `dispose`. */
  readonly api: ExternalApi | undefined;
  readonly inConference: boolean;
  /** Hears an event, until what it returns is called. */
  on<E extends keyof MeetingEvents>(event: E, listener: (about: MeetingEvents[E]) => void): () => void;
  /** Builds the frame anew with a new token. Does nothing, and says `false`, while it is in a conference. */
  rebuild(): Promise<boolean>;
  /** Takes everything away, in a conference too. */
  dispose(): void;
}

/** So many frames are built one after the other, when none of them gets into the conference. */
const MOST_BUILDS = 3;
/** Milliseconds before the third; each further one waits twice as long. */
const PAUSE = 2_000;

/**
 * Puts a meeting into the page. Rejects where Jitsi's script cannot be loaded or the first token cannot be had; what
 * goes wrong later is told by events.
 */
export async function joinMeeting(options: JoinOptions): Promise<Meeting> {
  const { origin, host } = placeOf(options.domain);
  const { room, parent, token, options: more = {} } = options;
  const Api = options.api ?? (await loadApi(origin));
  const ask = typeof token === 'function' ? tokenFor(token) : () => Promise.resolve(token);
  const heard = listeners();
  let api: ExternalApi | undefined;
  let inside = false;
  let disposed = false;
  /** What a new token waits for until the conference is over. */
  let wanted: TokenReason | undefined;
  let building = false;
  let builds = 0;
  let shown: string | undefined;

  function say<E extends keyof MeetingEvents>(event: E, about: MeetingEvents[E]): void {
    if (!disposed) heard.say(event, about);
  }

  async function build(why: TokenReason): Promise<void> {
    building = true;
    wanted = undefined;
    try {
      const jwt = await ask(why);
      shown = jwt;
      if (disposed) return;
      if (jwt !== undefined) say('token', { why });
      builds += 1;
      api?.dispose();
      const built = new Api(host, {
        ...more,
        roomName: room,
        parentNode: parent,
        ...(jwt !== undefined && { jwt }),
      });
      api = built;
      attend(built);
    } finally {
      building = false;
    }
  }

  /** Something says that the token does not do. In a conference that waits. */
  async function renew(why: TokenReason): Promise<void> {
    if (disposed || building) return;
    if (inside) {
      wanted = why;
      return;
    }
    // A token that is no function cannot become another one.
    if (builds >= MOST_BUILDS || typeof token !== 'function') return say('failed', { why });
    building = true;
    if (builds > 1) await pause(PAUSE * 2 ** (builds - 2));
    try {
      if (!disposed) await build(why);
    } catch (cause) {
      say('failed', { why, cause });
    } finally {
      building = false;
    }
  }

  function out(): void {
    if (!inside) return;
    inside = false;
    say('left', { room });
    if (wanted !== undefined) void renew(wanted);
  }

  function attend(built: ExternalApi): void {
    const on = (event: string, listener: (about: never) => void) =>
      built.addListener(event, (about) => {
        // One that was disposed of says nothing any more.
        if (api === built) listener(about);
      });
    let loads = 0;
    built.getIFrame().addEventListener('load', () => {
      loads += 1;
      // Jitsi's page loads itself anew where it has given its connection up: nobody is in a conference then.
      if (api === built && loads > 1) out();
    });
    on('videoConferenceJoined', () => {
      inside = true;
      builds = 0;
      wanted = undefined;
      say('joined', { room });
    });
    on('videoConferenceLeft', out);
    on('readyToClose', () => say('closed', { room }));
    on('errorOccurred', (told: { readonly error?: JitsiError } & JitsiError) => {
      const error = told.error ?? told;
      say('error', error);
      const why = whyOf(error);
      if (why !== undefined) void renew(why);
    });
  }

  function onMessage(event: MessageEvent): void {
    // The doorkeeper's pages speak from the meeting's own origin, and from this frame.
    if (event.origin !== origin || event.source !== api?.getIFrame().contentWindow) return;
    const message = readMessage(event.data);
    if (message?.event === 'outside') say('outside', { url: withToken(message.url, shown) });
    if (message?.event !== 'refused') return;
    const { event: _, ...refusal } = message;
    say('refused', refusal);
    // Only who is not known is helped by another token; whom the rules refuse is not.
    if (refusal.status === 401) void renew('refused');
  }

  window.addEventListener('message', onMessage);
  const dispose = () => {
    disposed = true;
    window.removeEventListener('message', onMessage);
    api?.dispose();
    api = undefined;
    inside = false;
  };
  try {
    await build('first');
  } catch (cause) {
    dispose();
    throw cause;
  }
  return {
    get api() {
      return api;
    },
    get inConference() {
      return inside;
    },
    on: heard.on,
    rebuild: async () => {
      if (inside || building || disposed) return false;
      builds = 0;
      await build('rebuilt');
      return true;
    },
    dispose,
  };
}

/** How a token is kept. */
export interface TokenForOptions {
  /** Seconds before its end in which a token counts as over; 60 if not given. */
  readonly margin?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * One token at a time, kept until shortly before its end: asked for twice at once, the back end hears it once. With
 * any reason but `first` the one that is kept is thrown away, because it did not do.
 */
export function tokenFor(
  source: TokenSource,
  { margin = 60, now = Date.now }: TokenForOptions = {},
): (why?: TokenReason) => Promise<string> {
  let kept: { readonly token: string; readonly until: number } | undefined;
  let pending: Promise<string> | undefined;

  async function fresh(why: TokenReason): Promise<string> {
    const answer = await source(why);
    const token = typeof answer === 'string' ? answer : answer.access_token;
    if (typeof token !== 'string' || token === '') throw new TypeError('there is no token in the answer');
    kept = { token, until: endOf(answer, token, now()) - margin * 1000 };
    return token;
  }

  return (why = 'first') => {
    if (why !== 'first') kept = undefined;
    if (kept !== undefined && now() < kept.until) return Promise.resolve(kept.token);
    pending ??= fresh(why).finally(() => {
      pending = undefined;
    });
    return pending;
  };
}

/** When a token is over, in milliseconds since 1970: as the answer says, else as it says itself; at once where nothing does. */
function endOf(answer: TokenAnswer, token: string, now: number): number {
  if (typeof answer !== 'string' && typeof answer.expires_in === 'number')
    return now + answer.expires_in * 1000;
  try {
    const payload = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
    const { exp }: { exp?: unknown } = JSON.parse(atob(payload));
    return typeof exp === 'number' ? exp * 1000 : now;
  } catch {
    // No token one can read: then it is asked for each time.
    return now;
  }
}

/** @see jitsi-meet, react/features/base/jwt/functions.ts, `parseJWTFromURLParams` */
function withToken(url: string, jwt: string | undefined): string {
  return jwt === undefined ? url : `${url}#jwt=${encodeURIComponent(JSON.stringify(jwt))}`;
}

/** Which of Jitsi's errors a new token may help. */
function whyOf({ name, type, isFatal }: JitsiError): TokenReason | undefined {
  if (name === 'connection.passwordRequired') return 'token-required';
  return isFatal === true && (type === 'CONNECTION' || name.startsWith('connection.'))
    ? 'connection-failed'
    : undefined;
}

/** What the doorkeeper's pages say to the page around them. */
type FrameMessage =
  | ({ readonly event: 'refused' } & Refusal)
  | { readonly event: 'outside'; readonly url: string };

function readMessage(data: unknown): FrameMessage | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { type, event, code, status, id, url, problem } = data as Record<string, unknown>;
  if (type !== 'ostiary') return undefined;
  if (event === 'outside' && typeof url === 'string') return { event, url };
  return event === 'refused' &&
    typeof code === 'string' &&
    typeof status === 'number' &&
    typeof id === 'string'
    ? { event, code, status, id, ...(isRecord(problem) && { problem }) }
    : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function placeOf(domain: string): { readonly origin: string; readonly host: string } {
  const { origin, host } = new URL(/^https?:\/\//.test(domain) ? domain : `https://${domain}`);
  return { origin, host };
}

const loading = new Map<string, Promise<ExternalApiClass>>();

/** Loads `external_api.js` of a Jitsi, once a page. */
function loadApi(origin: string): Promise<ExternalApiClass> {
  const known = loading.get(origin);
  if (known !== undefined) return known;
  const made = new Promise<ExternalApiClass>((done, failed) => {
    const script = document.createElement('script');
    const fail = () => {
      // The next meeting may try again.
      loading.delete(origin);
      script.remove();
      failed(new Error(`external_api.js of ${origin} could not be loaded`));
    };
    script.src = `${origin}/external_api.js`;
    script.async = true;
    script.onload = () => {
      const found = (window as unknown as { JitsiMeetExternalAPI?: ExternalApiClass }).JitsiMeetExternalAPI;
      if (found === undefined) fail();
      else done(found);
    };
    script.onerror = fail;
    document.head.append(script);
  });
  loading.set(origin, made);
  return made;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => window.setTimeout(done, milliseconds));
}

/** Who listens to what. A listener that throws is told to the window, and keeps nobody else from hearing. */
function listeners() {
  const all = new Map<keyof MeetingEvents, Set<(about: never) => void>>();
  return {
    on<E extends keyof MeetingEvents>(event: E, listener: (about: MeetingEvents[E]) => void): () => void {
      const those = all.get(event) ?? new Set();
      all.set(event, those.add(listener as (about: never) => void));
      return () => void those.delete(listener as (about: never) => void);
    },
    say<E extends keyof MeetingEvents>(event: E, about: MeetingEvents[E]): void {
      for (const listener of all.get(event) ?? []) {
        try {
          (listener as (about: MeetingEvents[E]) => void)(about);
        } catch (thrown) {
          reportError(thrown);
        }
      }
    },
  };
}
