/**
 * What a first configuration has to be told, by flags or by answers.
 */
import type { Given, Io } from '../command.ts';
import { beginAsking, type Ended, type Question, type Unanswered } from './ask.ts';
import type { FoundJitsi } from './find.ts';
import { askService, type Service } from './service.ts';

/** Everything that was answered. */
export interface Answers {
  readonly door: string;
  readonly publicUrl: string;
  readonly service: Service;
  readonly access: string;
  /** Groups and e-mail addresses; none of them: nobody leads. Or everyone who signs in does. */
  readonly hosts: readonly string[] | 'everyone';
  /** Another application signs tokens that Prosody takes today. */
  readonly others: boolean;
}

const ACCESS = ['members', 'members-wait', 'guests-wait', 'guests-knock', 'open'];
const DOORS = ['token-service', 'gateway'];
const NOBODY = 'nobody';
const EVERYONE = 'everyone';

/** Asks what no flag says; with `--yes` what has a default is taken, and everything that has none is told at once. */
export async function answersOf(
  io: Io,
  given: Given,
  found: FoundJitsi,
): Promise<Answers | readonly Unanswered[] | Ended> {
  const asking = beginAsking(io, given);
  const door = await asking.say(DOOR);
  const publicUrl = await asking.say(urlQuestion(found));
  const service = await askService(given, asking);
  const access = await asking.say(accessQuestion(found));
  const hosts = hostsOf(await asking.say(hostsQuestion(access)));
  const { sharesSecret } = found;
  const others =
    given.flag('otherApplications') ||
    (given.flag('yes')
      ? sharesSecret
      : await asking.yes(
          'Does another application sign tokens for this Jitsi, as Moodle or Nextcloud do?',
          sharesSecret,
        ));
  return asking.failed() ?? { door, publicUrl, service, access, hosts, others };
}

const DOOR: Question = {
  flag: 'door',
  asks: 'Beside Jitsi as a token service, or before all of it as a gateway?',
  otherwise: 'token-service',
  right: DOORS.join(' or '),
  fits: (text) => DOORS.includes(text),
};

function urlQuestion({ publicUrl }: FoundJitsi): Question {
  return {
    flag: 'public-url',
    asks: 'Under which address do people reach us?',
    ...(publicUrl !== undefined && { otherwise: publicUrl }),
    right: 'an address as https://meet.example.org',
    fits: (text) => /^https?:\/\/\S+$/.test(text) && URL.canParse(text),
  };
}

function accessQuestion({ access = 'members' }: FoundJitsi): Question {
  return {
    flag: 'access',
    asks: `Who may enter (${ACCESS.join(', ')})?`,
    otherwise: access,
    right: `one of ${ACCESS.join(', ')}`,
    fits: (text) => ACCESS.includes(text),
  };
}

/** Where others wait for a host there has to be one. */
function hostsQuestion(access: string): Question {
  const waits = access.endsWith('-wait');
  return {
    flag: 'hosts',
    asks: `Who leads: groups or e-mail addresses, with commas between; everyone who signs in (everyone)${waits ? '' : '; or nobody'}?`,
    ...(!waits && { otherwise: NOBODY }),
    right: `groups (with full paths: /staff) or e-mail addresses, with commas between; everyone${waits ? '' : '; or nobody'}`,
    fits: (text) => text.split(',').some((one) => one.trim() !== '') && !(waits && text === NOBODY),
  };
}

function hostsOf(answer: string): Answers['hosts'] {
  if (answer === EVERYONE) return EVERYONE;
  if (answer === NOBODY) return [];
  return answer
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}
