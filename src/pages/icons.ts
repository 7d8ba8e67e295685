/**
 * The few small pictures on our cards, drawn here so that nothing is fetched.
 * They repeat what the heading says and are hidden from screen readers.
 */
import { constantMarkup, type Html, html } from './markup.ts';

const ICONS = {
  enter: '<path d="M14 4h4a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-4M4 12h11M11 8l4 4-4 4"/>',
  leave: '<path d="M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M9 12h11M16 8l4 4-4 4"/>',
  note: '<circle cx="12" cy="12" r="9"/><path d="M12 7.5v5.5M12 16.4v.1"/>',
  clock: '<circle cx="12" cy="12" r="9"/><path d="M12 7v5.3l3.4 2"/>',
  done: '<circle cx="12" cy="12" r="9"/><path d="m8 12.4 2.8 2.8 5.2-5.6"/>',
  window: '<rect x="3" y="5" width="18" height="14" rx="2"/><path d="M3 9.5h18M6.5 7.3h.1M9 7.3h.1"/>',
  ticket:
    '<path d="M3.5 7h17v3.2a2 2 0 0 0 0 3.6V17h-17v-3.2a2 2 0 0 0 0-3.6zM14.5 7.5v1.6M14.5 11.2v1.6M14.5 14.9v1.6"/>',
  key: '<circle cx="8" cy="15.5" r="4"/><path d="m11 12.6 8.2-8.1M15.5 8.2l2.7 2.7"/>',
  person: '<circle cx="12" cy="8" r="3.8"/><path d="M4.8 20c.5-3.7 3.4-6 7.2-6s6.7 2.3 7.2 6"/>',
} as const satisfies Record<string, string>;

/** The name of a small picture. */
export type IconName = keyof typeof ICONS;

/** A small picture, in the colour of the organisation. */
export function icon(name: IconName): Html {
  return html`<div class="icon"><svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">${constantMarkup(ICONS[name])}</svg></div>`;
}
