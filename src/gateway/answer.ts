/**
 * Answers that the gateway gives itself, over node's own sockets: a page or JSON
 * of ours, a redirect to the sign-in, or a refused upgrade.
 */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Asked } from '../admission/arrival.ts';
import type { GateVerdict } from '../base/metrics.ts';
import { randomToken } from '../base/random.ts';
import type { Soon } from '../base/soon.ts';
import type { WebParts } from '../web/parts.ts';
import { type ProblemExtras, problemAnswer, problemToSend } from '../web/problem-answer.ts';
import { type Plain, toProblem, wantsPage } from '../web/respond.ts';
import { dropIfSlow } from '../web/slow-body.ts';
import { type Visit, visitOf } from '../web/visit.ts';

/** Tells the wall in front why, in the word we count it by. */
export const VERDICT = 'x-ostiary-verdict';

/** Nobody's form is read at the gateway; what a visit is made of needs a request all the same. */
const NO_FORM = new Request('http://gateway.invalid/');

/** What was asked, as our own pages see it. */
export function visitAt(asked: Asked, { attempts }: WebParts): Visit {
  return visitOf(NO_FORM, { asked, nonce: () => randomToken(attempts.random, 16), param: () => '' });
}

/** Writes an answer of ours, with what became of the request. */
export function send(
  outgoing: ServerResponse,
  answer: Response | Plain,
  verdict: GateVerdict,
): Soon<GateVerdict> {
  const { status, headers, body } = answer;
  if (typeof body === 'string') return write(outgoing, { status, headers, body }, verdict);
  return (answer as Response)
    .arrayBuffer()
    .then((bytes) => write(outgoing, { status, headers, body: Buffer.from(bytes) }, verdict));
}

interface Writing {
  readonly status: number;
  readonly headers: Iterable<readonly [string, string]>;
  readonly body: Buffer | string;
}

function write(
  outgoing: ServerResponse,
  { status, headers, body }: Writing,
  verdict: GateVerdict,
): GateVerdict {
  if (outgoing.destroyed) return verdict;
  outgoing.writeHead(status, [VERDICT, verdict, ...[...headers].flat()]);
  outgoing.end(outgoing.req.method === 'HEAD' ? undefined : body);
  // Who was refused may say the rest of what they had to say, so that they can hear us; not for ever.
  dropIfSlow(outgoing.req);
  return verdict;
}

/** Tells what was thrown. Once an answer has begun it can only be broken off. */
export async function refuse(
  thrown: unknown,
  { asked, outgoing }: { readonly asked: Asked; readonly outgoing: ServerResponse },
  { web, extras }: { readonly web: WebParts; readonly extras?: ProblemExtras },
): Promise<void> {
  const answer = problemToSend(thrown, { visit: visitAt(asked, web), parts: web }, extras);
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  await send(outgoing, answer, toProblem(thrown).code);
}

/** Refuses an upgrade: there is no page to show, so it is JSON. */
export async function refuseUpgrade(
  thrown: unknown,
  { asked, socket }: { readonly asked: Asked; readonly socket: Duplex },
  web: WebParts,
): Promise<void> {
  // Logs and counts as everywhere. Nobody reads a page here, so whoever asks for one gets JSON too.
  const response = await problemAnswer(thrown, {
    visit: visitAt({ ...asked, header: () => undefined }, web),
    parts: web,
  });
  const body = await response.text();
  if (!socket.writable) return;
  const headers = new Headers(response.headers);
  headers.set(VERDICT, toProblem(thrown).code);
  headers.set('content-length', String(Buffer.byteLength(body)));
  headers.set('connection', 'close');
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}\r\n${lines}\r\n${body}`);
}

/** Does a person's browser want to go there, rather than a script to fetch it? */
export function isNavigation({ method, header }: Asked): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const mode = header('sec-fetch-mode');
  return mode === undefined ? wantsPage(header('accept')) : mode === 'navigate';
}
