/**
 * What scripts are told of a problem, and the page of the operator's own that takes
 * the place of ours. A page on our own host finds everything in the tab's memory;
 * another host is told code, room and id in the address. Nobody is told a token.
 */
import { createHash } from 'node:crypto';
import { PROBLEMS, type Problem } from '../base/problem.ts';
import { roomPath } from '../base/room.ts';
import type { FormTarget } from '../pages/layout.ts';
import type { ProblemFacts, ToldProblem } from '../pages/problem.ts';
import type { WebParts } from './parts.ts';
import type { ProblemExtras } from './problem-answer.ts';
import type { Visit } from './visit.ts';

/** Where a file of the operator's is served, below the prefix. */
export const ERROR_PAGE = '/error-page';

/** The page the operator wants people to see. */
export type ErrorPage =
  | { readonly kind: 'file'; readonly html: string }
  /** A path on our own host. */
  | { readonly kind: 'here'; readonly path: string }
  | { readonly kind: 'elsewhere'; readonly url: string };

/** What the problem page itself offers, and what it says. */
export interface Shown {
  readonly id: string;
  readonly otherAccount?: FormTarget;
  readonly home: string;
}

/** What scripts on the problem page are told. */
export function toldProblem(
  problem: Problem,
  { visit, extras, shown }: { readonly visit: Visit; readonly extras: ProblemExtras; readonly shown: Shown },
  { errorPage, places }: Pick<WebParts, 'errorPage' | 'places'>,
): ToldProblem {
  const facts = factsOf(problem, { visit, extras, shown });
  // Who waits, or stands in a window that a meeting waits for, has not come to an end.
  const stays = errorPage === undefined || extras.popup === true || problem.code === 'entry.wait';
  return {
    facts,
    ...(!stays && { next: addressOf(errorPage, facts, places.prefix) }),
  };
}

function factsOf(
  { code }: Problem,
  { visit, extras, shown }: { readonly visit: Visit; readonly extras: ProblemExtras; readonly shown: Shown },
): ProblemFacts {
  const { room, reason, until, opens, meeting, retry, byAccount, claims = {} } = extras;
  const { words } = visit;
  const place = room && {
    room: room.name,
    ...(room.tenant !== undefined && { tenant: room.tenant }),
  };
  return {
    code,
    status: PROBLEMS[code].status,
    id: shown.id,
    language: words.language,
    happened: words.problems[code].happened,
    whatToDo: words.problems[code].whatToDo,
    ...(reason !== undefined && { reason }),
    ...(until !== undefined && { until: new Date(until).toISOString() }),
    ...(opens && { opens: new Date(opens.at).toISOString(), zone: opens.zone }),
    ...(meeting !== undefined && { meeting }),
    ...place,
    ...(room && { path: roomPath(room) }),
    ways: {
      ...(retry !== undefined && { again: retry }),
      ...(byAccount !== undefined && { byAccount }),
      ...(shown.otherAccount && { otherAccount: shown.otherAccount }),
      home: shown.home,
    },
    ...(code.startsWith('entry.') && { check: 'rules' }),
    claims: { ...place, ...claims },
  };
}

function addressOf(page: ErrorPage, { code, room, tenant, id }: ProblemFacts, prefix: string): string {
  if (page.kind === 'file') return `${prefix}${ERROR_PAGE}`;
  if (page.kind === 'here') return page.path;
  const url = new URL(page.url);
  url.searchParams.set('code', code);
  if (room !== undefined) url.searchParams.set('room', tenant === undefined ? room : `${tenant}/${room}`);
  url.searchParams.set('id', id);
  return url.href;
}

/**
 * The policy of the operator's file: what stands in it may run, and it may load what is on our host. What a stranger's
 * room name would smuggle into it, were it careless, may not.
 */
export function errorPagePolicy(html: string): string {
  const inline = [...html.matchAll(/<script(?=[\s>])[^>]*>([\s\S]*?)<\/script\s*>/gi)].map(
    ([, source = '']) => `'sha256-${createHash('sha256').update(source).digest('base64')}'`,
  );
  return [
    "default-src 'self'",
    `script-src ${["'self'", ...inline].join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' https: data:",
    "form-action 'self'",
    "frame-ancestors 'self'",
    "base-uri 'none'",
  ].join('; ');
}
