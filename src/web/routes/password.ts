/**
 * Name and password, typed into a page of ours, for providers that have no pages of their own.
 *
 * Both travel in the body of one POST. They stand in no address, in no cookie and in no line of the log; not even the
 * name does, because people type their password there by mistake.
 */

import type { Attempt } from '../../admission/sign-in.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import { digest } from '../../base/random.ts';
import { type Room, shownRoom } from '../../base/room.ts';
import { PASSWORD_LIMITS, PASSWORD_PAGE } from '../../identity/password.ts';
import type { Provider } from '../../identity/provider.ts';
import { passwordPage } from '../../pages/password.ts';
import { isPopup, readGoal, roomOfGoal } from '../jitsi-state.ts';
import { isKnownBrowser, rememberBrowser } from '../known-browser.ts';
import type { WebParts } from '../parts.ts';
import { probeOf } from '../probe.ts';
import { tellProblem } from '../problem-answer.ts';
import { page } from '../respond.ts';
import type { Route } from '../routes.ts';
import { callbackAddress } from '../sign-in-ways.ts';
import { single, type Visit } from '../visit.ts';
import { attemptOf, finishAttempt, recordFailure, refuseStray } from './callback.ts';

/** The routes of the password. */
export function passwordRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: PASSWORD_PAGE,
      on: ['public'],
      from: 'anyone',
      does: 'asks for name and password, in the browser that began to sign in',
      handle: (visit) => ask(visit, parts),
    },
    {
      method: 'POST',
      path: PASSWORD_PAGE,
      on: ['public'],
      from: 'our own form',
      does: 'has name and password judged, and finishes the sign-in once',
      handle: (visit) => judge(visit, parts),
    },
  ];
}

/** A sign-in under way at a provider that has no pages of its own. */
interface UnderWay {
  readonly attempt: Attempt;
  readonly provider: Provider;
}

async function underWay(
  visit: Visit,
  fields: URLSearchParams,
  parts: WebParts,
): Promise<UnderWay | undefined> {
  const attempt = await attemptOf(visit, fields, parts);
  const provider = attempt && parts.providers.get(attempt.provider);
  return attempt && provider?.answersAt === PASSWORD_PAGE ? { attempt, provider } : undefined;
}

async function ask(visit: Visit, parts: WebParts): Promise<Response> {
  const under = await underWay(visit, visit.query, parts);
  return under === undefined ? refuseStray(visit, parts, []) : form(visit, under, parts);
}

function form(
  visit: Visit,
  { attempt, provider }: UnderWay,
  parts: WebParts & { readonly wrong?: { readonly username: string } },
): Response {
  const { words, nonce, asked } = visit;
  const { branding, places, providers, wrong } = parts;
  const goal = readGoal(attempt.target);
  const room: Room | undefined = roomOfGoal(goal);
  const html = passwordPage({
    words,
    nonce,
    branding,
    prefix: places.prefix,
    id: asked.id,
    form: { action: `${places.prefix}${PASSWORD_PAGE}`, hidden: { state: attempt.state } },
    provider: provider.name,
    limits: PASSWORD_LIMITS,
    ...(room && { room: shownRoom(room) }),
    ...(providers.size > 1 && {
      others: `${places.prefix}/sign-in?auto=0&to=${encodeURIComponent(attempt.target)}`,
    }),
    ...(wrong && { wrong: true, username: wrong.username }),
  });
  // The redirects that follow the form may end at a Jitsi of another origin.
  const formAction = [places.jitsiUrl];
  return page(html, nonce, { status: wrong ? 403 : 200, popup: isPopup(goal), formAction });
}

async function judge(visit: Visit, parts: WebParts): Promise<Response> {
  const fields = await visit.form();
  const typed = new URLSearchParams({
    username: single(fields, 'username') ?? '',
    password: single(fields, 'password') ?? '',
  });
  single(fields, 'state');
  const under = await underWay(visit, fields, parts);
  const browser = probeOf(visit);
  if (under === undefined || browser === undefined) return refuseStray(visit, parts, []);
  const { attempt, provider } = under;
  const username = typed.get('username') ?? '';
  const account = accountOf(provider, username);
  const tried = await parts.limits.tryPassword({
    account: guessedAt(provider, username),
    browser,
    address: visit.asked.address,
    known: () => isKnownBrowser(visit, account, parts),
  });
  const found = provider.finish(typed, { ...attempt, redirectUri: callbackAddress(provider, parts) });
  // Whatever else it is, the attempt is spent first, and then it is told.
  const [judged] = await Promise.allSettled([found]);
  const right = judged.status === 'fulfilled';
  const wrong: unknown = right ? undefined : judged.reason;
  if (isProblem(wrong, 'sign-in.wrong-password')) {
    tellProblem(new Problem(wrong.code, wrong.facts), visit, parts);
    await recordFailure(wrong, { visit, provider }, parts);
    return form(visit, under, { ...parts, wrong: { username } });
  }
  // A provider that does not answer has judged nothing.
  await (right ? tried.right() : tried.notJudged());
  const cookies = right ? [await rememberBrowser(visit, account, parts)] : [];
  return finishAttempt(visit, { provider, attempt, judge: () => found, spends: true, cookies }, parts);
}

/**
 * What guesses are counted by, before anybody knows whether there is such an account. A directory may take names for
 * one that differ in accents, in spaces or in what is not seen: so whatever could be one is. Names nobody.
 * @see RFC 4518, section 2 (LDAP: Internationalized String Preparation)
 */
function guessedAt(provider: Provider, username: string): string {
  const bare = username.normalize('NFKD').replace(/[\p{M}\p{Z}\p{C}\p{Default_Ignorable_Code_Point}]/gu, '');
  return accountOf(provider, bare.toUpperCase());
}

/** What browsers are known by: no spelling but the one they signed in with. Names nobody. */
function accountOf({ id }: Provider, username: string): string {
  return digest(`${id}/${username.trim().normalize('NFKC').toLowerCase()}`);
}
