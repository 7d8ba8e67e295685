/**
 * What Prosody says of a token, in words for whoever has to mend it; and what is worth knowing of one that it takes.
 *
 * Pure. Repeats claims, and never the token or its signature.
 */
import type { ProsodyClaims, ProsodyOptions, Refusal } from '../tokens/prosody.ts';

/** The parts of a token that can be shown. */
export interface Decoded {
  readonly header: Readonly<Record<string, unknown>> | undefined;
  readonly claims: Readonly<Record<string, unknown>> | undefined;
}

/** Both parts, as far as they are objects; nothing is verified. */
export function decoded(token: string): Decoded {
  const [header, claims] = token.split('.').map(part);
  return { header, claims };
}

function part(segment: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'));
    // What goes deeper than it can be shown again (a RangeError) is not shown.
    return typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      JSON.stringify(value) !== ''
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch (thrown) {
    if (thrown instanceof SyntaxError || thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function listed(values: readonly string[] | undefined): string {
  return (values ?? ['*']).map((one) => JSON.stringify(one)).join(', ') || 'nobody';
}

type Explain = (around: Decoded & { readonly options: ProsodyOptions; readonly now: number }) => string;

const WORDS: readonly (readonly [text: RegExp, explain: Explain])[] = [
  [/^token required$/, () => 'There is no token, and Prosody wants one (allow_empty_token).'],
  [
    /^Invalid token$|^bad token format$/,
    () => 'It is not three parts with dots between: part of it was lost on the way, or it is no JWT.',
  ],
  [
    /^Invalid signature$/,
    () =>
      'It was signed with another secret or key than Prosody knows, or changed since. Compare app_secret letter by letter, line ends included.',
  ],
  [
    /^Not acceptable by exp/,
    ({ claims, now }) =>
      `It ran out at ${moment(claims?.['exp'])}; it is ${moment(now)} now. Prosody has no leeway.`,
  ],
  [
    /^Not acceptable by nbf/,
    ({ claims, now }) =>
      `It begins at ${moment(claims?.['nbf'])}; it is ${moment(now)} now. Prosody has no leeway: compare the clocks of both machines.`,
  ],
  [/^(?:exp|nbf) must be number$/, () => 'exp and nbf are seconds since 1970, as numbers without quotes.'],
  [
    /'iss' claim/,
    ({ claims, options }) =>
      `It names ${shown(claims?.['iss'])} as iss; Prosody takes ${listed(options.issuers)} (app_id, asap_accepted_issuers).`,
  ],
  [
    /'aud' claim/,
    ({ claims, options }) =>
      `It names ${shown(claims?.['aud'])} as aud; Prosody takes ${listed(options.audiences)} (asap_accepted_audiences). It has to be one text: a list is never taken.`,
  ],
  [
    /^Invalid typ$/,
    ({ header }) => `Its header says typ ${shown(header?.['typ'])}; Prosody takes exactly "JWT".`,
  ],
  [
    /alg$|RS family|'alg' claim/,
    ({ header, options }) =>
      `Its header says alg ${shown(header?.['alg'])}; Prosody takes ${options.algorithm} and no other (signature_algorithm).`,
  ],
  [/'kid' claim/, () => 'Its header names no kid, and Prosody fetches keys by that.'],
  [/public key/, ({ header }) => `The key server has no key called ${shown(header?.['kid'])}.`],
  [/^room claim is missing$/, () => 'It names no room (asap_require_room_claim).'],
  [/^sub claim is missing$/, () => 'It names no sub: the tenant, or the XMPP domain.'],
  [/^Invalid (?:header|body)$/, () => 'One of its parts holds no JSON.'],
  [
    /^Room/,
    ({ claims }) =>
      `It is for the room ${shown(claims?.['room'])} with sub ${shown(claims?.['sub'])}, and not for this one.`,
  ],
];

/** Unix seconds as a date, or what stands there instead. */
function moment(seconds: unknown): string {
  return typeof seconds === 'number' && Math.abs(seconds) < 8.64e12
    ? new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
    : shown(seconds);
}

/** Why, and what would be right. */
export function whyRefused(
  refusal: Refusal,
  around: Decoded & { readonly options: ProsodyOptions; readonly now: number },
): string {
  if (refusal.unanswered)
    return 'Prosody stops with an error of its own and never answers: the client waits for ever. Whoever makes such tokens has to be mended.';
  return WORDS.find(([text]) => text.test(refusal.text))?.[1](around) ?? refusal.text;
}

/** What is worth knowing of a token that is taken. */
export function remarks(
  claims: ProsodyClaims,
  { domainVerification }: { readonly domainVerification: boolean },
): readonly string[] {
  const { exp, room, sub, context } = claims;
  const user = member(member(context, 'user'), 'moderator');
  const affiliation = member(member(context, 'user'), 'affiliation');
  const leads =
    user === true || user === 'true' || ['owner', 'moderator', 'teacher'].includes(String(affiliation));
  const all: (string | false)[] = [
    exp === undefined && 'It has no exp: it is good for ever, for whoever holds it.',
    room === '*' && 'It opens every room.',
    !domainVerification &&
      'Prosody does not compare tenants here: it opens the room of its name in every tenant.',
    domainVerification && sub === '*' && 'It is good in every tenant.',
    leads
      ? 'Its bearer moderates where token_affiliation is loaded, and where Jicofo or muc_allowners make moderators of all.'
      : 'Nothing in it makes its bearer a moderator.',
    member(member(context, 'user'), 'email') !== undefined &&
      "Jitsi's clients show the e-mail address in it to everybody in the room.",
    'Prosody looks at it when a connection begins, and not again: it opens the door as often as it is shown.',
  ];
  return all.filter((one) => one !== false);
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
