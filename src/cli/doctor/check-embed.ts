/**
 * Which case of cookies is a page that embeds meetings?
 */
import { getDomain } from 'tldts';
import { type DoctorCheck, green, grey, yellow } from './check.ts';

/** The site as browsers tell sites apart: scheme and registrable domain. @see https://publicsuffix.org */
export function siteOf({ protocol, hostname }: URL): string {
  return `${protocol}//${getDomain(hostname, { allowPrivateDomains: true }) ?? hostname}`;
}

/** @see RFC 6265bis, section 5.2 (same-site); https://github.com/privacycg/CHIPS */
export const checkEmbed: DoctorCheck = {
  name: 'embedding',
  group: 'jitsi',
  asks: 'Do our cookies arrive in a frame of the page that was named?',
  docs: 'how-to/embedding.md',
  async run({ wanted, config }) {
    if (wanted.embed === undefined)
      return grey('No page that embeds meetings was named.', 'Name one: --embed https://app.example.org.');
    const [page, jitsi] = [new URL(wanted.embed), new URL(wanted.origin)];
    if (page.protocol === 'http:' && jitsi.protocol === 'https:')
      return yellow(
        `${page.origin} is plain HTTP: a frame in it gets no camera, and is of another site than ours.`,
        'Serve that page by https.',
      );
    if (page.origin === jitsi.origin)
      return green(`${page.origin} is our own origin: cookies arrive as everywhere.`);
    if (siteOf(page) === siteOf(jitsi))
      return green(
        `${page.origin} is of the same site as ${jitsi.origin} (${siteOf(jitsi)}): SameSite=Lax cookies arrive in the frame, and sign-in works as in a tab.`,
      );
    const { apps } = config;
    const isApp = apps.some(({ origins }) => origins?.includes(page.origin));
    return {
      light: isApp ? 'green' : 'yellow',
      says: `${page.origin} is of another site than ${jitsi.origin}: browsers keep or partition cookies of frames there (SameSite=None; Partitioned in Chromium, the Storage Access API elsewhere), so that nobody is recognised by the cookie they have from a tab.${isApp ? ' It is among the origins of an application, which brings tickets instead.' : ''}`,
      ...(!isApp && {
        fix: `Let an application ask for a ticket for each person (apps[].origins: [${page.origin}]), or give Jitsi a name of the same site, as meet.${siteOf(page).replace(/^https?:\/\//, '')}.`,
      }),
    };
  },
};
