/**
 * Adapter: an identity provider that speaks SAML 2.0.
 *
 * It proves who somebody is; it keeps no session and decides nothing. The files beside it are parts of it.
 *
 * @see SAML Profiles 2.0, section 4.1 (Web Browser SSO)
 */
import { Problem } from '../../base/problem.ts';
import type { Member, Provider, SignedIn } from '../provider.ts';
import { createHealth } from '../provider-health.ts';
import { ANSWERS_AT } from '../saml-places.ts';
import { finish, finishUnsolicited } from './answers.ts';
import { start, startForm } from './asking.ts';
import type { Members } from './members.ts';
import type { SamlOptions } from './options.ts';
import { createSingleLogout, type SingleLogout } from './single-logout.ts';
import {
  isEntity,
  memberMeant,
  memberNamed,
  metadataOf,
  originsOf,
  type SamlParts,
  seen,
  trustOf,
  warm,
} from './trust.ts';

/** An identity provider that speaks SAML: what it can beside every other kind. */
export interface SamlProvider extends Provider {
  /** Is this its entity id? False as long as its metadata is not known. */
  isEntity(entityId: string): Promise<boolean>;
  /**
   * Judges a posted response that answers no request; with `spend` it is taken, and never again.
   * Throws as `finish` does.
   */
  finishUnsolicited(response: string, how: { readonly spend: boolean }): Promise<SignedIn>;
  /** What this entity tells us of signing out, and how that is answered. */
  singleLogout(entityId: string): Pick<SingleLogout, 'hear' | 'answer'>;
}

/** Makes a provider of these settings. Asks nothing yet. */
export function createSamlProvider(options: SamlOptions): SamlProvider {
  const trust = trustOf(options);
  const health = createHealth(options);
  const parts: SamlParts = { options, trust, health };
  return {
    id: options.id,
    name: options.name,
    answersAt: ANSWERS_AT,
    origins: (person) => originsOf(parts, person),
    start: (asked) => seen(parts, () => start(parts, asked)),
    startForm: (asked) => seen(parts, () => startForm(parts, asked)),
    finish: (query, memory) => seen(parts, () => finish(parts, query, memory)),
    finishUnsolicited: (response, how) => seen(parts, () => finishUnsolicited(parts, response, how)),
    isEntity: (entityId) => isEntity(parts, entityId),
    ...(trust.kind === 'many' &&
      trust.federation.discoveryUrl === undefined && { members: () => listed(trust.members) }),
    // Only the browser can ask: SAML has nothing like a refresh token.
    recheck: async () => ({ kind: 'unreachable' }),
    singleLogout: (entityId) => logoutOf(parts, memberNamed(trust, entityId)),
    logoutForm: async (asked) => {
      const to = await logoutOf(parts, memberMeant(parts, { person: asked.person })).request(asked);
      return to && 'form' in to ? to.form : undefined;
    },
    logoutAddress: async (asked) => {
      const member = memberMeant(parts, { person: asked.person });
      if (trust.kind === 'many' && member === undefined) return undefined;
      const { logout } = await metadataOf(trust, member);
      if (logout.redirect === undefined) return undefined;
      const to = await logoutOf(parts, member).request(asked);
      return to && 'address' in to ? to.address : undefined;
    },
    readLogoutToken: async () => {
      throw new Problem('logout-token.unacceptable', { provider: options.id, why: 'saml' });
    },
    state: () => health.state(),
    tryClient: async () => ({}),
    warm: (person) => warm(parts, person),
  };
}

async function listed(members: Members): Promise<readonly Member[]> {
  return (await members.listed()).map(({ entityId, names }) => ({ entityId, names }));
}

/** Single logout with one: its messages are bound to it, as its requests are. */
function logoutOf({ options, trust }: SamlParts, member: string | undefined): SingleLogout {
  const whose = member === undefined ? options.id : `${options.id} ${member}`;
  return createSingleLogout({ options, whose, current: () => metadataOf(trust, member) });
}
