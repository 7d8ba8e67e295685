/**
 * The rules behind the signature: whose assertion, about whom, for whom, from when until when. Pure.
 *
 * It reads nothing but trees made from verified bytes.
 *
 * @see SAML Core 2.0, section 2; SAML Profiles 2.0, section 4.1.4
 */
import type { Expected, NameId, Refusal, Statement } from './expected.ts';
import { BEARER, NAME_ID, NS } from './names.ts';
import { instant } from './time.ts';
import { childrenOf, onlyChild, textOf, type XmlElement } from './xml.ts';

/** Together with the size of a message: nobody's account has so many. */
const MOST_VALUES = 6000;

/** A rule that does not hold. */
function invalid(why: string): Refusal {
  return { kind: 'refused', code: 'saml.unacceptable', why };
}

/** What the assertion says, or why it says nothing to us. */
export function judgeAssertion(
  assertion: XmlElement,
  expected: Expected,
): { readonly kind: 'statement'; readonly statement: Statement } | Refusal {
  const id = assertion.attributes.get('ID') ?? '';
  if (assertion.attributes.get('Version') !== '2.0' || id === '' || id.length > 256)
    return invalid('assertion-version');
  const issuer = onlyChild(assertion, NS.saml, 'Issuer');
  if (!isIssuer(issuer, expected.idp.entityId)) return invalid('assertion-issuer');
  const until = confirmedUntil(assertion, expected);
  if (typeof until === 'string') return invalid(until);
  const conditions = conditionsFault(assertion, expected);
  if (conditions !== undefined) return invalid(conditions);
  const authn = judgeAuthn(assertion, expected);
  if ('kind' in authn) return authn;
  const attributes = attributesOf(assertion);
  if (attributes === undefined) return invalid('attributes');
  const nameId = nameIdOf(assertion);
  if (nameId === 'fault') return invalid('name-id');
  return {
    kind: 'statement',
    statement: { id, expires: until + expected.leeway, ...(nameId && { nameId }), attributes, ...authn },
  };
}

/** An issuer is its text, whole; with a format, only that of entities. */
export function isIssuer(issuer: XmlElement | undefined, entityId: string): boolean {
  const format = issuer?.attributes.get('Format') ?? NAME_ID.entity;
  return textOf(issuer) === entityId && format === NAME_ID.entity;
}

/** When the confirmation that is good for us ends; else what is wrong. */
function confirmedUntil(assertion: XmlElement, expected: Expected): number | string {
  const subject = onlyChild(assertion, NS.saml, 'Subject');
  if (subject === undefined) return 'subject';
  let wrong = 'confirmation';
  for (const confirmation of childrenOf(subject, NS.saml, 'SubjectConfirmation')) {
    const found = bearerUntil(confirmation, expected);
    if (typeof found === 'number') return found;
    wrong = found;
  }
  return wrong;
}

function bearerUntil(confirmation: XmlElement, expected: Expected): number | string {
  if (confirmation.attributes.get('Method') !== BEARER) return 'confirmation-method';
  const data = onlyChild(confirmation, NS.saml, 'SubjectConfirmationData');
  if (data === undefined) return 'confirmation';
  if (data.attributes.get('Recipient') !== expected.acs) return 'recipient';
  if (data.attributes.get('InResponseTo') !== expected.requestId) return 'confirmation-request';
  const window = windowFault(data, expected);
  if (window !== undefined) return `confirmation-${window}`;
  // A bearer must end. (SAML Profiles 2.0, section 4.1.4.2)
  return instant(data.attributes.get('NotOnOrAfter')) ?? 'confirmation-end';
}

/** @see SAML Core 2.0, section 2.5.1 */
function conditionsFault(assertion: XmlElement, expected: Expected): string | undefined {
  const conditions = onlyChild(assertion, NS.saml, 'Conditions');
  if (conditions === undefined) return 'conditions';
  const window = windowFault(conditions, expected);
  if (window !== undefined) return `conditions-${window}`;
  // A condition nobody knows makes the whole assertion one that nobody can rely on.
  const known = ['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction'];
  if (conditions.children.some(({ ns, local }) => ns !== NS.saml || !known.includes(local)))
    return 'condition-unknown';
  const restrictions = childrenOf(conditions, NS.saml, 'AudienceRestriction');
  const names = (one: XmlElement) => childrenOf(one, NS.saml, 'Audience').map(textOf);
  if (restrictions.length === 0) return 'audience';
  return restrictions.every((one) => names(one).includes(expected.audience)) ? undefined : 'audience';
}

