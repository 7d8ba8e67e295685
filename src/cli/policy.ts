/**
 * Asking the rules without a door: what they say and why, and whether they still say what was written down.
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { CLIENTS } from '../base/client.ts';
import { OWN_PROVIDERS, type Person } from '../base/person.ts';
import type { Config } from '../config/load.ts';
import { cleanEmail } from '../identity/profile.ts';
import { parseObject } from '../identity/session-record.ts';
import { besideWords } from '../policy/beside.ts';
import { answerCases, type CaseResult, readCaseFile, thenOf } from '../policy/case-file.ts';
import { explain } from '../policy/explain.ts';
import { timesFor } from '../policy/room-times.ts';
import { CONFIG, type Command, complain, type ExitCode, type Given, type Io, JSON_OUT } from './command.ts';
import { rulesOf, withConfig } from './open.ts';
import { missedLines, stepLines, timeLines } from './policy-words.ts';
import { ROOM, roomGiven, roomText, TENANT } from './room.ts';
import { counted, json, plain } from './text.ts';
import { boundAt } from './vouched.ts';

/** `ostiary policy explain` */
export const policyExplain: Command = {
  name: 'policy explain',
  does: 'show what the rules say to somebody, and why',
  about:
    'Without any word about the person, somebody who has not signed in. Asks the configuration alone: the person need not exist, and times that applications set are not known (`ostiary times list`).',
  options: [
    ROOM,
    TENANT,
    { flags: '--groups <names>', does: 'the groups of the person, with commas between' },
    { flags: '--email <address>', does: 'a verified e-mail address of the person' },
    {
      flags: '--provider <id>',
      does: 'where the person signed in, or whose word they came by: `app:crm`, `moodle`',
      otherwise: 'the first in the configuration',
    },
    {
      flags: '--person <id>',
      does: 'the id of the person, or a JSON file with `id`, `email`, `groups`, `acr`, `attributes`',
    },
    { flags: '--acr <context>', does: 'how the person signed in' },
    { flags: '--at <time>', does: 'when, as 2026-12-01T09:00+01:00', otherwise: 'now' },
    { flags: '--address <address>', does: 'where from' },
    { flags: '--client <kind>', does: 'with what: browser, mobile or desktop', otherwise: 'it says nothing' },
    CONFIG,
    JSON_OUT,
  ],
  run: (io, given) =>
    withConfig(io, given, async (config) => {
      const room = roomGiven(given, config);
      const described = personGiven(io, given, config);
      if (described !== undefined && 'wrong' in described)
        return complain(
          io,
          described.wrong,
          'A person is an object as { "id": "keycloak#8d7f", "groups": ["staff"] }.',
        );
      const { person, groupsSaid } = described ?? {};
      const at = given.text('at');
      const now = at === undefined ? io.now() : Date.parse(at);
      const bound = person === undefined ? {} : boundAt(config, person.provider, { room, now });
      if (Number.isNaN(now))
        return complain(io, `${plain(at ?? '')} is no time.`, 'Write it as 2026-12-01T09:00+01:00.');
      const address = given.text('address');
      if (address !== undefined && isIP(address) === 0)
        return complain(io, `${plain(address)} is no IP address.`, 'Write it as 192.0.2.7 or 2001:db8::7.');
      const email = given.text('email');
      if (email !== undefined && cleanEmail(email) === undefined)
        return complain(io, `${plain(email)} is no e-mail address.`, 'Write for example ada@example.org.');
      const said = given.text('client');
      const client = CLIENTS.find((one) => one === said);
      if (said !== undefined && client === undefined)
        return complain(io, `${plain(said)} is no client.`, `Write one of: ${CLIENTS.join(', ')}.`);
      const facts = {
        room,
        now,
        ...(person && { person: { ...person, ...bound } }),
        ...(address !== undefined && { address }),
        ...(client && { client }),
        roomTimes: timesFor(config.rooms, room),
      };
      const explanation = explain(facts, rulesOf(config));
      const { decision, wouldLetIn } = explanation;
      if (given.flag('json'))
        io.out(json({ room: roomText(room), outcome: thenOf(decision), ...explanation }));
      else {
        io.out(plain(`${roomText(room)}: ${thenOf(decision)}, by rule "${decision.rule}"`));
        const beside = decision.kind === 'admit' ? besideWords(decision.beside) : [];
        if (beside.length > 0) io.out(plain(`  with ${beside.join(' ')}`));
        for (const line of timeLines(decision)) io.out(plain(line));
        io.out(stepLines(explanation).map(plain).join('\n'));
        if (wouldLetIn.length > 0)
          io.out(['What would let them in:', ...missedLines(wouldLetIn).map(plain)].join('\n'));
        if (explanation.steps.some(({ conditions }) => conditions.some(({ name }) => name === 'clients')))
          io.err(OF_CLIENTS);
        const known = whoVouches(config);
        if (person !== undefined && !known.includes(person.provider))
          io.err(
            `Nobody signs in at ${plain(person.provider)} here, so a rule that names providers does not mean them; there are: ${known.map(plain).join(', ')}.`,
          );
        if (person !== undefined && !groupsSaid)
          io.err('Nothing was said of groups, so the person is taken to be in none; --groups names them.');
      }
      return 0;
    }),
};

