/**
 * The manual as the tests read it: its files, their code, their links.
 */
import { stringify } from 'yaml';
import { type Loaded, parseConfig } from '../../src/config/load.ts';
import { read } from './tree.ts';

/** What people wrote, not what is printed from tables. */
export const MANUAL = read(
  /^(?:(?:README|ARCHITECTURE|CONTRIBUTING|SECURITY)\.md|docs\/(?!reference\/).*\.md)$/,
);

/** One fenced block, and the comment that stands before it, if there is one. */
export interface Block {
  readonly path: string;
  /** `config: docker`, out of `<!-- config: docker -->`. */
  readonly mark?: string;
  readonly language: string;
  readonly text: string;
}

/** Every fenced block of the manual. */
export const BLOCKS: readonly Block[] = [...MANUAL].flatMap(([path, text]) =>
  [...text.matchAll(/(?:<!-- ([^>]*) -->\n)?^```(\w*)\n([\s\S]*?)^```$/gm)].map(
    ([, mark, language = '', inside = '']) => ({
      path,
      language,
      text: inside,
      ...(mark !== undefined && { mark }),
    }),
  ),
);

/** Code in running text. */
export function spans(text: string): readonly string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '');
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
