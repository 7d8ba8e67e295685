/**
 * What a first configuration has to be told, by flags or by answers.
 *
 * No question is for a secret: of one only the file is named.
 */
import { PRESETS } from '../../identity/presets.ts';
import type { Given, Io } from '../command.ts';
import { plain } from '../text.ts';
import type { FoundJitsi } from './find.ts';

/** Everything that was answered. */
export interface Answers {
  readonly door: string;
  readonly publicUrl: string;
  readonly issuer: string;
  readonly preset: string;
  readonly clientId: string;
  readonly secretFile: string;
  readonly access: string;
  /** Groups and e-mail addresses. */
  readonly hosts: readonly string[];
  /** Another application signs tokens that Prosody takes today. */
  readonly others: boolean;
}

/** What was left out, or cannot be meant: the flag and what would be right. */
export interface Unanswered {
  readonly flag: string;
  readonly wrong: string;
  readonly right: string;
}

interface Question {
  /** The name of its flag, as it is written. */
  readonly flag: string;
  readonly asks: string;
  readonly otherwise?: string;
  readonly right: string;
  readonly fits: (answer: string) => boolean;
}

const ACCESS = ['members', 'members-wait', 'guests-wait', 'guests-knock', 'open'];
const DOORS = ['token-service', 'gateway'];

/** As often somebody who types is asked again. */
const TRIES = 3;

const isUrl = (text: string) => /^https?:\/\/\S+$/.test(text) && URL.canParse(text);
const oneOf = (words: readonly string[]) => (text: string) => words.includes(text);
const isWord = (text: string) => text !== '';

/** Asks what no flag says; with `--yes` what has a default is taken, and everything that has none is told at once. */
export async function answersOf(
  io: Io,
  given: Given,
  found: FoundJitsi,
): Promise<Answers | readonly Unanswered[]> {
  const missing: Unanswered[] = [];
  const say = async (question: Question): Promise<string> => {
    const answer = await answered(io, given, question);
    if (typeof answer === 'string') return answer;
    missing.push(answer);
    return '';
  };
  const questions = [doorQuestion(), urlQuestion(found), ISSUER] as const;
  const [door, publicUrl, issuer] = [
    await say(questions[0]),
    await say(questions[1]),
    await say(questions[2]),
  ];
  const preset = await say(presetQuestion(issuer));
  const clientId = await say(CLIENT_ID);
  const secretFile = await say(SECRET_FILE);
  const access = await say(accessQuestion(found));
  const hosts = (await say(HOSTS))
    .split(',')
    .map((one) => one.trim())
    .filter(isWord);
  const others = await othersSign(io, given, found);
  if (missing.length > 0) return missing;
  return { door, publicUrl, issuer, preset, clientId, secretFile, access, hosts, others };
}

function doorQuestion(): Question {
  return {
    flag: 'door',
    asks: 'Beside Jitsi as a token service, or before all of it as a gateway?',
    otherwise: 'token-service',
    right: DOORS.join(' or '),
    fits: oneOf(DOORS),
  };
}

function urlQuestion({ publicUrl }: FoundJitsi): Question {
  return {
    flag: 'public-url',
    asks: 'Under which address do people reach us?',
    ...(publicUrl !== undefined && { otherwise: publicUrl }),
    right: 'an address as https://meet.example.org',
    fits: isUrl,
  };
}

const ISSUER: Question = {
  flag: 'issuer',
  asks: 'The issuer of the sign-in service?',
  right: 'an address as the service writes it, as https://id.example.org/realms/example',
  fits: isUrl,
};

function presetQuestion(issuer: string): Question {
  return {
    flag: 'preset',
    asks: `What kind of service is it (${Object.keys(PRESETS).join(', ')})?`,
    otherwise: presetOf(issuer),
    right: `one of ${Object.keys(PRESETS).join(', ')}`,
    fits: oneOf(Object.keys(PRESETS)),
  };
}

const CLIENT_ID: Question = {
  flag: 'client-id',
  asks: 'The client id the service gave us?',
  right: 'the client id as it stands at the service',
  fits: isWord,
};

const SECRET_FILE: Question = {
  flag: 'client-secret-file',
  asks: 'The file that holds, or will hold, the client secret (its name, never the secret)?',
  otherwise: 'secrets/oidc',
  // Of a secret that was pasted here most are known by this, and none is repeated.
  right: 'the name of a file with its folder, as secrets/oidc',
  fits: (text) => /^[\w.~/@+-]*\/[\w.@+-]+$/.test(text),
};

function accessQuestion({ access = 'members' }: FoundJitsi): Question {
  return {
    flag: 'access',
    asks: `Who may enter (${ACCESS.join(', ')})?`,
    otherwise: access,
    right: `one of ${ACCESS.join(', ')}`,
    fits: oneOf(ACCESS),
  };
}

const HOSTS: Question = {
  flag: 'hosts',
  asks: 'Who leads: groups or e-mail addresses, with commas between?',
  right: 'groups (with full paths: /staff) or e-mail addresses, with commas between',
  fits: (text) => text.split(',').some((one) => one.trim() !== ''),
};

/** By what an issuer looks like there. */
function presetOf(issuer: string): string {
  const kinds: readonly (readonly [RegExp, string])[] = [
    [/\/realms\/[^/]+\/?$/, 'keycloak'],
    [/^https:\/\/login\.microsoftonline\.com\//, 'entra'],
    [/^https:\/\/accounts\.google\.com\/?$/, 'google'],
    [/\/application\/o\/[^/]+\/?$/, 'authentik'],
    [/\.zitadel\.cloud\/?$/, 'zitadel'],
  ];
  return kinds.find(([like]) => like.test(issuer))?.[1] ?? 'generic';
}

async function answered(io: Io, given: Given, question: Question): Promise<string | Unanswered> {
  const { flag, otherwise, right, fits } = question;
  const name = flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const said = given.text(name)?.trim() ?? (given.flag('yes') ? otherwise : undefined);
  if (said !== undefined) return fits(said) ? said : { flag, wrong: 'cannot be used', right };
  if (given.flag('yes')) return { flag, wrong: 'is missing', right };
  const prompt = `${question.asks}${otherwise === undefined ? '' : ` [${plain(otherwise)}]`} `;
  // What is piped in is not waited for a second time.
  for (let tries = io.typed() ? TRIES : 1; tries > 0; tries -= 1) {
    const typed = (await io.ask(prompt)).trim() || (otherwise ?? '');
    if (fits(typed)) return typed;
    if (tries > 1) io.err(`Right would be: ${right}.`);
  }
  return { flag, wrong: 'was not answered', right };
}

async function othersSign(io: Io, given: Given, { sharesSecret }: FoundJitsi): Promise<boolean> {
  if (given.flag('otherApplications')) return true;
  if (given.flag('yes')) return sharesSecret;
  return yes(
    io,
    'Does another application sign tokens for this Jitsi, as Moodle or Nextcloud do?',
    sharesSecret,
  );
}

/** A question for yes or no. */
export async function yes(io: Io, question: string, otherwise: boolean): Promise<boolean> {
  const typed = (await io.ask(`${question} [${otherwise ? 'yes' : 'no'}] `)).trim();
  return typed === '' ? otherwise : /^y/i.test(typed);
}
