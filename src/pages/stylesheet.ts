/**
 * The one stylesheet, as a constant whose path changes with its content, so
 * that it may be kept for ever. It loads nothing from anywhere.
 */
import { createHash } from 'node:crypto';

/** What is served at `stylesheetPath`, as `text/css; charset=utf-8`. */
export const STYLESHEET = `
:root{color-scheme:light dark}
body{font-family:system-ui,sans-serif}
`;

const HASH = createHash('sha256').update(STYLESHEET).digest('hex').slice(0, 16);

/** Where the stylesheet is served under our prefix, `/_ostiary` → `/_ostiary/style-<hash>.css`. */
export function stylesheetPath(prefix: string): string {
  return `${prefix}/style-${HASH}.css`;
}
