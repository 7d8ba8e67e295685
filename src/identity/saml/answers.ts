/**
 * What an identity provider says of somebody: a response that answers a request of ours, or one that answers none.
 * Judged, taken once, and made into whoever signed in.
 *
 * @see SAML Profiles 2.0, sections 4.1.4.3 and 4.1.5
 */
import { unixSeconds } from '../../base/clock.ts';
import { Problem } from '../../base/problem.ts';
import { digest } from '../../base/random.ts';
import { readAttributeMap } from '../attribute-map.ts';
import type { FinishedAttempt, SignedIn } from '../provider.ts';
import { bindingOf } from './asking.ts';
import { personTold, toClaims } from './attributes.ts';
import { decodeMessage, type Encoded } from './encoded.ts';
import { type Expected, LEEWAY, type Statement } from './expected.ts';
import { personOfMember } from './members.ts';
import type { IdpMetadata } from './metadata.ts';
import { subjectOfName, writeName } from './name-id.ts';
import type { SamlOptions } from './options.ts';
import { requestStanding } from './request-id.ts';
import { heldAgainst, memberNamed, metadataOf, type SamlParts } from './trust.ts';

/** Judges the response to a request of this attempt, and takes it. Throws as `finish` of a provider. */
export async function finish(
  parts: SamlParts,
  query: URLSearchParams,
  { nonce, redirectUri, silent }: FinishedAttempt,
): Promise<SignedIn | 'needs-person'> {
  const { id, sealing, clock } = parts.options;
  const message = messageIn(parts, query.get('SAMLResponse') ?? '');
  const { inResponseTo: requestId = '', member } = message;
  const standing = requestStanding(requestId, {
    keys: await sealing.sealing(),
    now: unixSeconds(clock),
    binding: bindingOf(nonce, member),
  });
  if (standing === 'unknown') throw invalid(id, 'request');
  if (standing === 'late') throw new Problem('sign-in.expired', { provider: id });
  const judged = await judge(parts, message, { acs: redirectUri, requestId });
  if (judged === 'needs-person' && silent) return judged;
  return taken(parts, judged, { spend: true });
}

/** Judges one that answers no request; with `spend` it is taken, and never again. Throws as `finish`. */
export async function finishUnsolicited(
  parts: SamlParts,
  response: string,
  how: { readonly spend: boolean },
): Promise<SignedIn> {
  const { acs } = parts.options.places;
  const judged = await judge(parts, messageIn(parts, response), { acs, requestId: undefined });
  return taken(parts, judged, how);
}

/** A message, and of many the one it seems to be from. */
interface MessageIn extends Encoded {
  readonly member: string | undefined;
}

/** Whose it seems to be is proved when it is judged; before that it leads to the one that was asked, and to nobody else. */
function messageIn({ options, trust }: SamlParts, response: string): MessageIn {
  const message = decodeMessage(response);
  if (message === undefined) throw invalid(options.id, 'base64');
  return { ...message, member: memberNamed(trust, message.issuer ?? '') };
}

function invalid(provider: string, why: string): Problem {
  return new Problem('saml.unacceptable', { provider, why });
}

/** What was said of somebody, and by whom. */
interface Believed {
  readonly statement: Statement;
  readonly idp: IdpMetadata;
  /** Its entity id, where it is one of many. */
  readonly member: string | undefined;
}

/** What holds of a response, for this moment and these metadata. */
async function judge(
  { options, trust }: SamlParts,
  { xml, member }: MessageIn,
  about: Pick<Expected, 'acs' | 'requestId'>,
): Promise<Believed | 'needs-person'> {
  const { id, thread, entityId, signed, maxAge, contexts } = options;
  const idp = await metadataOf(trust, member);
  const held = await heldAgainst(options, idp);
  const expected = { ...held, ...about, audience: entityId, signed, maxAge, contexts };
  const judged = await thread.judge({ kind: 'response', xml, expected });
  if (judged.kind === 'refused') throw new Problem(judged.code, { provider: id, why: judged.why });
  if (judged.kind === 'needs-person') return 'needs-person';
  return { statement: judged.statement, idp, member };
}

/** Who signed in by that. */
async function taken(
  { options, health }: SamlParts,
  judged: Believed | 'needs-person',
  { spend }: { readonly spend: boolean },
): Promise<SignedIn> {
  if (judged === 'needs-person')
    throw new Problem('provider.refused', { provider: options.id, why: 'NoPassive' });
  if (spend) await refuseReplay(options, judged);
  if (judged.member === undefined) health.good();
  return signedIn(options, judged);
}

/** Across all nodes and restarts, until nobody would take it any more. */
async function refuseReplay({ id, store, clock }: SamlOptions, { statement, member }: Believed) {
  const { id: assertion, expires } = statement;
  // Ids are each identity provider's own.
  const whose = member === undefined ? '' : `${digest(member)}/`;
  const key = `saml/seen/${id}/${whose}${Buffer.from(assertion).toString('base64url')}`;
  const ttl = Math.max(1, expires - unixSeconds(clock)) + LEEWAY;
  if (!(await store.swap(key, undefined, '1', ttl)))
    throw new Problem('sign-in.used', { provider: id, why: 'replay' });
}

async function signedIn(
  { id, log, mapping, entityId, attributeMapFile, scopes = [] }: SamlOptions,
  { statement, idp, member }: Believed,
): Promise<SignedIn> {
  const map = attributeMapFile === undefined ? undefined : await readAttributeMap(attributeMapFile);
  const told = toClaims(statement, [...idp.scopes, ...scopes], map?.attributes);
  for (const attribute of told.outOfScope) log.warn('saml.out-of-scope', { provider: id, attribute });
  const person = personTold(told, { statement, mapping, provider: id });
  const { context, authenticatedAt, nameId, sessionIndex, sessionEnds } = statement;
  const known = member === undefined ? person.id : personOfMember(id, member, person.id);
  return {
    person: { ...person, id: known, authenticatedAt, ...(context !== undefined && { acr: context }) },
    ...(nameId && {
      subject: subjectOfName(nameId, { idp: idp.entityId, sp: entityId }),
      logoutName: writeName(nameId),
    }),
    ...(sessionIndex !== undefined && { sid: sessionIndex }),
    ...(sessionEnds !== undefined && { until: sessionEnds }),
  };
}
