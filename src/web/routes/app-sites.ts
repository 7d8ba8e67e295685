/**
 * Which apps may open links of this site, for a web server of Jitsi's own to fetch: the makers of phones ask for these
 * files at the root of the site, and as a gateway they stand there already.
 */
import { Problem } from '../../base/problem.ts';
import { appSiteAnswer } from '../app-sites.ts';
import type { WebParts } from '../parts.ts';
import type { Route } from '../routes.ts';

/** The routes of these files. */
export function appSiteRoutes({ appSites }: WebParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/app-sites/:file',
      on: ['public'],
      from: 'anyone',
      does: 'assetlinks.json and apple-app-site-association: which apps of your own open links of this site',
      handle: ({ param }) => {
        const text = appSites.get(param('file'));
        if (text === undefined) throw new Problem('request.not-found');
        return appSiteAnswer(text);
      },
    },
  ];
}
