/**
 * Which of Jitsi's clients somebody uses, as far as it says so.
 */

/** All of them. */
export const CLIENTS = ['browser', 'android', 'ios', 'electron'] as const;

/** One of Jitsi's clients. */
export type ClientKind = (typeof CLIENTS)[number];
