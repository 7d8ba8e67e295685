/**
 * What is found in a Jitsi from Debian packages and in a docker-jitsi-meet alike, in one set of words.
 */

/** Of Prosody. */
export const NOBODY_SIGNS_IN = 'nobody has to sign in: whoever comes may enter and moderate';

/** Each behind the name of the setting that says so. */
export const EMPTY_TOKEN = 'lets everybody in who shows no token';
/** A key server, or a list of keys. */
export const OTHER_KEYS =
  'takes the keys of another program; Prosody takes one, so whoever signs with those is no longer let in once we sign';
/** A secret that anybody can look up. */
export const PUBLISHED_SECRET =
  'stands in published examples: anybody can make a token. It is not taken over; we sign with keys of our own instead';
/** A secret that goes on as it is. */
export const SHARED_SECRET = 'is shared with whoever makes tokens today; it is taken over';
/** A secret of less than 32 bytes. */
export const SHORT_SECRET = 'is shorter than 32 bytes and can be guessed';
