/**
 * Which Jitsi is behind us, as far as it shows from outside, and what follows:
 * does its web client read a token from the fragment, do Prosody's plugins read
 * one from a header? What does not show is said to be unknown.
 *
 * Pure. Asks nobody.
 */
import type { JitsiFinding } from './jitsi-findings.ts';

/** What was seen. A member that is absent could not be seen. */
export interface JitsiSigns {
  /** The number that the packages put behind `app.bundle.min.js?v=`. */
  readonly build?: number;
  /** Is `static/authError.html` there? It went on 3 May 2024. */
  readonly authError?: boolean;
  /** Is `static/sso.html` there? It came on 23 February 2026. */
  readonly sso?: boolean;
  /** What Prosody made of a header with a token that cannot hold. */
  readonly prosody?: 'reads-header' | 'reads-no-header' | 'lets-in-without';
}

/** What the operator said of the Jitsi behind us. */
export interface JitsiSaid {
  readonly carry: 'header' | 'query';
  /** A month: the web client is older. */
  readonly clientBefore?: string;
}

/** Does the web client read `#jwt`, and the plugins `Authorization`? */
export interface JitsiVersion {
  /** For people: "build 8091, of May 2024 or later". */
  readonly says: string;
  readonly client: 'reads-fragment' | 'reads-query-alone' | 'unknown';
  readonly prosody: NonNullable<JitsiSigns['prosody']> | 'unknown';
}

/** Sources as they are in the repository have a small number there, which means nothing. */
const FIRST_BUILD = 2000;

/** A stable build of November 2023 at the latest: 2.0.9078 has a higher one. */
const SURELY_BEFORE = 7531;

/** The web client of 2.0.9646, the first stable build known to us that is surely younger than May 2024. */
const SURELY_AFTER = 8091;

/** The month of the web client that first reads `#jwt` (17 May 2024); the plugins' header is ten days older. */
const SINCE = '2024-05';

/** What the signs mean. */
export function versionOf({ build, authError, sso, prosody }: JitsiSigns): JitsiVersion {
  const known = build !== undefined && build >= FIRST_BUILD ? build : undefined;
  const young = sso === true || (known !== undefined && known >= SURELY_AFTER);
  const old = !young && (authError === true || (known !== undefined && known <= SURELY_BEFORE));
  const when =
    sso === true
      ? 'of 23 February 2026 or later'
      : young
        ? 'of summer 2024 or later'
        : old
          ? 'older than May 2024'
          : authError === false
            ? 'of May 2024 or later'
            : 'of a time we cannot tell';
  return {
    says: `${known === undefined ? 'a build without a number' : `build ${known}`}, ${when}`,
    client: young ? 'reads-fragment' : old ? 'reads-query-alone' : 'unknown',
    prosody: prosody ?? 'unknown',
  };
}

/** What is wrong, or cannot be told, with this version behind a gateway that was set up so. */
export function versionFindings(version: JitsiVersion, said: JitsiSaid): readonly JitsiFinding[] {
  return [...clientFindings(version, said), ...prosodyFindings(version, said)];
}

function clientFindings(
  { client, says }: JitsiVersion,
  { clientBefore }: JitsiSaid,
): readonly JitsiFinding[] {
  const path = `web client (${says})`;
  const saidOld = clientBefore !== undefined && clientBefore <= SINCE;
  if (client === 'reads-query-alone' && !saidOld)
    return [
      {
        path,
        wrong: 'reads no token from the fragment of an address, as clients do since 17 May 2024',
        right: `a newer jitsi-meet-web (2.0.9646 does), or jitsi.clientBefore: ${SINCE}`,
      },
    ];
  if (client === 'reads-fragment' && saidOld)
    return [
      {
        path,
        wrong: `is newer than jitsi.clientBefore: ${clientBefore} says: its token goes through its query, and into logs`,
        right: 'no jitsi.clientBefore, or a later month',
        mayBe: true,
      },
    ];
  if (client === 'unknown' && !saidOld)
    return [
      {
        path,
        wrong: 'does not show whether it reads a token from the fragment, as clients do since 17 May 2024',
        right: `a look at its version ("dpkg -l jitsi-meet-web", the tag of the image); for an older one jitsi.clientBefore: ${SINCE}`,
        mayBe: true,
      },
    ];
  return [];
}

function prosodyFindings({ prosody }: JitsiVersion, { carry }: JitsiSaid): readonly JitsiFinding[] {
  const path = 'Prosody';
  switch (prosody) {
    case 'lets-in-without':
      return [
        {
          path,
          wrong: 'let somebody in who showed no token that holds',
          right:
            'authentication = "token" and allow_empty_token = false; "ostiary jitsi-config" prints the lines',
        },
      ];
    case 'reads-no-header':
      return carry === 'query'
        ? []
        : [
            {
              path,
              wrong: 'reads no token from a header, as its plugins do since 7 May 2024: nobody could join',
              right: 'newer plugins (jitsi-meet-prosody), or upstream.carry: query',
            },
          ];
    case 'reads-header':
      return carry === 'header'
        ? []
        : [
            {
              path,
              wrong: 'reads tokens from a header: upstream.carry: query puts them into its logs for nothing',
              right: 'no upstream.carry',
              mayBe: true,
            },
          ];
    default:
      return [
        {
          path,
          wrong: 'does not show whether it reads a token from a header, as its plugins do since 7 May 2024',
          right: 'a look at the version of jitsi-meet-prosody; for an older one upstream.carry: query',
          mayBe: true,
        },
      ];
  }
}
