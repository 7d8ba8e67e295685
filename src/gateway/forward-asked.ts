/**
 * One question of a proxy: who puts it, and the request it is about, judged as if that had come to us.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Asked } from '../admission/arrival.ts';
import { Problem } from '../base/problem.ts';
import { addressOf, type CanonicalParts, canonicalLine } from '../web/canonical.ts';
import { plainAddress } from '../web/origin.ts';
import type { Asking, DecisionParts } from './forward-decision.ts';
import type { Gateway } from './gateway.ts';
import type { StagedParts } from './staged.ts';
import type { StagedForward } from './staged-forward.ts';
import { rememberingFiles } from './surface.ts';
import { reachedAt } from './token-service.ts';

/** What it is made of. */
export interface ForwardAuthParts extends DecisionParts {
  readonly canonical: CanonicalParts;
  /** The hosts we answer for. */
  readonly authorities: ReadonlySet<string>;
  /** Tells callers why they do not pass, and lets nobody through. */
  readonly answers: Gateway;
  /** Where not everything is guarded. */
  readonly staging?: StagedParts | undefined;
}

/** The same, with what looks whether a request is guarded. */
export interface DoorParts extends ForwardAuthParts {
  readonly staged: StagedForward | undefined;
}

/** One request of a proxy. */
export interface Ask {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly id: string;
  /** This proxy has no second request for whoever is refused: what it is told is all that a browser hears. */
  readonly answered?: true;
  /** This proxy passes on nothing of who somebody is, and is told nothing. */
  readonly unnamed?: true;
}

/** A line that was judged, and what is served there. */
export interface Line extends Pick<Asked, 'path' | 'query'> {
  readonly surface: Asking['surface'];
}

/** Judges a line. Throws as `canonicalLine` and `surfaceOf`. */
export type Lines = (method: string, target: string) => Line;

/** Files are asked for again and again, by few names: what was judged of one holds for the next. */
export function createLines(parts: ForwardAuthParts): Lines {
  const judge = (method: string, target: string): Line => {
    const { path, query } = canonicalLine(method, target);
    return { path, query, surface: reachedAt(path, parts) };
  };
  const get = rememberingFiles(
    (target) => judge('GET', target),
    ({ surface, query }) => surface.kind === 'asset' && query === '',
  );
  return (method, target) => (method === 'GET' ? get(target) : judge(method, target));
}

/** Whoever is not a proxy we trust is told nothing, whatever they say. Throws `request.not-found`. */
export function requireProxy(
  { socket }: IncomingMessage,
  { canonical: { trusted } }: ForwardAuthParts,
): void {
  if (!trusted.includes(plainAddress(socket.remoteAddress ?? '')))
    throw new Problem('request.not-found', { why: 'no trusted proxy' });
}

/** The request that the proxy has before it, as if it had come to us. */
export function judged(
  ask: Pick<Ask, 'incoming' | 'id'>,
  { method, path, query }: Pick<Asked, 'method' | 'path' | 'query'>,
  { canonical: { trusted } }: ForwardAuthParts,
): Asked {
  const { incoming, id } = ask;
  const { headers, socket, rawHeaders } = incoming;
  return {
    method,
    path,
    query,
    header: (name) => {
      const value = headers[name];
      const text = Array.isArray(value) ? value.join(', ') : value;
      // What a proxy says always, it says with nothing in it where there is nothing to be said.
      return text === '' ? undefined : text;
    },
    address: addressOf(incoming, trusted),
    id,
    socket: plainAddress(socket.remoteAddress ?? ''),
    raw: rawHeaders,
  };
}
