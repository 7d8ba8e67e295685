/**
 * Does Prosody refuse what it has to: no token, one of somebody else, one that ran out, one for others?
 */
import type { Twist } from '../../admission/probe-token.ts';
import { Secret } from '../../base/secret.ts';
import type { Visit } from '../../identity/prosody/visit.ts';
import { type Around, isHindered } from './around.ts';
import { type DoctorCheck, green, hindered, red, type Verdict, waiting, yellow } from './check.ts';

interface Shown {
  readonly name: string;
  readonly asks: string;
  /** What somebody shows. */
  readonly token: (around: Around) => Promise<Secret | undefined>;
  /** What Prosody should say of it, so that it was refused for that. */
  readonly expects: RegExp;
  readonly whenIn: (around: Around) => Verdict;
}

const DOCS = 'how-to/troubleshoot.md#jitsi-says-no-after-the-sign-in';

const twisted =
  (twist: Twist) =>
  (around: Around): Promise<Secret> =>
    around.mint('host', twist);

/** The same token with a signature that cannot be. */
async function forged(around: Around): Promise<Secret> {
  const [head = '', body = '', signature = ''] = (await around.mint('host')).reveal().split('.');
  const flipped = [...signature].reverse().join('');
  return new Secret(`${head}.${body}.${flipped}`);
}

const SHOWN: readonly Shown[] = [
  {
    name: 'empty-token',
    asks: 'Is whoever shows no token refused?',
    token: async () => undefined,
    expects: /^token required$/,
    whenIn: ({ inStages }) =>
      (inStages ? yellow : red)(
        'Prosody lets in whoever shows nothing: everybody can enter every room.',
        'Set authentication = "token" and allow_empty_token = false (docker: ENABLE_AUTH=1, AUTH_TYPE=jwt, JWT_ALLOW_EMPTY=0).',
      ),
  },
  {
    name: 'forged-token',
    asks: 'Is a token with a forged signature refused?',
    token: forged,
    expects: /signature/i,
    whenIn: () =>
      red(
        'Prosody lets in a token that nobody signed: whoever writes one is anybody.',
        'Set authentication = "token" on the VirtualHost, with app_secret or asap_key_server.',
      ),
  },
  {
    name: 'expired-token',
    asks: 'Is a token that ran out refused?',
    token: twisted({ expired: true }),
    expects: /^Not acceptable by exp/,
    whenIn: () =>
      red(
        'Prosody lets in a token that ran out minutes ago.',
        "Compare the clocks; and see that Prosody runs Jitsi's own mod_auth_token.",
      ),
  },
  {
    name: 'audience',
    asks: 'Is a token for another audience refused?',
    token: twisted({ audience: 'ostiary-doctor-elsewhere' }),
    expects: /'aud' claim/,
    whenIn: ({ config }) => ({
      light: 'yellow',
      says: 'Prosody takes a token for whatever audience: one that was made for another service opens this one too.',
      fix: `Set asap_accepted_audiences = { "${config.tokens.audience}" } (docker: JWT_ACCEPTED_AUDIENCES).`,
    }),
  },
  {
    name: 'issuer',
    asks: 'Is a token of another issuer refused?',
    token: twisted({ issuer: 'ostiary-doctor-elsewhere' }),
    expects: /'iss' claim/,
    whenIn: ({ config }) => ({
      light: 'yellow',
      says: 'Prosody takes a token of whatever issuer, as long as the key is right.',
      fix: `Set asap_accepted_issuers = { "${config.tokens.appId}" } (docker: JWT_ACCEPTED_ISSUERS).`,
    }),
  },
];

/** Why nothing can be said of Prosody: nobody gets there from here. */
export async function nobodyGetsThere(around: Around): Promise<Verdict | undefined> {
  if (isHindered(around.xmpp)) return hindered(around.xmpp, 'websocket');
  return (await around.way()) === undefined
    ? waiting('Could not tell: nobody gets to Prosody.', 'websocket')
    : undefined;
}

/** Why nothing can be said of a refusal: nobody is let in at all. */
export async function nobodyGetsIn(around: Around): Promise<Verdict | undefined> {
  const away = await nobodyGetsThere(around);
  if (away !== undefined) return away;
  const way = (await around.way()) ?? 'websocket';
  const found = await around.signIn(way);
  if (found.kind === 'in') return undefined;
  return found.kind === 'hindered'
    ? hindered(found, way)
    : waiting('Could not tell: not even a right token is let in.', way);
}

function checkOf({ name, asks, token, expects, whenIn }: Shown): DoctorCheck {
  return {
    name,
    group: 'prosody',
    asks,
    docs: DOCS,
    async run(around) {
      const shut = await nobodyGetsIn(around);
      // Whether strangers are let in can be found out without a right token.
      if (shut !== undefined && (name !== 'empty-token' || (await around.way()) === undefined)) return shut;
      const shown = await token(around);
      const visit = await around.visit({ ...(shown !== undefined && { token: shown }) });
      return judged(visit, { expects, whenIn: whenIn(around) });
    },
  };
}

async function judged(
  visit: Visit,
  { expects, whenIn }: { readonly expects: RegExp; readonly whenIn: Verdict },
): Promise<Verdict> {
  if (visit.kind === 'in') {
    await visit.leave();
    return whenIn;
  }
  const said = visit.text === '' ? `<${visit.condition}/>` : `"${visit.text}"`;
  return expects.test(visit.text)
    ? green(`It is refused with ${said}.`)
    : green(`It is refused, though for another reason than was meant: ${said}.`);
}

/** One check for each. */
export const REFUSALS: readonly DoctorCheck[] = SHOWN.map(checkOf);
