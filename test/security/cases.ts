/**
 * Every attack we were told to expect, by its id: the test that makes it, or why it is still to come.
 *
 * A table, read by cases.test.ts. Where a default of ours stands over what the catalogue of attacks asks for, the
 * note beside the id says so.
 */

/** What stands beside an id. */
export type Case =
  | {
      /** A test file that names the id in the title of a test. */
      readonly test: string;
      /** What the test leaves out, or does otherwise. */
      readonly note?: string;
    }
  | {
      /** Which module brings it, and why not before. */
      readonly later: string;
    };

const SAML_LOGOUT = 'test/security/saml-logout.test.ts';
const SAML = 'test/security/saml.test.ts';
const SAML_DOORS = 'test/security/saml-doors.test.ts';
const TURN = 'test/security/turn.test.ts';
const FORWARD_AUTH = 'test/security/forward-auth.test.ts';
const INVITES = 'test/security/invites.test.ts';
const INVITES_AT_SIZE = 'test/security/invites-at-size.test.ts';
const ADMINISTRATION = 'test/security/administration.test.ts';
const NODES = 'store/redis.ts: the only store is one file on one machine';

/** The table. */
export const CASES: Readonly<Record<string, Case>> = {
  'JWT-01': {
    test: 'test/security/id-token.test.ts',
    note: 'our own tokens: src/keys/jwt.test.ts; links: src/identity/issuer.test.ts',
  },
  'JWT-02': {
    test: 'test/security/id-token.test.ts',
    note: 'Prosody beside it: test/prosody/judge.test.ts; links: src/identity/issuer.test.ts',
  },
  'JWT-04': { test: 'test/security/id-token.test.ts', note: 'links: src/identity/issuer.test.ts' },
  'JWT-05': { test: 'test/security/id-token.test.ts', note: 'links: src/identity/issuer.test.ts' },
  'JWT-07': { test: 'src/keys/jwt.test.ts', note: 'links: src/identity/issuer.test.ts' },
  'JWT-08': { test: 'src/keys/jwt.test.ts', note: 'links: src/identity/issuer.test.ts' },
  'JWT-10': { test: 'src/keys/jwt.test.ts', note: 'links: src/identity/issuer.test.ts' },
  'JWT-11': { test: 'test/security/id-token.test.ts', note: 'links: src/identity/issuer.test.ts' },
  'JWT-13': { test: 'test/security/id-token.test.ts', note: 'links: src/identity/issuer.test.ts' },
  'JWT-15': {
    test: 'test/security/token.test.ts',
    note: 'no timed assertion: what is not read costs nothing; links: src/identity/issuer.test.ts',
  },
  'JWT-16': {
    test: 'test/security/token.test.ts',
    note: 'no timed assertion, as above; links: src/identity/issuer.test.ts',
  },
  'JWT-17': {
    test: 'test/security/token.test.ts',
    note: 'an empty variable means "keys of our own", as in docker-jitsi-meet; secrets of other applications: src/config/issuers.test.ts',
  },
  'JWT-19': { test: 'test/prosody/judge.test.ts', note: 'some thousands of mutants a run, not a million' },
  'JWT-20': { test: 'test/security/token.test.ts', note: 'links: src/identity/issuer.test.ts' },
  'JWT-22': { test: 'test/security/id-token.test.ts', note: 'links: src/identity/issuer.test.ts' },
  'JWT-23': { test: 'src/keys/remote-keys.test.ts', note: 'keys of our own: src/keys/pem-files.test.ts' },

  'OIDC-01': { test: 'test/security/sign-in.test.ts' },
  'OIDC-02': {
    test: 'test/security/oidc.test.ts',
    note: 'our default: an attempt is sealed into a cookie, and spent in the store at the callback',
  },
  'OIDC-04': { test: 'test/security/oidc.test.ts' },
  'OIDC-06': { test: 'test/security/oidc.test.ts' },
  'OIDC-07': { test: 'test/security/oidc.test.ts' },
  'OIDC-09': { test: 'test/security/sign-in.test.ts' },
  'OIDC-10': { test: 'test/security/oidc.test.ts' },
  'OIDC-12': { test: 'test/security/oidc.test.ts' },
  'OIDC-13': { test: 'test/security/oidc.test.ts', note: 'on our pages: test/security/peers.test.ts' },
  'OIDC-15': { test: 'test/security/oidc.test.ts' },
  'OIDC-16': { test: 'test/security/oidc.test.ts' },
  'OIDC-18': { test: 'test/security/oidc.test.ts' },
  'OIDC-20': {
    test: 'test/security/oidc.test.ts',
    note: 'replays and what ends: src/identity/session.test.ts',
  },
  'OIDC-22': { test: 'test/security/sign-in.test.ts' },
  'OIDC-23': { test: 'test/security/sign-in.test.ts', note: 'our default: no retry by itself at all' },
  'OIDC-24': {
    test: 'test/security/sign-in.test.ts',
    note: 'our default: with a live session a used callback goes on into the room; two nodes: MULTI-01',
  },
  'OIDC-26': { test: 'test/security/sign-in.test.ts' },
  'OIDC-27': { test: 'test/security/oidc.test.ts' },

  'SAML-01': { test: SAML },
  'SAML-03': { test: SAML },
  'SAML-04': { test: SAML },
  'SAML-05': { test: SAML },
  'SAML-07': { test: SAML },
  'SAML-09': { test: SAML },
  'SAML-10': { test: SAML },
  'SAML-11': { test: SAML },
  'SAML-13': { test: SAML_DOORS, note: 'on one machine: what was seen stands in the store' },
  'SAML-14': { test: SAML_DOORS, note: 'behind the signature: test/security/saml.test.ts' },
  'SAML-15': {
    test: SAML_DOORS,
    note: 'our default: kept for the GET that follows the POST, where the cookie is',
  },
  'SAML-17': { test: SAML },
  'SAML-18': { test: SAML },
  'SAML-19': { test: SAML },
  'SAML-21': { test: SAML },
  'SAML-22': { test: SAML },
  'SAML-23': { test: SAML },
  'SAML-25': { test: SAML },
  'SAML-26': { test: SAML },
  'SAML-28': { test: SAML, note: 'no timed assertion; metadata: test/security/saml-doors.test.ts' },
  'SAML-29': { test: SAML, note: 'no timed assertion: what is refused by its shape costs nothing' },
  'SAML-30': { test: SAML },
  'SAML-32': {
    test: SAML,
    note: 'some dozens of modified ciphertexts, not a thousand; one error for all; no timed assertion; SHA-1 within OAEP is taken',
  },
  'SAML-33': { test: SAML },
  'SAML-35': { test: SAML_DOORS },
  'SAML-37': {
    test: SAML_DOORS,
    note: 'our default: what is no attempt of this browser leads nowhere, not to a default page',
  },
  'SAML-38': {
    test: SAML_DOORS,
    note: 'no timed assertion; what is deflated, in logout alone: test/security/saml-logout.test.ts',
  },
  'SAML-39': { test: SAML_LOGOUT },
  'SAML-40': { test: 'src/identity/saml/attributes.test.ts' },
  'SAML-41': {
    test: 'test/security/saml-flood.test.ts',
    note: 'no timed assertion: rates are printed by bench/',
  },
  'SAML-42': { test: SAML_DOORS },
  'SAML-45': {
    test: SAML_DOORS,
    note: 'our metadata, and requests that a real identity provider verifies: test/e2e/saml.test.ts',
  },

  'SESS-01': { test: 'test/security/session.test.ts' },
  'SESS-02': { test: 'test/security/session.test.ts' },
  'SESS-04': { test: 'test/security/session.test.ts' },
  'SESS-05': {
    test: 'test/security/session.test.ts',
    note: 'ignored, not cleared: an old answer must not take away the cookie of a newer sign-in; it ends by itself',
  },
  'SESS-07': { test: 'test/security/session.test.ts', note: 'there is one opaque id and no chunks' },
  'SESS-08': {
    test: 'test/security/session.test.ts',
    note: 'at most sixteen attempts; six tabs at a time, as over HTTP/1.1, and sixty at once, as over HTTP/2',
  },
  'SESS-10': { test: 'test/security/session.test.ts', note: 'idle twelve hours, absolute seven days' },
  'SESS-11': { test: 'test/security/session.test.ts' },
  'SESS-14': {
    test: 'test/security/session.test.ts',
    note: 'one-time entries; elevation comes with web/routes/admin',
  },
  'SESS-15': {
    test: 'test/security/session.test.ts',
    note: 'our default: Origin and Fetch Metadata instead of a token, so there is no other session’s token to try',
  },
  'SESS-16': {
    test: 'test/security/session.test.ts',
    note: 'no page of ours is framed until embedding comes, but the one that leads out of a frame; at the gate: test/security/gate-answers.test.ts',
  },

  'REDIR-01': {
    test: 'test/security/redirect.test.ts',
    note: 'at the gate: test/security/gate-page.test.ts',
  },
  'REDIR-03': {
    test: 'test/security/redirect.test.ts',
    note: 'at the gate: test/security/gate-page.test.ts',
  },
  'REDIR-04': {
    test: 'test/security/redirect.test.ts',
    note: 'at the gate: test/security/gate-page.test.ts',
  },
  'REDIR-06': {
    test: 'test/security/redirect.test.ts',
    note: 'at the gate: test/security/gate-page.test.ts',
  },
  'REDIR-07': {
    test: 'test/security/redirect.test.ts',
    note: 'at the gate: test/security/gate-page.test.ts',
  },
  'REDIR-08': {
    test: 'test/security/redirect.test.ts',
    note: 'thousands a run over HTTP, with new ones each time; at the gate: test/security/gate-page.test.ts; every way back opened as Jitsi reads it, apps too: src/web/way-back.test.ts',
  },
  'REDIR-10': {
    test: 'test/security/redirect.test.ts',
    note: 'at the gate: test/security/gate-page.test.ts',
  },
  'REDIR-12': {
    test: 'test/security/redirect.test.ts',
    note: 'at the gate: test/security/gate-page.test.ts; on the page for whom Jitsi refused: test/security/problem.test.ts',
  },
  'REDIR-13': {
    test: 'test/security/redirect.test.ts',
    note: 'at the gate: test/security/gate-page.test.ts',
  },
  'REDIR-15': {
    test: 'test/security/redirect.test.ts',
    note: 'what is warned of without domain verification: src/config/jitsi-lines.test.ts; at the gate: test/security/gate-answers.test.ts',
  },
  'REDIR-17': {
    test: 'test/security/redirect.test.ts',
    note: 'at the gate: test/security/gate-answers.test.ts',
  },
  'REDIR-18': {
    test: 'test/security/hand-off.test.ts',
    note: 'as a token service, where apps get the same https address: test/security/redirect.test.ts',
  },

  'PROXY-01': {
    test: 'test/security/proxy.test.ts',
    note: 'what of it would reach Jitsi: test/security/gateway-bytes.test.ts',
  },
  'PROXY-03': {
    test: 'test/security/gate-tunnels.test.ts',
    note: 'word by word: src/gateway/handshake.test.ts and src/gateway/upstream-socket.test.ts',
  },
  'PROXY-04': { test: 'test/security/gateway-headers.test.ts' },
  'PROXY-05': { test: 'test/security/gateway-headers.test.ts' },
  'PROXY-07': {
    test: 'test/security/header.test.ts',
    note: 'addresses alone: test/security/proxy.test.ts; a real nginx that hands on what callers say of themselves, found from outside: test/e2e/doctor.test.ts',
  },
  'PROXY-09': {
    test: FORWARD_AUTH,
    note: 'through the proxies themselves: test/e2e/forward.test.ts, test/security/forward-proxies.test.ts',
  },
  'PROXY-10': {
    test: FORWARD_AUTH,
    note: 'an answer that is late is late for the proxy too, which refuses then',
  },
  'PROXY-11': {
    test: 'test/security/paths.test.ts',
    note: "Jitsi's web server is nginx, as its packages and as its containers set it up; others may not stand there",
  },
  'PROXY-13': { test: 'test/security/proxy.test.ts', note: 'and test/security/gateway-bytes.test.ts' },
  'PROXY-14': {
    test: 'test/security/proxy.test.ts',
    note: 'our host in capitals is our host (RFC 9110, section 4.2.3); through the gate: test/security/gateway-bytes.test.ts',
  },
  'PROXY-15': {
    test: 'test/security/gate-sockets.test.ts',
    note: 'our default: a stranger\'s XMPP hears "token required" from us, in XMPP; of an HTTP status Jitsi\'s clients see nothing; by BOSH: test/security/bosh.test.ts',
  },
  'PROXY-16': { test: 'test/security/gate-sockets.test.ts', note: 'by BOSH: test/security/bosh.test.ts' },
  'PROXY-18': {
    test: 'test/security/gate-tokens.test.ts',
    note: 'previd passes: it is a secret between client and Prosody; on real Prosody: test/prosody/gate.test.ts; by BOSH: test/security/bosh.test.ts',
  },
  'PROXY-20': {
    test: 'test/security/proxy.test.ts',
    note: 'the limits as they are set, and a thousand half-sent requests; at the gateway: test/security/gateway-strangers.test.ts; who takes nothing: src/gateway/upstream-http.test.ts',
  },
  'PROXY-22': {
    test: 'test/security/gateway-failure.test.ts',
    note: 'every broken answer at one door: src/gateway/upstream-http.test.ts',
  },
  'PROXY-24': { later: 'serve.ts speaks HTTP/1.1 alone; HTTP/2 ends at the web server in front' },
  'PROXY-25': {
    test: 'test/security/gateway-failure.test.ts',
    note: 'what a shared cache may keep by its headers; what nginx keeps for who signed in: test/security/forward-proxies.test.ts',
  },
  'PROXY-26': { test: 'test/security/proxy.test.ts', note: 'and test/security/gateway-bytes.test.ts' },
  'PROXY-28': {
    test: 'test/security/gate-tunnels.test.ts',
    note: 'every host name, word by word: src/gateway/xmpp-frames.test.ts; a stream begun anew, and SASL that names a host: src/gateway/splice.test.ts; real Prosody: test/prosody/gate.test.ts; by BOSH: test/security/bosh.test.ts',
  },

  'TURN-01': { test: TURN },
  'TURN-02': { test: TURN },
  'TURN-04': {
    test: TURN,
    note: 'on the coturn of Debian alone; with bridges-only addresses outside are refused as well, and ours that stands is to refuse them',
  },
  'TURN-06': { test: TURN, note: 'the old secret is refused once coturn has started without it' },
  'TURN-08': {
    test: TURN,
    note: 'the count is by person and room; where coturn is told of everybody, by session and room',
  },
  'TURN-09': {
    test: 'src/cli/doctor/check-turn-file.test.ts',
    note: 'a coturn that runs, by what it lets through, and its version where it says one: test/e2e/doctor.test.ts',
  },

  'INV-01': { test: INVITES },
  'INV-02': {
    test: INVITES_AT_SIZE,
    note: 'a hundred at two processes on one file, a thousand times; by HTTP fifty at one node and forty at two',
  },
  'INV-04': { test: INVITES_AT_SIZE, note: 'a million at the store, two thousand by HTTP; 140 bits' },
  'INV-05': {
    test: INVITES,
    note: 'of hosts as makers: test/security/hosting.test.ts and src/admission/maker.test.ts; a maker is asked about by the rules of now when the link is used; what a provider did not tell us since is not known, and who is in is ended with "invite revoke --by"',
  },
  'INV-07': { test: INVITES },
  'INV-09': { test: INVITES, note: 'in Chromium: test/e2e/invites.test.ts' },

  'ADM-01': {
    test: ADMINISTRATION,
    note: 'the page of hosts, the interfaces for applications and the machine room',
  },
  'ADM-02': { test: ADMINISTRATION },
  'ADM-04': {
    test: ADMINISTRATION,
    note: 'nothing is exported as CSV; tables of the terminal: src/cli/text.ts',
  },
  'ADM-06': { test: ADMINISTRATION },
  'ADM-07': {
    test: ADMINISTRATION,
    note: 'who leads is the rules’ business: there is no list of administrators to remove the last from',
  },
  'ADM-09': { test: 'test/security/proxy.test.ts', note: 'health, ready and metrics' },
  'ADM-10': {
    test: 'src/cli/check.test.ts',
    note: 'the doctor, in each state that it is shown: test/e2e/doctor.test.ts',
  },

  'DOS-01': {
    test: 'test/security/limits.test.ts',
    note: 'a flood of hundreds; rates are measured in bench/',
  },
  'DOS-02': { test: 'test/security/limits.test.ts' },
  'DOS-04': {
    test: 'test/security/limits.test.ts',
    note: 'no timed assertion; keys nobody knows, at the gateway: test/security/gateway-strangers.test.ts',
  },
  'DOS-06': { test: 'test/security/limits.test.ts' },
  'DOS-08': {
    test: 'test/security/limits.test.ts',
    note: 'on one node; shared limits come with store/redis.ts',
  },
  'DOS-09': {
    test: 'test/security/limits.test.ts',
    note: 'what others send us packed: src/outbound/fetch.test.ts; what Jitsi does: test/security/gateway-failure.test.ts',
  },
  'DOS-11': {
    later: 'bench: a measurement of its own, on a quiet machine; nothing of eighty megabytes is read yet',
  },
  'DOS-12': {
    test: 'test/security/gate-tunnels.test.ts',
    note: 'hundreds here, and what they leave behind; memory of five thousand is measured in bench/',
  },

  'SEC-01': { test: 'test/security/secrets.test.ts' },
  'SEC-02': {
    test: 'test/security/secrets.test.ts',
    note: 'our default: Referrer-Policy same-origin; in a real browser: test/e2e/join.test.ts; at the gate: test/security/gate-answers.test.ts; in a real browser there: test/e2e/gateway-days.test.ts; after Jitsi refused somebody: test/e2e/error-page.test.ts',
  },
  'SEC-04': {
    test: 'test/security/secrets.test.ts',
    note: 'what could not be judged gets JSON and no page; what is no HTTP gets a status alone',
  },
  'SEC-06': { test: 'test/security/secrets.test.ts' },
  'SEC-08': {
    test: 'test/security/secrets.test.ts',
    note: 'what stands in the environment stays readable to its own user',
  },
  'SEC-09': { later: 'tools: runs on Node 24; a look at advisories without a network is missing' },

  'ROT-01': {
    test: 'test/security/keys.test.ts',
    note: 'twelve rotations at our judge; real Prosody: test/prosody/tokens.test.ts',
  },
  'ROT-02': { test: 'test/security/keys.test.ts' },
  'ROT-04': { test: 'src/keys/stored-keys.test.ts' },
  'ROT-06': { test: 'test/security/keys.test.ts' },
  'ROT-07': {
    test: 'test/security/keys.test.ts',
    note: 'what is sealed lives for minutes, so nothing is sealed again',
  },
  'ROT-09': { test: 'test/security/keys.test.ts' },

  'CLK-01': { test: 'test/security/oidc.test.ts' },
  'CLK-02': { test: 'test/security/clock.test.ts', note: 'our default: nbf sixty seconds back' },
  'CLK-04': { test: 'test/security/clock.test.ts' },

  'MULTI-01': {
    test: 'test/security/failure.test.ts',
    note: 'two servers on one file, hundreds of races; two processes: src/store/sqlite-processes.test.ts',
  },
  'MULTI-02': { later: NODES },
  'MULTI-04': { later: NODES },
  'MULTI-06': { test: 'src/identity/session.test.ts', note: 'the format; there is one version so far' },
  'MULTI-07': { later: NODES },

  'FAIL-01': { later: NODES },
  'FAIL-02': { later: NODES },
  'FAIL-04': { test: 'test/security/failure.test.ts' },
  'FAIL-06': {
    test: 'src/store/sqlite-processes.test.ts',
    note: 'a few kills at chosen moments, not a thousand',
  },
  'FAIL-07': {
    test: 'test/security/failure.test.ts',
    note: 'who cannot be written down does not enter; a real file: src/store/sqlite.test.ts',
  },
  'FAIL-09': { test: 'test/security/gateway-failure.test.ts' },
  'FAIL-11': { later: 'bench: a run of days, on a machine of its own' },
  'FAIL-12': { test: 'test/security/failure.test.ts' },
  'FAIL-14': { test: 'src/store/sqlite.test.ts' },
};
