/**
 * How lines of an nginx file are written, and the lines that stand in more than one of its places. Pure.
 */
import { type ForwardPlan, TENANT } from './forward-plan.ts';

/** Where the Debian packages have Jitsi's files. */
export const JITSI = '/usr/share/jitsi-meet';

/** The same, one step further in. */
export function indented(lines: readonly string[] | string): string {
  return [lines]
    .flat()
    .flatMap((line) => line.split('\n'))
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n');
}

/** A place, and what holds there. */
export function location(where: string, lines: readonly string[]): string {
  return `location ${where} {\n${indented(lines)}\n}`;
}

/** Stands again wherever another header is added: nginx leaves out there what it was told further up. */
export const SECURE = [
  'add_header Strict-Transport-Security "max-age=31536000" always;',
  'add_header X-Content-Type-Options nosniff always;',
] as const;

/** Files that lie among the static ones, and are asked about each. */
export function askedFiles({ asked }: ForwardPlan): string {
  const names = asked.map((file) => file.slice(1).replace(/[^\w/-]/g, String.raw`\$&`));
  return `~ "^/(?:${TENANT}/)?(${names.join('|')})$"`;
}

/** For pages: also not kept, and framed by nobody but whom we say. */
export const SECURE_PAGE = [
  ...SECURE,
  'add_header Cache-Control no-store always;',
  `add_header Content-Security-Policy "frame-ancestors $ostiary_framers" always;`,
  'add_header Cross-Origin-Opener-Policy same-origin-allow-popups always;',
];
