/**
 * Every path by which something answers on a Jitsi's origin, and who may find it.
 *
 * Pure: a table.
 * @see jitsi-meet, doc/debian/jitsi-meet/jitsi-meet.example; docker-jitsi-meet, web/rootfs/defaults/meet.conf
 */

/** What stands behind a path. */
export interface StrangePath {
  readonly path: string;
  readonly what: string;
  /** Who may find it there: everybody without a gate, since a token is asked for behind it; nobody at all; or nobody who has not signed in, where a gate says who that is. */
  readonly open: 'without-gate' | 'never' | 'better-not';
  readonly fix: string;
  /** What it gives a stranger, where the web server of a stock Jitsi has it too. */
  readonly stock?: string;
}

const BACK = 'Take the location out of the web server: only machines of your own have business there.';
const GATE =
  'Let every path lead to the gate, and Prosody, Jicofo and the bridges listen where the gate alone gets to.';
const SERVICE = 'It has no sign-in of its own: let it be reached through the gate alone, or not at all.';

/** The table. A made-up name stands where one belongs. */
export const STRANGE_PATHS: readonly StrangePath[] = [
  { path: '/http-bind', what: 'XMPP over BOSH', open: 'without-gate', fix: GATE },
  { path: '/xmpp-websocket', what: 'XMPP over WebSocket', open: 'without-gate', fix: GATE },
  {
    path: '/ostiary-doctor/http-bind',
    what: 'XMPP over BOSH, below a tenant',
    open: 'without-gate',
    fix: GATE,
  },
  {
    path: '/ostiary-doctor/xmpp-websocket',
    what: 'XMPP over WebSocket, below a tenant',
    open: 'without-gate',
    fix: GATE,
  },
  {
    path: '/conference-request/v1',
    what: "Jicofo's conference request, by which anybody makes it open rooms",
    open: 'better-not',
    fix: 'Take the location out, and conferenceRequestUrl out of config.js: clients then ask over XMPP, after their token.',
    stock: 'an empty room that Jicofo opens, and no way into it: Prosody asks for a token',
  },
  {
    path: '/_api/room-info',
    what: 'what Prosody tells of a room',
    open: 'better-not',
    fix: BACK,
    stock:
      'nothing, unless Prosody loads muc_password_check: then whether a room is there and has a password or a lobby',
  },
  {
    path: '/colibri-ws/default-id/ostiary-doctor/ostiary-doctor?pwd=none',
    what: 'the WebSocket of a bridge, off by default since May 2026',
    open: 'better-not',
    fix: 'Take the location out, and videobridge.websockets out of jvb.conf: SCTP data channels do the same.',
    stock: 'nothing without the password of one participant, which Prosody sends to them alone',
  },
  {
    path: '/colibri-relay-ws/default-id/ostiary-doctor',
    what: 'the WebSocket between bridges',
    open: 'never',
    fix: BACK,
  },
  {
    path: '/etherpad/',
    what: 'Etherpad, with every pad whose name is guessed',
    open: 'better-not',
    fix: SERVICE,
  },
  { path: '/rtcstats-ws/', what: 'statistics of calls', open: 'better-not', fix: SERVICE },
  { path: '/rtc-visualizer/', what: 'the viewer of statistics of calls', open: 'better-not', fix: SERVICE },
  {
    path: '/socket.io/',
    what: 'the whiteboard, with every board whose name is guessed',
    open: 'better-not',
    fix: SERVICE,
  },
  { path: '/transcripts/', what: 'transcripts of meetings', open: 'never', fix: SERVICE },
  { path: '/_load-test/', what: 'the load test', open: 'never', fix: BACK },
  { path: '/about/health', what: 'the health of a bridge or of Jicofo', open: 'never', fix: BACK },
  { path: '/about/version', what: 'the version of a bridge or of Jicofo', open: 'never', fix: BACK },
  {
    path: '/colibri/stats',
    what: 'the statistics of a bridge, and the interface that commands it',
    open: 'never',
    fix: BACK,
  },
  {
    path: '/debug',
    what: 'the inner state of a bridge or of Jicofo, with names of rooms',
    open: 'never',
    fix: BACK,
  },
  { path: '/stats', what: 'the statistics of Jicofo', open: 'never', fix: BACK },
  { path: '/metrics', what: 'metrics', open: 'never', fix: BACK },
  { path: '/room-size?room=ostiary-doctor', what: 'how many are in a room', open: 'never', fix: BACK },
  { path: '/room-census', what: 'every room and who is in it', open: 'never', fix: BACK },
  { path: '/room?room=ostiary-doctor', what: 'who is in a room', open: 'never', fix: BACK },
  { path: '/sessions', what: 'how many are connected', open: 'never', fix: BACK },
  { path: '/turn-credentials', what: 'credentials for TURN, for whoever asks', open: 'never', fix: BACK },
  { path: '/kick-participant', what: "Prosody's interface that puts people out", open: 'never', fix: BACK },
  { path: '/end-meeting', what: "Prosody's interface that ends meetings", open: 'never', fix: BACK },
  { path: '/invite-jigasi', what: "Prosody's interface that calls telephones", open: 'never', fix: BACK },
  {
    path: '/send-system-chat-message',
    what: "Prosody's interface that writes to people",
    open: 'never',
    fix: BACK,
  },
];
