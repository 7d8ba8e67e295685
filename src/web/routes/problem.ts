/**
 * The page for whom Jitsi did not let in, the script that leads there, and the
 * operator's own page in its place.
 */
import { Problem } from '../../base/problem.ts';
import { FAILURE_FILE, FAILURE_PATHS } from '../../pages/failure-script.ts';
import { ERROR_PAGE, errorPagePolicy } from '../error-page.ts';
import { JITSI_FAILURES, jitsiFailed, roomBefore } from '../jitsi-failure.ts';
import { readTarget } from '../jitsi-state.ts';
import type { WebParts } from '../parts.ts';
import type { Route } from '../routes.ts';
import { single, type Visit } from '../visit.ts';

/** The routes of what went wrong. */
export function problemRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: FAILURE_PATHS.page,
      on: ['public'],
      from: 'anyone',
      does: 'tells somebody whom Jitsi did not let in why, and what can be done; `static/authError.html` leads here',
      handle: (visit) => failed(visit, parts),
    },
    {
      method: 'GET',
      path: FAILURE_PATHS.script,
      on: ['public'],
      from: 'anyone',
      does: "the script for Jitsi's `plugin.head.html` that leads there",
      handle: script,
    },
    {
      method: 'GET',
      path: ERROR_PAGE,
      on: ['public'],
      from: 'anyone',
      does: "the operator's own page for problems, if there is a file with one",
      handle: () => ownPage(parts),
    },
  ];
}

function failed(visit: Visit, parts: WebParts): Promise<Response> {
  const code = JITSI_FAILURES.find((one) => one === single(visit.query, 'code')) ?? 'jitsi.refused';
  const to = single(visit.query, 'to');
  const room = to === undefined ? roomBefore(visit, parts) : readTarget(to)?.room;
  return jitsiFailed(visit, { code, room }, parts);
}

function script(): Response {
  return new Response(FAILURE_FILE, {
    headers: {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=300',
      'x-content-type-options': 'nosniff',
      // Its page may be of another host, and compares the hash: that needs the bytes.
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
    },
  });
}

function ownPage({ errorPage }: WebParts): Response {
  if (errorPage?.kind !== 'file') throw new Problem('request.not-found');
  return new Response(errorPage.html, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': errorPagePolicy(errorPage.html),
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    },
  });
}