/** Is now within these? What is no time is none of ours. */
function windowFault({ attributes }: XmlElement, { now, leeway }: Expected): string | undefined {
  const [from, until] = [attributes.get('NotBefore'), attributes.get('NotOnOrAfter')];
  const [start, end] = [instant(from), instant(until)];
  if ((from !== undefined && start === undefined) || (until !== undefined && end === undefined))
    return 'time';
  if (start !== undefined && now + leeway < start) return 'early';
  if (end !== undefined && now - leeway >= end) return 'late';
  return undefined;
}

type Authn = Pick<Statement, 'authenticatedAt' | 'context' | 'sessionIndex' | 'sessionEnds'>;

function judgeAuthn(assertion: XmlElement, expected: Expected): Authn | Refusal {
  const { now, leeway, maxAge, contexts } = expected;
  const [statement, ...others] = childrenOf(assertion, NS.saml, 'AuthnStatement');
  if (statement === undefined || others.length > 0) return invalid('authn-statement');
  const at = instant(statement.attributes.get('AuthnInstant'));
  if (at === undefined || at > now + leeway) return invalid('authn-instant');
  const again = (why: string): Refusal => ({ kind: 'refused', code: 'provider.reauthentication', why });
  if (now - at > maxAge + leeway) return again('too-old');
  const ends = statement.attributes.get('SessionNotOnOrAfter');
  const sessionEnds = instant(ends);
  if (ends !== undefined && sessionEnds === undefined) return invalid('session-end');
  if (sessionEnds !== undefined && now >= sessionEnds) return again('session-ended');
  const context = onlyChild(statement, NS.saml, 'AuthnContext');
  const name = textOf(context && onlyChild(context, NS.saml, 'AuthnContextClassRef'))?.trim();
  if (contexts.length > 0 && (name === undefined || !contexts.includes(name))) return again('context');
  const sessionIndex = statement.attributes.get('SessionIndex');
  return {
    authenticatedAt: at,
    ...(name !== undefined && name !== '' && name.length <= 256 && { context: name }),
    ...(sessionIndex !== undefined && sessionIndex.length <= 256 && { sessionIndex }),
    ...(sessionEnds !== undefined && { sessionEnds }),
  };
}

function nameIdOf(assertion: XmlElement): NameId | 'fault' | undefined {
  const subject = onlyChild(assertion, NS.saml, 'Subject');
  const names = subject === undefined ? [] : childrenOf(subject, NS.saml, 'NameID');
  const [name] = names;
  if (name === undefined) return undefined;
  return names.length > 1 ? 'fault' : toNameId(name);
}

/** Who is called so; a name that is not only text is none. */
export function toNameId(name: XmlElement): NameId | 'fault' {
  const value = textOf(name);
  if (value === undefined) return 'fault';
  const { attributes } = name;
  const [nameQualifier, spNameQualifier] = [
    attributes.get('NameQualifier'),
    attributes.get('SPNameQualifier'),
  ];
  return {
    value,
    format: attributes.get('Format') ?? '',
    ...(nameQualifier !== undefined && { nameQualifier }),
    ...(spNameQualifier !== undefined && { spNameQualifier }),
  };
}

/** Undefined where there are too many, or one is no text. */
function attributesOf(assertion: XmlElement): Statement['attributes'] | undefined {
  const found: [string, string[]][] = [];
  let values = 0;
  for (const statement of childrenOf(assertion, NS.saml, 'AttributeStatement'))
    for (const attribute of childrenOf(statement, NS.saml, 'Attribute')) {
      const texts = childrenOf(attribute, NS.saml, 'AttributeValue').map(attributeText);
      values += texts.length + 1;
      const name = attribute.attributes.get('Name');
      if (name === undefined || values > MOST_VALUES) return undefined;
      // An identifier that stands there as an element is one all the same; other elements are no text and say nothing.
      found.push([name, texts.filter((text) => text !== undefined)]);
    }
  return found;
}

/** eduPersonTargetedID holds a NameID as its value. */
function attributeText(value: XmlElement): string | undefined {
  const inner = onlyChild(value, NS.saml, 'NameID');
  return inner !== undefined && value.children.length === 1 ? textOf(inner) : textOf(value);
}
