/**
 * With what somebody comes, as far as it says so.
 */

/** The clients that rules may speak of: a page in a browser, Jitsi's app on a phone or tablet, its app on a desktop. */
export const CLIENTS = ['browser', 'mobile', 'desktop'] as const;
/** One of them. */
export type Client = (typeof CLIENTS)[number];

/** Jitsi's clients that are no browser, as they name themselves. */
export const APP_CLIENTS = ['android', 'ios', 'electron'] as const;
/** One of them. */
export type AppClient = (typeof APP_CLIENTS)[number];

/** The app that a rule means. */
export function clientOfApp(app: AppClient): Client {
  return app === 'electron' ? 'desktop' : 'mobile';
}

/** Is this word the name of such an app? */
export function isAppClient(word: unknown): word is AppClient {
  return APP_CLIENTS.some((one) => one === word);
}
