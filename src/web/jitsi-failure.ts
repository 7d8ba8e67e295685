/**
 * Somebody whom Jitsi did not let in, or whom its page sent away: the rules are asked
 * once more, and the page says what they say; else that it was Jitsi.
 */
import type { Arrival } from '../admission/arrival.ts';
import { Problem } from '../base/problem.ts';
import { parseRoomPath, type Room, roomPath } from '../base/room.ts';
import { turnAway } from './entry.ts';
import { type Target, targetText } from './jitsi-state.ts';
import type { WebParts } from './parts.ts';
import { problemAnswer } from './problem-answer.ts';
import { visitFacts } from './respond.ts';
import { inFrame } from './routes/hand-off.ts';
import type { Visit } from './visit.ts';
import { signInAddress } from './way-back.ts';

/** What Jitsi's page can have sent somebody away for. */
export const JITSI_FAILURES = ['jitsi.refused', 'jitsi.token-refused', 'jitsi.token-expired'] as const;

/** One of them. */
export type JitsiFailure = (typeof JITSI_FAILURES)[number];

/** What is known of it. */
export interface Failed {
  readonly code: JitsiFailure;
  readonly room?: Room | undefined;
}

/** Answers with a page, or JSON for who reads none. Throws what the store and the audit throw. */
export async function jitsiFailed(visit: Visit, { code, room }: Failed, parts: WebParts): Promise<Response> {
  const { places } = parts;
  if (room === undefined) return problemAnswer(new Problem(code), { visit, parts });
  const arrival: Arrival = { asked: visit.asked, wants: { kind: 'enter', room } };
  const outcome = await parts.admit(arrival);
  const embedders = parts.apps.embedders(room);
  const wanted: Target = { room, overrides: new Map() };
  switch (outcome.kind) {
    case 'refused':
    case 'wait':
      return turnAway(visit, { wanted, outcome }, parts);
    case 'sign-in':
      return problemAnswer(
        new Problem('session.ended', { after: code }),
        { visit, parts },
        // In a frame nobody comes back from a sign-in: the page around it is told, and knows what to do.
        { room, embedders, ...(!inFrame(visit) && { retry: signInAddress(wanted, places) }) },
      );
    case 'admitted': {
      const { person, decision } = outcome.grant;
      // Its page said so, and nobody but Prosody could prove it: what is written down is who was told, and what let them in.
      await parts.audit.record({
        at: parts.clock.now(),
        event: 'jitsi-refused',
        ...visitFacts(visit),
        person: person.id,
        provider: person.provider,
        ...(person.name !== undefined && { name: person.name }),
        room: room.name,
        ...(room.tenant !== undefined && { tenant: room.tenant }),
        role: decision.role,
        rule: decision.rule,
        code,
      });
      const to = targetText(wanted, roomPath);
      return problemAnswer(
        new Problem(code),
        { visit, parts },
        {
          room,
          embedders,
          retry: places.gateway ? to : `${places.prefix}/join?to=${encodeURIComponent(to)}`,
          ...(person.bound || person.invite ? { leaveLinkTo: to } : { otherAccountTo: to }),
          signedInAs: person.name ?? person.email ?? person.id,
          claims: { ...(person.name !== undefined && { name: person.name }), role: decision.role },
        },
      );
    }
    case 'seen':
      throw new Problem('server.bug', { why: 'an entry was seen' });
  }
}

/**
 * The room somebody was in when Jitsi's page sent them away without saying more: that page is what they come from.
 * @see jitsi-meet, react/features/app/actions.any.ts, `redirectToStaticPage`
 */
export function roomBefore({ asked }: Visit, { places }: Pick<WebParts, 'places'>): Room | undefined {
  const url = URL.parse(asked.header('referer') ?? '');
  if (url === null || !(places.origins.has(url.origin) || url.origin === places.jitsiUrl)) return undefined;
  try {
    return parseRoomPath(url.pathname);
  } catch (thrown) {
    if (thrown instanceof Problem) return undefined;
    throw thrown;
  }
}
