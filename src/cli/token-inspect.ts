/**
 * What a token says, and what Prosody would make of it. Nothing leaves this machine, and the token is printed nowhere.
 */
import { createHmac, createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { prosodyNode } from '../base/room.ts';
import type { Secret } from '../base/secret.ts';
import { judge, mayJoin, type Refusal } from '../tokens/prosody.ts';
import { CONFIG, type Command, complain, type ExitCode, type Given, type Io, JSON_OUT } from './command.ts';
import { type FoundProsody, prosodyOfConfig, prosodyOfDocker, prosodyOfSite } from './found-prosody.ts';
import { envSources } from './migrate/env.ts';
import { lookForDocker } from './migrate/from-docker.ts';
import { lookForSite } from './migrate/site.ts';
import { collect } from './migrate/source.ts';
import { findConfig, hindranceAt, terminalLog } from './open.ts';
import { ROOM, roomFromTerminal, TENANT } from './room.ts';
import { json, plain } from './text.ts';
import { decoded, remarks, whyRefused } from './token-words.ts';

/** As much as is read where somebody types or pipes. */
const LONGEST = 4096;

/** Nobody's token is larger, in bytes: header lines end long before. */
const LARGEST = 65_536;

/** Three parts, of which the first is a JSON object: nobody calls a file so. */
const LOOKS_LIKE_ONE = /eyJ[\w-]*\.[\w-]+\.[\w-]*/;

/** `ostiary token inspect` */
export const tokenInspect: Command = {
  name: 'token inspect',
  does: 'show what a token says, and what Prosody would make of it and why',
  about:
    'The token is typed, piped in, or stands in a file, as it is or in a link (?jwt=…, #jwt="…"); never on the command line, where everybody on the machine could read it. It is judged as Prosody with our settings would, or as the Prosody whose files --jitsi names. Nothing is sent anywhere, and the token is never printed.',
  takes: [{ name: 'file', does: 'a file with the token', optional: true }],
  options: [
    {
      flags: '--jitsi <path>',
      does: 'a folder or file with the settings of Prosody, or the .env of docker-jitsi-meet',
    },
    { flags: '--key <file>', does: 'a PEM file with the public key it should be signed with' },
    { flags: ROOM.flags, does: 'the room somebody wants to enter with it' },
    TENANT,
    CONFIG,
    JSON_OUT,
  ],
  run: async (io, given) => {
    const text = await tokenText(io, given);
    if (typeof text !== 'string') return complain(io, ...text.wrong);
    const found = prosodyFor(io, given);
    if ('wrong' in found) return complain(io, ...found.wrong);
    const key = keyIn(io, given);
    if (key !== undefined && 'wrong' in key) return complain(io, ...key.wrong);
    const keys = key === undefined ? await ourKeys(io, given) : [{ ...key }];
    return tell(io, given, { token: tokenIn(text), found, ...(keys && { keys }) });
  },
};

interface Wrong {
  readonly wrong: readonly [what: string, whatToDo: string];
}

async function tokenText(io: Io, given: Given): Promise<string | Wrong> {
  const [file] = given.words;
  if (file !== undefined && LOOKS_LIKE_ONE.test(file))
    return {
      wrong: [
        'A token does not belong on the command line: everybody on this machine can read it there, and your shell remembers it.',
        'Pipe it in, or name a file that holds it.',
      ],
    };
  if (file !== undefined) {
    const text = textIn(resolve(io.cwd, file));
    if (text !== undefined && text.length > LARGEST)
      return {
        wrong: [`${plain(file)} is larger than any token.`, 'Name a file that holds the token alone.'],
      };
    return text ?? { wrong: [`${plain(file)} cannot be read.`, 'Name a file that holds the token.'] };
  }
  const typed = (await io.secret('Token: ')).reveal();
  if (typed.length <= LONGEST) return typed;
  return { wrong: [`That is longer than ${LONGEST} characters.`, 'Name a file that holds it.'] };
}

/** What stands in a file, no further than is looked at. */
function textIn(file: string): string | undefined {
  try {
    const handle = openSync(file, 'r');
    try {
      const room = Buffer.alloc(LARGEST + 1);
      let length = 0;
      for (let more = 1; more > 0 && length < room.length; length += more)
        more = readSync(handle, room, length, room.length - length, null);
      return room.toString('utf8', 0, length);
    } finally {
      closeSync(handle);
    }
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return undefined;
    throw thrown;
  }
}

/** The token in what was given: alone, behind `Bearer`, or in a link. */
function tokenIn(text: string): string {
  const bare = text.trim();
  const inLink = /[?#&](?:jwt|token)=(?:%22|")?([^&#"%\s]+)/.exec(bare)?.[1];
  return inLink ?? bare.replace(/^(?:authorization:\s*)?bearer\s+/i, '').replace(/^"(.*)"$/, '$1');
}

function prosodyFor(io: Io, given: Given): FoundProsody | Wrong {
  const path = given.text('jitsi');
  if (path === undefined) {
    const found = findConfig(io, given);
    if ('config' in found) return prosodyOfConfig(found.config, found.file);
    return {
      wrong: [
        'There are no settings it could be judged by, or they have a mistake ("ostiary check" says which).',
        'Name settings of ours with --config, or those of Prosody with --jitsi.',
      ],
    };
  }
  const { sources } = collect([path], io.cwd);
  const docker = lookForDocker(envSources(sources), io.env['HOME'] ?? io.cwd);
  const looked = docker === undefined ? lookForSite(sources) : undefined;
  const found =
    docker !== undefined
      ? prosodyOfDocker(docker)
      : looked !== undefined && 'site' in looked
        ? prosodyOfSite(looked.site)
        : undefined;
  return (
    found ?? {
      wrong: [
        `No Prosody that takes tokens is in ${plain(path)}.`,
        'Name the folder of its *.cfg.lua, or the .env of docker-jitsi-meet.',
      ],
    }
  );
}

function keyIn(io: Io, given: Given): { readonly key: KeyObject } | Wrong | undefined {
  const file = given.text('key');
  if (file === undefined) return undefined;
  const text = textIn(resolve(io.cwd, file));
  const wrong: Wrong = {
    wrong: [`${plain(file)} holds no public key.`, 'Name a PEM file with the public key.'],
  };
  if (text === undefined || text.includes('PRIVATE KEY')) return wrong;
  try {
    return { key: createPublicKey(text) };
  } catch (thrown) {
    if (thrown instanceof Error) return wrong;
    throw thrown;
  }
}

/** A key, and what it is called where that matters. */
interface Known {
  readonly kid?: string;
  readonly key: KeyObject;
}

/** The keys Prosody fetches from us, where the store is one this user may open. */
async function ourKeys(io: Io, given: Given): Promise<readonly Known[] | undefined> {
  if (given.text('jitsi') !== undefined) return undefined;
  const found = findConfig(io, given);
  if (!('config' in found) || found.config.tokens.secret !== undefined) return undefined;
  if (hindranceAt(found.config.store.path) !== undefined) return undefined;
  const { openParts } = await import('../app.ts');
  const parts = await openParts(found.config, { clock: { now: io.now }, log: terminalLog(io) });
  try {
    const published = await parts.keys.published();
    return published.map(({ kid, pem }) => ({ kid, key: createPublicKey(pem) }));
  } finally {
    await parts.close();
  }
}

/** Whoever shows another application's token at our door shows it to us, and never to Prosody. */
function asLink(
  io: Io,
  given: Given,
  claims: Readonly<Record<string, unknown>> | undefined,
): readonly string[] {
  if (given.text('jitsi') !== undefined) return [];
  const found = findConfig(io, given);
  if (!('config' in found) || !found.config.issuers.some(({ iss }) => iss === claims?.['iss'])) return [];
  return [
    `"${claims?.['iss']}" is one of the issuers in our settings: in a link to a room this token is for our door and not for Prosody, which gets one of ours instead. The door judges it by that entry (secret or key, algorithm, audience, rooms), which was not looked at here; what it refuses stands in the log as link.unacceptable.`,
  ];
}

interface Asked {
  readonly token: string;
  readonly found: FoundProsody;
  readonly keys?: readonly Known[];
}

async function tell(io: Io, given: Given, { token, found, keys }: Asked): Promise<ExitCode> {
  const now = Math.floor(io.now() / 1000);
  const { options } = found;
  // Whether a signature holds is known only where what it was made with is.
  let isUnknown = false;
  const verdict = await judge(token, options, {
    now,
    ...(keys && { hasKey: (kid) => keys.some((one) => one.kid === undefined || one.kid === kid) }),
    verify: (algorithm, kid, input, signature) => {
      const key = keys?.find((one) => one.kid === undefined || one.kid === kid)?.key;
      const held = holds({ algorithm, input, signature, key, secret: found.secret });
      isUnknown = held === undefined;
      return held ?? true;
    },
  });
  const room = given.text('room');
  const entry =
    verdict.accepted && room !== undefined
      ? mayJoin(verdict.claims, {
          node: prosodyNode(roomFromTerminal(room, given.text('tenant'))),
          xmppDomain: found.xmppDomain,
          domainVerification: found.domainVerification,
          ...(options.requireRoom !== undefined && { requireRoom: options.requireRoom }),
        })
      : undefined;
  const parts = decoded(token);
  const refusal: Refusal | undefined = verdict.accepted
    ? entry?.accepted === false
      ? entry
      : undefined
    : verdict;
  const why = refusal && whyRefused(refusal, { ...parts, options, now });
  const notes = [
    ...(verdict.accepted ? remarks(verdict.claims, found) : []),
    ...asLink(io, given, parts.claims),
  ];
  const signature = isUnknown ? 'not looked at' : undefined;
  if (given.flag('json'))
    io.out(
      json({
        ...parts,
        judgedBy: found.from,
        accepted: refusal === undefined,
        ...(signature && { signature }),
        ...(refusal && {
          prosody: refusal.text,
          condition: refusal.condition,
          unanswered: refusal.unanswered === true,
          why,
        }),
        notes,
      }),
    );
  else io.out(lines({ parts, found, refusal, why, notes, isUnknown }).map(plain).join('\n'));
  return refusal === undefined ? 0 : 1;
}

function holds({
  algorithm,
  input,
  signature,
  key,
  secret,
}: {
  readonly algorithm: string;
  readonly input: string;
  readonly signature: Uint8Array;
  readonly key: KeyObject | undefined;
  readonly secret: Secret | undefined;
}): boolean | undefined {
  const hash = `sha${algorithm.slice(2)}`;
  if (algorithm.startsWith('RS'))
    return key === undefined ? undefined : verify(hash, Buffer.from(input), key, signature);
  if (secret === undefined) return undefined;
  const right = createHmac(hash, secret.reveal()).update(input).digest();
  return right.length === signature.length && timingSafeEqual(right, signature);
}

function lines({
  parts,
  found,
  refusal,
  why,
  notes,
  isUnknown,
}: {
  readonly parts: ReturnType<typeof decoded>;
  readonly found: FoundProsody;
  readonly refusal: Refusal | undefined;
  readonly why: string | undefined;
  readonly notes: readonly string[];
  readonly isUnknown: boolean;
}): readonly string[] {
  const shown = (name: string, value: object | undefined) =>
    value === undefined
      ? [`${name}: cannot be read`]
      : [
          `${name}:`,
          ...json(value)
            .split('\n')
            .map((line) => `  ${line}`),
        ];
  const verdict =
    refusal === undefined
      ? [`Prosody would take it, as ${found.from} has it.`]
      : refusal.unanswered
        ? [`Prosody would not answer, as ${found.from} has it.`, `${why}`]
        : [
            `Prosody would refuse it (${refusal.condition}: ${refusal.text}), as ${found.from} has it.`,
            `${why}`,
          ];
  const unknown = isUnknown
    ? [
        found.keysAt === undefined
          ? 'Whether its signature holds is not known: there is no secret here to compare it with.'
          : `Whether its signature holds is not known: the keys are at ${found.keysAt}. --key names one that is here.`,
      ]
    : [];
  return [
    ...shown('Header', parts.header),
    ...shown('Claims', parts.claims),
    '',
    ...verdict,
    ...unknown,
    ...notes.map((note) => `- ${note}`),
  ];
}
