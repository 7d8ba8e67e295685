/**
 * What the web server that serves Jitsi's page puts first into its head: the display token where Jitsi's client looks
 * for one, and the way to our page for whom Jitsi does not let in. At no address anybody could ask for.
 */
import type { Grant } from '../admission/outcome.ts';
import { roomPath } from '../base/room.ts';
import { failureScript } from '../pages/failure-script.ts';
import type { WebParts } from '../web/parts.ts';
import { linksTo } from './conference-page.ts';
import { headScript } from './head-script.ts';

/** Two scripts for the page of this grant. Throws what minting throws. */
export async function pageHead(grant: Grant, web: WebParts): Promise<string> {
  const { token } = await web.mint(grant, 'display');
  const scripts = [
    headScript({ token, path: roomPath(grant.room), ...linksTo(grant, web) }),
    failureScript(web.places.prefix, web.apps.embedders(grant.room).length > 0),
  ];
  return scripts.map((script) => `<script>${script}</script>\n`).join('');
}
