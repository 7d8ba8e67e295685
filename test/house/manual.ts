/**
 * The manual as the tests read it: its files, their code, their links.
 */
import { stringify } from 'yaml';
import { type Loaded, parseConfig } from '../../src/config/load.ts';
import { read } from './tree.ts';

/** What people wrote, not what is printed from tables; but for the problems, of which the advice is written. */
export const MANUAL = read(
  /^(?:(?:README|ARCHITECTURE|CONTRIBUTING|SECURITY)\.md|docs\/(?!reference\/(?!problems\.md)).*\.md|(?:examples|sdk|packaging)\/.*\.md)$/,
);

/** One fenced block, and the comment that stands before it, if there is one. */
export interface Block {
  readonly path: string;
  /** `config: docker`, out of `<!-- config: docker -->`. */
  readonly mark?: string;
  readonly language: string;
  readonly text: string;
}

/** Every fenced block of the manual, those inside a list's entry too. */
export const BLOCKS: readonly Block[] = [...MANUAL].flatMap(([path, text]) => blocksIn(text, path));

/** The blocks of one text. */
export function blocksIn(text: string, path: string): readonly Block[] {
  const fenced = /(?:^ *<!-- ([^>]*) -->\n)?^( *)```([^\n]*)\n([\s\S]*?)^\2```$/gm;
  return [...text.matchAll(fenced)].map(([, mark, indent = '', language = '', inside = '']) => ({
    path,
    language,
    text: inside.replace(new RegExp(`^${indent}`, 'gm'), ''),
    ...(mark !== undefined && { mark }),
  }));
}

/** Code in running text. */
export function spans(text: string): readonly string[] {
  const prose = text.replace(/^( *)```[\s\S]*?^\1```$/gm, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
}

/** What a part of a settings file leaves out. */
const LEAST = {
  publicUrl: 'https://meet.example.org',
  jitsi: { roles: 'enforced' },
  providers: [
    {
      id: 'campus',
      issuer: 'https://id.example.org',
      clientId: 'jitsi',
      clientSecret: 'a secret of some length or other',
    },
  ],
};

/** Reads a settings file of the manual, or a part of one; every file it names holds a fair secret. */
export function readSettings(
  said: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string>> = {},
): Loaded {
  return parseConfig({
    yamlText: stringify({ ...LEAST, ...said }),
    env,
    readFile: () => 'forty-three characters that nobody could guess',
    folder: '/etc/ostiary',
  });
}
