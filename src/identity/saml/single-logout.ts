/**
 * Single logout with one identity provider: how it is told that somebody signed out here, what it tells us, and how
 * that is answered. Which sessions end, others know.
 *
 * @see SAML Profiles 2.0, section 4.4 (Single Logout Profile)
 */
import { unixSeconds } from '../../base/clock.ts';
import { Problem } from '../../base/problem.ts';
import { digest, randomToken } from '../../base/random.ts';
import { Secret } from '../../base/secret.ts';
import { decryptingKeys, signingKey } from '../../keys/certified-keys.ts';
import type { LogoutOptions, PostForm } from '../provider.ts';
import type { NameId } from './expected.ts';
import type { LogoutCarried } from './logout.ts';
import { logoutRequestXml, logoutResponseXml } from './messages.ts';
import type { Endpoints, IdpMetadata } from './metadata.ts';
import { NAME_ID } from './names.ts';
import { type MessageParameter, signedAddress } from './redirect-binding.ts';
import { isBoundTo, readRequestId, requestId } from './request-id.ts';
import type { SamlOptions } from './saml.ts';

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
export type OnwardTo = { readonly address: string } | { readonly form: PostForm };

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
export interface SingleLogoutParts {
  readonly options: SamlOptions;
  /** Tells this identity provider from every other. */
  readonly whose: string;
  readonly current: () => Promise<IdpMetadata>;
}

const LEEWAY = 60;
/** Seconds after which an answer to our request is nobody's. */
const REQUEST_LIFETIME = 900;

/** Makes it. */
export function createSingleLogout({ options, whose, current }: SingleLogoutParts): SingleLogout {
  const { id: provider, clock, entityId, places, sealing, random, thread } = options;
  const unacceptable = (why: string) => new Problem('saml.logout-unacceptable', { provider, why });
  /** What an answer brings back beside the id: together they are one of our requests to this identity provider. */
  const bindingOf = (relayState: string) => `logout ${whose} ${relayState}`;

  async function onward(
    to: Endpoints,
    about: { readonly parameter: MessageParameter; readonly relayState?: string },
    write: (destination: string) => string,
  ): Promise<OnwardTo | undefined> {
    const { key, certificate } = await signingKey(options.keys);
    // An address first: a form of another site brings an identity provider no cookie of its own.
    if (to.redirect !== undefined) {
      const xml = write(to.redirect);
      return { address: signedAddress(to.redirect, { ...about, xml, key: key.reveal() }) };
    }
    if (to.post === undefined) return undefined;
    const by = { key: key.reveal(), certificate };
    const signed = await thread.sign({ kind: 'sign', xml: write(to.post), by });
    return { form: postForm(to.post, signed, about) };
  }

  return {
    request: async ({ logoutName, sid }) => {
      const nameId = logoutName && readName(logoutName.reveal());
      if (nameId === undefined) return undefined;
      const { logout } = await current();
      const [key] = await sealing.sealing();
      if (key === undefined) throw new Problem('key.none', { keys: 'sealing' });
      const at = unixSeconds(clock);
      const relayState = randomToken(random);
      const id = requestId(bindingOf(relayState), { key, at });
      return onward(logout, { parameter: 'SAMLRequest', relayState }, (destination) =>
        logoutRequestXml({
          ...{ id, at, destination, entityId, nameId },
          ...(sid !== undefined && { sessionIndex: sid }),
        }),
      );
    },
    hear: async ({ parameter, binding, relayState = '', inResponseTo = '', ...carried }) => {
      const now = unixSeconds(clock);
      if (parameter === 'SAMLResponse') {
        const made = readRequestId(inResponseTo, await sealing.sealing());
        if (made === undefined || !isBoundTo(inResponseTo, bindingOf(relayState)))
          throw unacceptable('request');
        if (now - made.at > REQUEST_LIFETIME) throw unacceptable('late');
      }
      const metadata = await current();
      const keys = await decryptingKeys(options.keys);
      const judged = await thread.judgeLogout({
        kind: 'logout',
        carried,
        expected: {
          now,
          leeway: LEEWAY,
          idp: { entityId: metadata.entityId, certificates: metadata.certificates },
          destination: places.slo[binding],
          legacy: options.legacy.filter(({ until }) => now < until).map(({ algorithm }) => algorithm),
          keys,
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

/** A form that carries a message. @see SAML Bindings 2.0, section 3.5.4 */
export function postForm(
  action: string,
  xml: string,
  { parameter, relayState }: { readonly parameter: MessageParameter; readonly relayState?: string },
): PostForm {
  return {
    action,
    fields: {
      [parameter]: Buffer.from(xml).toString('base64'),
      ...(relayState !== undefined && { RelayState: relayState }),
    },
  };
}

/** A name as it is given back at sign-out, to the letter: some identity providers know it in no other way. */
export function writeName(nameId: NameId): Secret {
  return new Secret(JSON.stringify(nameId));
}

function readName(text: string): NameId | undefined {
  const read = JSON.parse(text) as Partial<NameId>;
  return typeof read.value === 'string' && typeof read.format === 'string' ? (read as NameId) : undefined;
}

/**
 * A name as sessions are listed by it. Two names are one if they agree in all their parts; a part that is left out is
 * the two who speak.
 *
 * @see SAML Core 2.0, sections 3.3.4 and 8.3.7
 */
export function subjectOfName(
  { value, format, nameQualifier, spNameQualifier }: NameId,
  { idp, sp }: { readonly idp: string; readonly sp: string },
): string {
  const kind = format === '' ? NAME_ID.unspecified : format;
  return digest(JSON.stringify([value, kind, nameQualifier ?? idp, spNameQualifier ?? sp]));
}
