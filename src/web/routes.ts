/**
 * Routes are lines in a table; here they are mounted. The one place of the web
 * module that catches: what is thrown becomes a problem, as page or as JSON.
 */
import { Hono } from 'hono';
import type { Asked } from '../admission/arrival.ts';
import { Problem } from '../base/problem.ts';
import { type Random, randomToken } from '../base/random.ts';
import { requireSameOrigin } from './csrf.ts';
import type { WebParts } from './parts.ts';
import { problemAnswer } from './problem-answer.ts';
import { type Visit, visitOf } from './visit.ts';

/** Which of our listeners answers a route. */
export type Listener = 'public' | 'inner';

/** Who may use a route, in the words of the reference. */
export type From = 'anyone' | 'our own form' | 'a provider' | 'an application' | 'the machine room';

/** One line of the table. `path` is below the prefix, unless the line stands outside. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly on: readonly Listener[];
  /** At the root of our host, and only with this setting. */
  readonly outside?: 'saml.shibbolethPaths' | 'jitsi.oldLoginPaths';
  readonly from: From;
  /** One sentence for the reference. */
  readonly does: string;
  readonly handle: (visit: Visit) => Promise<Response> | Response;
}

/** Answers one judged request. Never throws. */
export type WebHandler = (request: Request, asked: Asked) => Promise<Response>;

interface Env {
  Bindings: { readonly asked: Asked };
}

/** Where a line is, from the root of our host. */
export function placeOf({ path, outside }: Pick<Route, 'path' | 'outside'>, prefix: string): string {
  return outside === undefined ? `${prefix}${path}` : path;
}

/** The lines that are there under these settings. */
export function inPlace(
  routes: readonly Route[],
  { shibboleth, oldLoginPaths }: WebParts['places'],
): readonly Route[] {
  const set = { 'saml.shibbolethPaths': shibboleth, 'jitsi.oldLoginPaths': oldLoginPaths };
  return routes.filter(({ outside }) => outside === undefined || set[outside] === true);
}

/** Mounts the lines of the table that this listener answers. */
export function mount(
  routes: readonly Route[],
  listener: Listener,
  parts: WebParts & { readonly random: Random },
): WebHandler {
  const app = new Hono<Env>();
  const { prefix } = parts.places;
  const nonce = () => randomToken(parts.random, 16);
  const here = inPlace(routes, parts.places).filter((route) => route.on.includes(listener));
  for (const route of here) {
    app.on(route.method, placeOf(route, prefix), async (c) => {
      const { asked } = c.env;
      if (route.from === 'our own form') requireSameOrigin(asked, parts.places.origins);
      const started = parts.clock.now();
      const response = await route.handle(
        visitOf(c.req.raw, { asked, nonce, param: (name) => c.req.param(name) ?? '' }),
      );
      // Nobody reads what would follow the head: a stream must hear that, or it goes on for nobody.
      if (asked.method === 'HEAD') await response.body?.cancel();
      parts.metrics.observe(
        'ostiary_request_seconds',
        { route: route.path, status: String(response.status) },
        (parts.clock.now() - started) / 1000,
      );
      return response;
    });
  }
  for (const path of new Set(here.map((route) => placeOf(route, prefix))))
    app.all(path, () => {
      throw new Problem('request.method');
    });
  app.notFound(() => {
    throw new Problem('request.not-found');
  });
  app.onError((thrown, c) =>
    problemAnswer(thrown, {
      visit: visitOf(c.req.raw, { asked: c.env.asked, nonce, param: () => '' }),
      parts,
    }),
  );
  return async (request, asked) => app.fetch(request, { asked });
}
