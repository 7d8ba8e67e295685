/**
 * What the report calls those who would have been locked out, and what it says would let each of them in. Pure.
 */
import type { ObservedKind } from '../admission/observed.ts';

/** Whom the report tells apart, in the order in which it tells them. */
export const GROUPS = {
  recorders: 'Recorders, Jigasi and other machines',
  apps: "Jitsi's apps, and others built like them",
  links: "Other applications' links",
  sites: 'Pages of other sites',
  people: 'People whom a rule does not let in',
  guests: 'People who have not signed in',
  paths: 'Files, and paths that lead to no room',
} as const;

/** One of them. */
export type ReportGroup = keyof typeof GROUPS;

/** What came, in words, and the setting that would let it in. */
export interface Advice {
  readonly what: string;
  readonly setting: string;
}

/** Says it of one kind, and where such machines came from. */
export function adviceFor(kind: ObservedKind, addresses: readonly string[]): Advice {
  const { seenAs, code, issuer, host, path, rule } = kind;
  switch (seenAs) {
    case 'recorder': {
      const from = addresses.length === 0 ? 'their addresses' : addresses.join(', ');
      return {
        what: host === undefined ? 'XMPP that no page of ours began' : `XMPP to the host ${host}`,
        setting: `machines: [{ name: …, networks: [${from}], reaches: [page, assets, xmpp]${host === undefined ? '' : `, xmppDomain: ${host}`} }]; better, let them reach Jitsi by its inner address`,
      };
    }
    case 'app':
      return {
        what: 'an app without a token',
        setting: 'nothing: the app leads people to sign in (open.apps lets it read what it needs for that)',
      };
    case 'link':
      return {
        what: `a link with a token of ${issuer === undefined ? 'nobody who says who they are' : `"${issuer}"`}`,
        setting: code.startsWith('bearer.')
          ? 'bearer.issuers, where callers bring such tokens'
          : 'issuers: [{ issuer: …, … }], or apps, where the application asks us for its links',
      };
    case 'site':
      return {
        what: code === 'outside' ? "a meeting in another site's frame" : 'a request from another site',
        setting: 'aliases, where it is a name of this site; else apps: [{ origins: [its address], … }]',
      };
    case 'person':
      return {
        what:
          rule === undefined
            ? 'somebody whom the rules turn away'
            : `somebody whom the rule "${rule}" turns away`,
        setting: 'rules, or access; "ostiary policy explain" tells which rule would let them in',
      };
    case 'page':
    case 'guest':
      if (host !== undefined)
        return {
          what: `somebody who connects from the page of a meeting to the host ${host}`,
          setting:
            "nothing, once Jitsi's config.js names no such host any more (hosts.anonymousdomain): then they come as the others do",
        };
      return {
        what: comingTo(kind),
        setting:
          'nothing, where they have an account: they are asked to sign in; access: guests-wait, guests-knock or open, or invitations, where they have none',
      };
    case 'path':
      return {
        what: `something below ${path ?? 'several paths'}`,
        setting:
          code === 'session.required' || code === 'sign-in'
            ? 'nothing, where a page of a meeting asks for it; open, where strangers are to have it'
            : 'tokenServices or a place of its own in the web server in front, where it is no part of Jitsi',
      };
  }
}

function comingTo({ seenAs, path }: ObservedKind): string {
  if (seenAs === 'guest') return 'somebody who connects from the page of a meeting';
  return path === '/' ? 'somebody at the front page' : "somebody at a room's page";
}
