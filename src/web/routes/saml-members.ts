/**
 * Choosing one identity provider of a federation: our own list, and where people come back to with a choice, from
 * there or from a discovery service.
 *
 * Both know the attempt by its `state`, in the browser that began it. Nothing is written, and nobody is asked in the
 * name of somebody who began nothing.
 */
import type { Attempt } from '../../admission/sign-in.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import { cleanName } from '../../identity/profile.ts';
import type { Member, Provider } from '../../identity/provider.ts';
import { memberPage } from '../../pages/member.ts';
import { isPopup, readGoal, roomOfGoal } from '../jitsi-state.ts';
import { onward } from '../onward.ts';
import type { WebParts } from '../parts.ts';
import { problemAnswer } from '../problem-answer.ts';
import { page, redirect } from '../respond.ts';
import type { Route } from '../routes.ts';
import { callbackAddress } from '../sign-in-ways.ts';
import { single, type Visit } from '../visit.ts';
import { again, attemptOf, refuseStray } from './callback.ts';
import { doorFor } from './saml.ts';

/** Our own list, below the prefix. */
export const MEMBERS = '/saml/members';
/** The parameter a choice comes back in. @see Identity Provider Discovery Service Protocol, section 2.4.3 */
const CHOICE = 'entityID';
/** Where a choice comes back to. */
export const CHOSEN = '/saml/chosen';

/** The routes of a federation. */
export function samlMemberRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: MEMBERS,
      on: ['public'],
      from: 'anyone',
      does: 'the identity providers of a federation, to choose one: up to fifty',
      handle: (visit) => underWay(visit, parts, (begun) => show(visit, begun, parts)),
    },
    {
      method: 'GET',
      path: CHOSEN,
      on: ['public'],
      from: 'a provider',
      does: 'where a discovery service, or our own list, sends people back to with an identity provider',
      handle: (visit) => underWay(visit, parts, (begun) => goThere(visit, begun, parts)),
    },
  ];
}

interface Begun {
  readonly attempt: Attempt;
  readonly provider: Provider;
}

/** Work for an attempt of this browser; what goes wrong leads back to the list of services. */
async function underWay(
  visit: Visit,
  parts: WebParts,
  work: (begun: Begun) => Promise<Response>,
): Promise<Response> {
  await doorFor(visit, parts);
  const attempt = await attemptOf(visit, visit.query, parts);
  const provider = attempt && parts.providers.get(attempt.provider);
  if (attempt === undefined || provider === undefined) return refuseStray(visit, parts, []);
  try {
    return await work({ attempt, provider });
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    const goal = readGoal(attempt.target);
    const room = roomOfGoal(goal);
    return problemAnswer(
      thrown,
      { visit, parts },
      { ...again(attempt, parts), provider, ...(room && { room }), popup: isPopup(goal) },
    );
  }
}

async function show(visit: Visit, { attempt, provider }: Begun, parts: WebParts): Promise<Response> {
  if (provider.members === undefined) throw new Problem('request.not-found');
  const { words, nonce, asked } = visit;
  const { prefix } = parts.places;
  const search = single(visit.query, 'q') ?? '';
  const named = (await provider.members()).map((member) => ({
    member,
    name: nameOf(member, words.language),
  }));
  const alphabetic = new Intl.Collator(words.language);
  const state = encodeURIComponent(attempt.state);
  const found = named
    .filter(({ member, name }) => isMeant({ ...member, name }, search))
    .sort((one, other) => alphabetic.compare(one.name, other.name))
    .map(({ member, name }) => ({
      name,
      url: `${prefix}${CHOSEN}?state=${state}&${CHOICE}=${encodeURIComponent(member.entityId)}`,
    }));
  const html = memberPage({
    words,
    branding: parts.branding,
    prefix,
    nonce,
    id: asked.id,
    action: `${prefix}${MEMBERS}`,
    hidden: { state: attempt.state },
    search,
    members: found,
  });
  return page(html, nonce, { popup: isPopup(readGoal(attempt.target)) });
}

async function goThere(visit: Visit, { attempt, provider }: Begun, parts: WebParts): Promise<Response> {
  const member = single(visit.query, CHOICE);
  // A discovery service that knows nobody sends people back without a choice.
  if (member === undefined || member === '')
    throw new Problem('sign-in.cancelled', { provider: provider.id, why: 'no-choice' });
  const asked = {
    memory: attempt,
    redirectUri: callbackAddress(provider, parts),
    silent: false,
    languages: [visit.words.language],
    member,
  };
  const form = await provider.startForm?.(asked);
  if (form === undefined) return redirect(await provider.start(asked));
  return onward(visit, { provider, form, popup: isPopup(readGoal(attempt.target)) }, parts);
}

/** In this language, or in English, or in any; of one without a name its address. */
function nameOf({ names, entityId }: Member, language: string): string {
  const inLanguage = (wanted: string) =>
    names[wanted] ?? Object.entries(names).find(([tag]) => tag.startsWith(`${wanted}-`))?.[1];
  const told = inLanguage(language) ?? inLanguage('en') ?? Object.values(names)[0];
  return cleanName(told) ?? (URL.canParse(entityId) ? new URL(entityId).host || entityId : entityId);
}

/** Every word of the search stands in one of its names. */
function isMeant(member: Member & { readonly name: string }, search: string): boolean {
  const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const text = plain([member.name, ...Object.values(member.names), member.entityId].join(' '));
  return plain(search)
    .split(/\s+/)
    .every((word) => text.includes(word));
}
