/**
 * The stylesheet of our pages, and the operator's own beside it.
 */
import { Problem } from '../../base/problem.ts';
import { STYLESHEET, stylesheetPath } from '../../pages/stylesheet.ts';
import type { WebParts } from '../parts.ts';
import type { Route } from '../routes.ts';

/** Where the operator's stylesheet is served, below the prefix. */
export const EXTRA_CSS = '/extra.css';

/** The routes of what pages load. */
export function assetRoutes({ extraCss }: WebParts): readonly Route[] {
  const css = (text: string, cache: string) =>
    new Response(text, {
      headers: {
        'content-type': 'text/css; charset=utf-8',
        'cache-control': cache,
        'x-content-type-options': 'nosniff',
      },
    });
  return [
    {
      method: 'GET',
      path: stylesheetPath(''),
      on: ['public'],
      from: 'anyone',
      does: 'the stylesheet of our pages',
      handle: () => css(STYLESHEET, 'public, max-age=31536000, immutable'),
    },
    {
      method: 'GET',
      path: EXTRA_CSS,
      on: ['public'],
      from: 'anyone',
      does: "the operator's own stylesheet, if there is one",
      handle: () => {
        if (extraCss === undefined) throw new Problem('request.not-found');
        return css(extraCss, 'public, max-age=300');
      },
    },
  ];
}
