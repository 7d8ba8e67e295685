/**
 * Single logout with one identity provider: how it is told that somebody signed out here, what it tells us, and how
 * that is answered. Which sessions end, others know.
 *
 * @see SAML Profiles 2.0, section 4.4 (Single Logout Profile)
 */
import { unixSeconds } from '../../base/clock.ts';
import { Problem } from '../../base/problem.ts';
import { randomToken } from '../../base/random.ts';
import type { LogoutOptions, PostForm } from '../provider.ts';
import type { LogoutCarried } from './logout.ts';
import { logoutRequestXml, logoutResponseXml } from './messages.ts';
import type { Endpoints, IdpMetadata } from './metadata.ts';
import { readName, subjectOfName } from './name-id.ts';
import type { SamlOptions } from './options.ts';
import type { MessageParameter } from './redirect-binding.ts';
import { requestId, requestStanding } from './request-id.ts';
import { inAddress, inForm, type Sending } from './sending.ts';
import { heldAgainst } from './trust.ts';

/** A message as it came. */
export interface LogoutMessageIn extends LogoutCarried {
  readonly parameter: MessageParameter;
  readonly binding: 'redirect' | 'post';
  readonly relayState?: string;
  readonly inResponseTo?: string;
}

/** What the identity provider told us. */
export type LogoutHeard =
  | {
      readonly kind: 'request';
      readonly id: string;
      /** As it stands in sessions. */
      readonly subject: string;
      readonly sids: readonly string[];
      /** Unix seconds. */
      readonly expires: number;
    }
  | { readonly kind: 'response'; readonly id: string; readonly complete: boolean };

/** Where a browser takes a message of ours. */
type OnwardTo = { readonly address: string } | { readonly form: PostForm };

/** Its part in signing out. */
export interface SingleLogout {
  /** Where the browser takes our request; undefined where the identity provider has no such service. */
  request(options: LogoutOptions): Promise<OnwardTo | undefined>;
  /** Throws `saml.logout-unacceptable`, and what asking for metadata throws. */
  hear(message: LogoutMessageIn): Promise<LogoutHeard>;
  /** Says that it is done; undefined where there is nowhere to say it. */
  answer(about: { readonly id: string; readonly relayState?: string }): Promise<OnwardTo | undefined>;
}

/** What it works with. */
interface SingleLogoutParts {
  readonly options: SamlOptions;
  /** Tells this identity provider from every other. */
  readonly whose: string;
  readonly current: () => Promise<IdpMetadata>;
}

/** Makes it. */
export function createSingleLogout({ options, whose, current }: SingleLogoutParts): SingleLogout {
  const { id: provider, clock, entityId, places, sealing, random, thread } = options;
  const unacceptable = (why: string) => new Problem('saml.logout-unacceptable', { provider, why });
  /** What an answer brings back beside the id: together they are one of our requests to this identity provider. */
  const bindingOf = (relayState: string) => `logout ${whose} ${relayState}`;

  async function onward(
    to: Endpoints,
    about: Omit<Sending, 'xml'>,
    write: (destination: string) => string,
  ): Promise<OnwardTo | undefined> {
    const { redirect, post } = to;
    // An address first: a form of another site brings an identity provider no cookie of its own.
    if (redirect !== undefined)
      return { address: await inAddress(redirect, { ...about, xml: write(redirect) }, options) };
    if (post === undefined) return undefined;
    return { form: await inForm(post, { ...about, xml: write(post) }, options) };
  }

  return {
    request: async ({ logoutName, sid }) => {
      const nameId = logoutName && readName(logoutName.reveal());
      if (nameId === undefined) return undefined;
      const { logout } = await current();
      const at = unixSeconds(clock);
      const relayState = randomToken(random);
      const id = requestId(bindingOf(relayState), { keys: await sealing.sealing(), at });
      return onward(logout, { parameter: 'SAMLRequest', relayState }, (destination) =>
        logoutRequestXml({
          ...{ id, at, destination, entityId, nameId },
          ...(sid !== undefined && { sessionIndex: sid }),
        }),
      );
    },
    hear: async ({ parameter, binding, relayState = '', inResponseTo = '', ...carried }) => {
      if (parameter === 'SAMLResponse') {
        const standing = requestStanding(inResponseTo, {
          keys: await sealing.sealing(),
          now: unixSeconds(clock),
          binding: bindingOf(relayState),
        });
        if (standing !== 'good') throw unacceptable(standing === 'late' ? 'late' : 'request');
      }
      const metadata = await current();
      const judged = await thread.judgeLogout({
        kind: 'logout',
        carried,
        expected: {
          ...(await heldAgainst(options, metadata)),
          destination: places.slo[binding],
          ...(parameter === 'SAMLResponse' && { requestId: inResponseTo }),
        },
      });
      if (judged.kind === 'refused') throw unacceptable(judged.why);
      if (judged.kind === 'response') return { ...judged, id: inResponseTo };
      const { id, nameId, sessionIndexes, expires } = judged;
      const subject = subjectOfName(nameId, { idp: metadata.entityId, sp: entityId });
      return { kind: 'request', id, subject, sids: sessionIndexes, expires };
    },
    answer: async ({ id: inResponseTo, relayState }) => {
      const { logoutAnswers } = await current();
      const about = { parameter: 'SAMLResponse', ...(relayState !== undefined && { relayState }) } as const;
      const id = `_${randomToken(random)}`;
      return onward(logoutAnswers, about, (destination) =>
        logoutResponseXml({ id, at: unixSeconds(clock), destination, entityId, inResponseTo }),
      );
    },
  };
}