/** Who reads what a rule says of clients shall know what that is worth. */
const OF_CLIENTS =
  'A rule speaks of clients. What somebody comes with the client says itself, and can say otherwise: no protection rests on it.';

/** Where somebody may come from, as rules call it. */
function whoVouches({ providers, apps, issuers, bearer }: Config): readonly string[] {
  return [
    ...providers.map(({ id }) => id),
    ...bearer.issuers.flatMap(({ id }) => (id === undefined ? [] : [id])),
    ...apps.map(({ name }) => `app:${name}`),
    ...issuers.map(({ iss }) => iss),
    ...OWN_PROVIDERS,
  ];
}

/** Somebody as they were described: by words, or by a file that words may add to. */
function personGiven(
  io: Io,
  given: Given,
  { providers }: Config,
): { readonly person: Person; readonly groupsSaid: boolean } | { readonly wrong: string } | undefined {
  const words = Object.fromEntries(
    ['groups', 'email', 'person', 'provider', 'acr'].flatMap((name) => {
      const word = given.text(name);
      return word === undefined ? [] : [[name, word]];
    }),
  ) as { readonly [name: string]: string | undefined };
  if (Object.keys(words).length === 0) return undefined;
  const { groups, email, person: named = '', provider: at, acr } = words;
  const isFile = named.endsWith('.json');
  const described = isFile ? describedIn(resolve(io.cwd, named)) : {};
  if ('wrong' in described) return { wrong: `${plain(named)} ${described.wrong}.` };
  const id = described.id ?? (isFile || named === '' ? undefined : named);
  const provider = at ?? described.provider ?? id?.split('#')[0] ?? providers[0]?.id ?? 'provider';
  const address = email ?? described.email;
  const inGroups = groups?.split(',').map((name) => name.trim()) ?? described.groups;
  const person = {
    ...described,
    id: id ?? `${provider}#somebody`,
    provider,
    groups: inGroups ?? [],
    emailVerified: address !== undefined,
    ...(address !== undefined && { email: address }),
    ...(acr !== undefined && { acr }),
  };
  return { person, groupsSaid: inGroups !== undefined };
}

type Described = Partial<Pick<Person, 'id' | 'provider' | 'email' | 'groups' | 'acr' | 'attributes'>>;

function describedIn(file: string): Described | { readonly wrong: string } {
  const text = readText(file);
  if (text === undefined) return { wrong: 'cannot be read' };
  const said = parseObject(text);
  if (said === undefined) return { wrong: 'holds no JSON object' };
  const { groups, attributes = {} } = said;
  const texts = ['id', 'provider', 'email', 'acr'].filter((name) => said[name] !== undefined);
  if (texts.some((name) => typeof said[name] !== 'string'))
    return { wrong: 'has something else where a text belongs' };
  if (groups !== undefined && !isTexts(groups)) return { wrong: 'has groups that are no list of texts' };
  if (typeof attributes !== 'object' || attributes === null || !Object.values(attributes).every(isTexts))
    return { wrong: 'has attributes that are no lists of texts' };
  const known = [...texts, 'groups', 'attributes'].filter((name) => said[name] !== undefined);
  return Object.fromEntries(known.map((name) => [name, said[name]]));
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** `ostiary policy test` */
export const policyTest: Command = {
  name: 'policy test',
  does: 'see that the rules say what a file of questions expects',
  about:
    'The file holds rules, a line of hyphens, and questions with their answers. Without rules above the line, the questions are put to the configuration.',
  takes: [{ name: 'file', does: 'rules and questions' }],
  options: [CONFIG, JSON_OUT],
  run: async (io, given) => {
    const [name = ''] = given.words;
    const text = readText(resolve(io.cwd, name));
    if (text === undefined)
      return complain(
        io,
        `${name} cannot be read.`,
        'Name a file of rules and questions that this user may read.',
      );
    const file = readCaseFile(text);
    if ('faults' in file) {
      for (const { line, wrong } of file.faults) io.err(`${name}:${line}: ${wrong}`);
      return 1;
    }
    if (file.rules.length > 0) return report(io, answerCases(file), given);
    return withConfig(io, given, async (config) => {
      const rooms = [...config.rooms, ...file.rooms];
      return report(io, answerCases({ ...file, rooms, rules: rulesOf(config) }), given);
    });
  },
};

function report(io: Io, results: readonly CaseResult[], given: Given): ExitCode {
  const wrong = results.filter(({ passed }) => !passed);
  if (given.flag('json'))
    io.out(
      json(
        results.map(({ case: { line, text }, outcome, rule, beside, passed }) => ({
          line,
          text,
          outcome,
          rule,
          beside,
          passed,
        })),
      ),
    );
  else {
    for (const {
      case: { line, text },
      outcome,
      rule,
      beside,
    } of wrong)
      io.out(
        `line ${line}: ${plain(text)}\n  says ${outcome} (${plain(rule)})${beside.length > 0 ? ` with ${plain(beside.join(' '))}` : ''}`,
      );
    io.out(`${counted(results.length, 'question')}, ${wrong.length} answered otherwise.`);
  }
  return wrong.length > 0 ? 1 : 0;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return undefined;
    throw thrown;
  }
}
