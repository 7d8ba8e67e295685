/**
 * The stream of events of somebody who waits, as a browser listens to it.
 */
import { once } from 'node:events';
import { request as ask, type ClientRequest, type IncomingMessage } from 'node:http';
import { PREFIX } from './server-stage.ts';
import type { Visitor } from './visitor.ts';

/** A stream that is listened to. */
export interface Listening {
  readonly answer: IncomingMessage;
  /** What was told so far. */
  readonly said: () => string;
  /** Resolves when it has ended. */
  readonly ended: Promise<unknown>;
  leave(): void;
}

/** What is listened to, and from where. */
export interface ListenOptions {
  readonly port: number;
  /** The room's path: `/standup`. */
  readonly path: string;
  readonly method?: string;
  readonly address: string;
}

/** Begins to listen. */
export async function listenAs(
  visitor: Visitor,
  { port, path, method = 'GET', address }: ListenOptions,
): Promise<Listening> {
  const request: ClientRequest = ask({
    ...{ method, port, host: '127.0.0.1', path: `${PREFIX}/waiting?to=${encodeURIComponent(path)}` },
    headers: {
      host: 'meet.example.org',
      accept: 'text/event-stream',
      cookie: visitor.cookieHeader(),
      'x-forwarded-for': address,
    },
  }).end();
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  // Who goes away hears no end.
  const ended = new Promise((done) => answer.on('close', done));
  answer.on('error', () => {});
  let text = '';
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return { answer, said: () => text, ended, leave: () => request.destroy() };
}
