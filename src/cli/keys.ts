/**
 * The keys tokens are signed with: which there are, a new one now, one that must go.
 */
import type { KeyDescription, StoredKeys } from '../keys/stored-keys.ts';
import { CONFIG, type Command, complain, type ExitCode, type Io, JSON_OUT } from './command.ts';
import { type TerminalParts, withParts } from './open.ts';
import { columns, hour, iso, json } from './text.ts';

/** `ostiary keys list` */
export const keysList: Command = {
  name: 'keys list',
  does: 'show the keys tokens are signed with',
  options: [CONFIG, JSON_OUT],
  run: (io, given) =>
    withParts(io, given, async (parts) => {
      const listed = await list(parts);
      if (given.flag('json')) io.out(json(listed));
      else if (listed.mode === 'shared-secret')
        io.out('Tokens are signed with the secret that Prosody knows too (HS256); nothing is published.');
      else if (listed.keys.length === 0)
        io.out(
          'There is no key yet, and nothing is to be done: the server makes the first when somebody gets the first token, or Prosody first asks for a key.',
        );
      else io.out(columns(['KID', 'STATE', 'MADE', 'SIGNS FROM', 'GONE'], listed.keys.map(asRow)));
      return 0;
    }),
};

/** `ostiary keys rotate` */
export const keysRotate: Command = {
  name: 'keys rotate',
  does: 'begin to sign with a new key',
  about:
    'The new key is published at once and signs a quarter of an hour later, so that whoever keeps our keys for a while has it by then. The old one stays published until its last token has run out.',
  options: [CONFIG, JSON_OUT],
  run: (io, given) =>
    withStoredKeys(io, given, async (keys) => {
      const kid = await keys.rotateNow();
      const made = (await keys.list()).find((key) => key.kid === kid);
      if (given.flag('json')) io.out(json(made && described(made)));
      else io.out(`Key ${kid} is published${made ? ` and signs from ${hour(made.signsFrom)}` : ''}.`);
      return 0;
    }),
};

const RESTART = 'Restart Prosody: it trusts a key that it fetched as a file until then.';
const TOLD =
  'Prosody hears of it within seconds where our module there reports, which "ostiary check" tells; otherwise restart it.';

/** `ostiary keys revoke` */
export const keysRevoke: Command = {
  name: 'keys revoke',
  does: 'stop signing with a key and publishing it, at once',
  about:
    'For a key that somebody else may have. With our module Prosody refuses it within seconds, and ends the connections it let in; without, restart Prosody: it trusts a key it has fetched until then. Every token the key signed stops being good, so who is in a meeting cannot reconnect with theirs.',
  takes: [{ name: 'kid', does: 'the id of the key, as "ostiary keys list" shows it' }],
  options: [CONFIG, JSON_OUT],
  run: (io, given) =>
    withStoredKeys(io, given, async (keys, config) => {
      const [kid = ''] = given.words;
      const known = (await keys.list()).some((key) => key.kid === kid);
      if (!known)
        return complain(
          io,
          'There is no such key.',
          'Run "ostiary keys list": it shows every key and its id.',
        );
      await keys.revoke(kid);
      if (given.flag('json')) io.out(json({ revoked: kid }));
      else io.out(`Key ${kid} is revoked.\n${config.prosodyModule.secret === undefined ? RESTART : TOLD}`);
      return 0;
    }),
};

function withStoredKeys(
  io: Io,
  given: Parameters<Command['run']>[1],
  work: (keys: StoredKeys, config: TerminalParts['config']) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withParts(io, given, async ({ storedKeys, config }) => {
    if (storedKeys !== undefined) return work(storedKeys, config);
    if (config.tokens.secret !== undefined)
      return complain(
        io,
        'Tokens are signed with the secret that Prosody knows too.',
        'Change it there and in tokens.secret together, and restart both.',
      );
    return complain(
      io,
      'Tokens are signed with keys from files.',
      'Change tokens.keyFiles: a new key first at the end of the list, later at its head.',
    );
  });
}

/** A key as it is shown; times as RFC 3339 writes them. */
interface Shown {
  readonly kid: string;
  readonly state: string;
  readonly made?: string;
  readonly signsFrom?: string;
  readonly gone?: string;
}

interface Listed {
  readonly mode: 'shared-secret' | 'files' | 'stored';
  readonly keys: readonly Shown[];
}

async function list({ keys, storedKeys, config }: TerminalParts): Promise<Listed> {
  if (storedKeys !== undefined) return { mode: 'stored', keys: (await storedKeys.list()).map(described) };
  if (config.tokens.secret !== undefined) return { mode: 'shared-secret', keys: [] };
  const signing = (await keys.signing()).kid;
  const published = await keys.published();
  return {
    mode: 'files',
    keys: published.map(({ kid }) => ({ kid, state: kid === signing ? 'signing' : 'published' })),
  };
}

function described({ kid, phase, madeAt, signsFrom, goneAt, revokedAt }: KeyDescription): Shown {
  const gone = revokedAt ?? goneAt;
  return {
    kid,
    state: phase,
    made: iso(madeAt),
    signsFrom: iso(signsFrom),
    ...(gone !== undefined && { gone: iso(gone) }),
  };
}

function asRow({ kid, state, made, signsFrom, gone }: Shown): readonly string[] {
  return [
    kid,
    state,
    ...[made, signsFrom, gone].map((when) => (when === undefined ? '' : hour(Date.parse(when) / 1000))),
  ];
}
