/**
 * The doctor at a real Prosody, nginx, provider and coturn: all green where all is right, and of each thing that is
 * broken the right cause.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { makeRsaKey } from '../../src/keys/rsa.ts';
import { selfSigned } from '../../src/keys/self-signed.ts';
import {
  type Broken,
  configJs,
  type Line,
  SHARED,
  startDoctorStage,
  TURN_SECRET,
} from '../support/doctor-stage.ts';
import { makeAuthority } from '../support/http-authority.ts';
import { freePort, serve } from '../support/http-server.ts';
import { namesIn } from '../support/real/coturn.ts';
import { startDoctorWeb } from '../support/real/doctor-web.ts';
import { idpMetadata } from '../support/saml-idp.ts';

/** What the MUC loads, in place of what it has. */
function muc(...modules: readonly string[]): string {
  return `modules_enabled = { ${['ostiary_test_focus', ...modules].map((name) => `"${name}"`).join(', ')} }`;
}

const TURN_OF_PROSODY = `external_service_secret = "${SHARED}"
external_services = { { type = "turn", host = "turn.example.org", port = 3478, transport = "udp", secret = true } }`;

const TURN = { urls: ['turn:127.0.0.1:9?transport=udp'], secret: `${SHARED} for TURN` };

/** A file without the lines of these names. */
function without(file: string, ...names: readonly string[]): string {
  return file
    .split('\n')
    .filter((line) => !names.includes(line.split('=')[0] ?? ''))
    .join('\n');
}

const folder = mkdtempSync(join(tmpdir(), 'ostiary-doctor-'));
after(() => rmSync(folder, { recursive: true }));
const authority = makeAuthority(folder);

/** A proxy that signs people in, and says in Authelia's words who they are. */
const FRONT = {
  ...{ id: 'front', kind: 'header' },
  header: { preset: 'authelia', from: ['127.0.0.1'], secret: `${SHARED} for the front` },
};
const TO_US =
  'proxy_pass http://127.0.0.1:$ours; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;';

/** A thing that is broken, and what the doctor must say of it. */
interface State {
  readonly broken: Broken;
  /** The check that names the cause. */
  readonly check: string;
  readonly light?: 'yellow' | 'red';
  readonly says: RegExp;
  readonly fix: RegExp;
}

const STATES: Readonly<Record<string, State>> = {
  'another secret in Prosody': {
    broken: { prosody: { keys: { secret: `${SHARED} but another` } } },
    check: 'websocket',
    says: /"Invalid signature"/,
    fix: /app_secret/,
  },
  'another audience in Prosody': {
    broken: { prosody: { audience: 'somebody-else' } },
    check: 'websocket',
    says: /invalid 'aud' claim".*name "jitsi" as audience.*it takes others/,
    fix: /asap_accepted_audiences = \{ "jitsi" \}/,
  },
  'another issuer in Prosody': {
    broken: { prosody: { appId: 'somebody-else' } },
    check: 'bosh',
    says: /invalid 'iss' claim/,
    fix: /app_id = "ostiary"/,
  },
  'a clock that is five minutes ahead': {
    broken: { clock: 300 },
    check: 'clock',
    says: /(?:299|300|301) s behind us: tokens will be refused/,
    fix: /NTP/,
  },
  'whoever shows nothing is let in': {
    broken: { prosody: { allowEmpty: true } },
    check: 'empty-token',
    says: /lets in whoever shows nothing/,
    fix: /allow_empty_token = false/,
  },
  'no domain verification': {
    broken: { prosody: { domainVerification: false } },
    check: 'domain-verification',
    says: /compares no tenants/,
    fix: /enable_domain_verification = true/,
  },
  'every audience is taken': {
    broken: { prosody: { audience: '*' } },
    check: 'audience',
    light: 'yellow',
    says: /whatever audience/,
    fix: /asap_accepted_audiences/,
  },
  'a provider that does not answer': {
    broken: { before: ({ op }) => op.close() },
    check: 'providers',
    says: /^idp: does not work: The sign-in service did not answer/,
    fix: /reaches the sign-in service/,
  },
  'a redirect URI that the provider does not know': {
    broken: { redirectUri: 'http://127.0.0.1:9/elsewhere' },
    check: 'redirect-uri',
    says: /does not know .*\/_ostiary\/callback\/idp/,
    fix: /Register .*\/_ostiary\/callback\/idp/,
  },
  'BOSH is dead': {
    broken: { web: { bosh: 'return 502;' } },
    check: 'bosh',
    says: /\/http-bind is answered with 502/,
    fix: /port 5280/,
  },
  'a Prosody that fetches keys, and a secret of ours': {
    broken: {
      prosody: {
        keys: {
          fetch: 'asap',
          from: { asap: 'http://127.0.0.1:9', jwks: '', nothing: '', asked: [], close: async () => {} },
        },
      },
    },
    check: 'websocket',
    says: /only support with RS family".*it fetches keys or wants another algorithm/,
    fix: /app_secret without any asap_key_server/,
  },
  'the WebSocket is dead': {
    broken: { web: { websocket: 'return 404;' } },
    check: 'websocket',
    says: /\/xmpp-websocket is answered with 404/,
    fix: /module websocket/,
  },
  'a key server that Prosody does not reach': {
    broken: {
      keyServer: true,
      prosody: {
        keys: {
          fetch: 'asap',
          from: { asap: 'http://127.0.0.1:9', jwks: '', nothing: '', asked: [], close: async () => {} },
        },
      },
    },
    check: 'websocket',
    says: /could not obtain public key/,
    fix: /asap_key_server/,
  },
  'a key server that we name and where nobody is': {
    broken: { keyServer: true, argv: () => ['--key-server', 'http://127.0.0.1:9/asap'] },
    check: 'keys',
    says: /does not answer \(ECONNREFUSED\)/,
    fix: /listen\.inner/,
  },
  'a token of whichever room opens all of them': {
    broken: { prosody: { more: { hosts: muc('token_affiliation') } } },
    check: 'other-room',
    says: /opens every other room/,
    fix: /token_verification/,
  },
  'everybody becomes a moderator': {
    broken: { prosody: { more: { hosts: muc('ostiary_test_rooms', 'ostiary_test_owners') } } },
    check: 'roles',
    says: /Everybody moderates/,
    fix: /token_affiliation.*jicofo\.authentication\.enabled = false/,
  },
  'nobody becomes a moderator': {
    broken: { prosody: { fields: [] } },
    check: 'roles',
    says: /Nobody moderates/,
    fix: /token_affiliation/,
  },
  'a host for guests at Prosody': {
    broken: { prosody: { meetings: true } },
    check: 'guest-host',
    light: 'yellow',
    says: /guest\.meet\.jitsi shows nothing/,
    fix: /ENABLE_GUESTS=0/,
  },
  'a host for guests behind the gate': {
    broken: { prosody: { meetings: true, domainVerification: false }, gate: () => '' },
    check: 'guest-host',
    says: /guest\.meet\.jitsi shows nothing and comes into any room/,
    fix: /anonymousdomain/,
  },
  'muc_wait_for_host beside our own waiting room': {
    broken: {
      settings: { access: 'guests-wait', prosodyModule: { secret: `${SHARED} for the module` } },
      prosody: {
        meetings: true,
        domainVerification: false,
        more: { hosts: muc('ostiary_test_rooms', 'ostiary_test_fields', 'ostiary_test_wait') },
      },
    },
    check: 'wait-for-host',
    light: 'yellow',
    says: /wait for a host beside our own waiting room/,
    fix: /muc_wait_for_host/,
  },
  'people with a token who wait at Prosody': {
    broken: {
      prosody: {
        more: {
          whole: 'ostiary_test_wait_all = true',
          hosts: muc('ostiary_test_rooms', 'ostiary_test_fields', 'ostiary_test_wait'),
        },
      },
    },
    check: 'wait-for-host',
    light: 'yellow',
    says: /lets nobody with a token into an empty room/,
    fix: /muc_wait_for_host/,
  },
  'TURN given to strangers': {
    broken: { prosody: { meetings: true, more: { modules: ['external_services'], whole: TURN_OF_PROSODY } } },
    check: 'turn-given',
    light: 'yellow',
    says: /credentials for TURN to whoever names the host guest\.meet\.jitsi/,
    fix: /external_service_access = \{ "meet\.jitsi" \}/,
  },
  'TURN of ours, and clients that are not told to come by it': {
    broken: { settings: { turn: TURN } },
    check: 'turn-only',
    light: 'yellow',
    says: /forceTurnRelay is left out/,
    fix: /config\.forceTurnRelay = true;/,
  },
  'a coturn that leads to its own machine and every inner network': {
    broken: {
      coturn: (file) => `${without(file, 'denied-peer-ip', 'allowed-peer-ip')}\nallow-loopback-peers\n`,
    },
    check: 'turn-peers',
    says: /comes through the TURN server to 127\.0\.0\.1, .*10\.0\.0\.1.*for itself alone/,
    fix: /allow-loopback-peers out/,
  },
  'a coturn that denies IPv4 alone': {
    broken: {
      coturn: (file) => `${without(file, 'denied-peer-ip')}\ndenied-peer-ip=0.0.0.0-255.255.255.255\n`,
    },
    check: 'turn-peers',
    says: /comes through the TURN server to .*::ffff:10\.0\.0\.1/,
    fix: /denied-peer-ip, with ::ffff:/,
  },
  'a coturn that asks for nothing': {
    broken: { coturn: (file) => `${without(file, 'use-auth-secret', 'static-auth-secret')}\nno-auth\n` },
    check: 'turn',
    says: /relays for whoever comes/,
    fix: /use-auth-secret/,
  },
  'a coturn with another secret': {
    broken: { coturn: (file) => file.replace(TURN_SECRET, `${TURN_SECRET}-but-another`) },
    check: 'turn',
    says: /refuses credentials of ours \(401\)/,
    fix: /static-auth-secret/,
  },
  'a coturn whose certificate nobody vouches for': {
    broken: { coturn: (file) => file, turnBy: [authority.issue(['127.0.0.1'], 60)] },
    check: 'turn',
    says: /^turns:127\.0\.0\.1:\d+\?transport=tcp has a certificate that is not believed/,
    fix: /outbound\.caFile/,
  },
  'a coturn whose certificate ran out': {
    broken: {
      ...{ coturn: (file) => file, turnBy: [authority.issue(['127.0.0.1'], -1)] },
      settings: { outbound: { caFile: authority.caFile } },
    },
    check: 'turn',
    says: /has a certificate that is not believed \(CERT_HAS_EXPIRED\)/,
    fix: /has not run out/,
  },
  'a coturn that is reached by UDP and not by TCP': {
    broken: { coturn: (file) => `${file}\nno-tcp\n`, turnBy: ['udp', 'tcp'] },
    check: 'turn',
    says: /\?transport=tcp does not answer \(ECONNREFUSED\)/,
    fix: /its port is reached/,
  },
  'a coturn that reads another database than we write to': {
    broken: { coturn: (file) => file, rows: 'lost' },
    check: 'turn',
    says: /refuses credentials of ours \(401\)/,
    fix: /lt-cred-mech, userdb=.*turndb and realm=/,
  },
  'a database of coturn that is not there': {
    broken: {
      ...{ coturn: (file) => file, rows: 'shared' },
      before: ({ terminal }) => {
        for (const end of ['', '-wal', '-shm'])
          rmSync(join(terminal.folder, `turndb${end}`), { force: true });
      },
    },
    check: 'turn',
    says: /turn\.database cannot be used \(no coturn database\)/,
    fix: /userdb/,
  },
  'a TURN server that does not answer': {
    broken: { settings: { turn: TURN }, argv: () => ['--timeout', '1'] },
    check: 'turn',
    says: /does not answer \(silence\)/,
    fix: /coturn runs/,
  },
  'a Prosody of which something is known': {
    broken: { prosody: { more: { modules: ['version'] } } },
    check: 'versions',
    light: 'yellow',
    says: /^Prosody 0\.12\.[0-5]\b.*CVE-2026-43506/,
    fix: /0\.12\.6 or later/,
  },
  'a coturn of which something is known': {
    broken: { coturn: (file) => without(file, 'no-software-attribute') },
    check: 'versions',
    light: 'yellow',
    says: /^Coturn-4\.[0-8]\..*CVE-2026-27624/,
    fix: /4\.9\.0 or later/,
  },
  'a proxy that hands on what callers say of where they come from': {
    broken: { web: { ours: 'proxy_pass http://127.0.0.1:$ours; proxy_set_header Host $http_host;' } },
    check: 'proxy-headers',
    says: /hands on what a caller writes into X-Forwarded-For/,
    fix: /X-Forwarded-For \$remote_addr/,
  },
  'a proxy that tells nobody’s address': {
    broken: {
      web: {
        ours: 'proxy_pass http://127.0.0.1:$ours; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For "";',
      },
    },
    check: 'addresses',
    says: /Everybody seems to come from 127\.0\.0\.1, the proxy/,
    fix: /X-Forwarded-For \$remote_addr/,
  },
  'a proxy that we do not believe': {
    broken: { settings: { trustedProxies: [] } },
    check: 'addresses',
    says: /is not believed/,
    fix: /trustedProxies: \[127\.0\.0\.1\]/,
  },
  'a whole network that is believed': {
    broken: {
      settings: { trustedProxies: ['127.0.0.0/8'] },
      web: {
        ours: 'proxy_pass http://127.0.0.1:$ours; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
      },
    },
    check: 'proxy-headers',
    says: /written by the caller, was believed/,
    fix: /your proxies alone in trustedProxies/,
  },
  'a proxy that shows its secret for whoever comes, and hands on what they say of themselves': {
    broken: {
      settings: { providers: [FRONT] },
      web: { ours: `${TO_US} proxy_set_header X-Ostiary-Secret "${FRONT.header.secret}";` },
    },
    check: 'identity-headers',
    says: /shows its secret with whatever a caller writes: .* takes a stranger for whom they say they are \(front\)/,
    fix: /\/_ostiary\/header\/front alone/,
  },
  'a proxy that believes its caller about who is signed in': {
    broken: {
      settings: { providers: [FRONT] },
      web: {
        more: `location /_ostiary/header/front { error_page 418 = @in; if ($http_remote_user) { return 418; } return 401; }
location @in { return 302 /there; }`,
      },
    },
    check: 'identity-headers',
    says: /let through at .*\/_ostiary\/header\/front: with remote-user it answers 302 .*, and 401 without/,
    fix: /remote-user among them/,
  },
  'a proxy before all of it that lets in whoever names themselves': {
    broken: {
      web: {
        ours: `error_page 418 = @in; if ($http_x_auth_request_user) { return 418; } ${TO_US}`,
        more: 'location @in { return 204; }',
      },
    },
    check: 'identity-headers',
    says: /let through at .*\/_ostiary\/join: with x-auth-request-user it answers 204/,
    fix: /x-auth-request-user among them/,
  },
  'a proxy that lets strangers through to where it is believed': {
    broken: {
      settings: {
        providers: [
          { id: 'front', kind: 'header', header: { from: ['127.0.0.1'], secret: `${SHARED} for the front` } },
        ],
      },
    },
    check: 'header-sign-in',
    says: /A stranger gets through to .*\/_ostiary\/header\/front/,
    fix: /X-Ostiary-Secret/,
  },
  'a config.js without our sign-in': {
    broken: {
      web: { configJs: () => `var config = { hosts: { domain: 'meet.jitsi', muc: 'muc.meet.jitsi' } };` },
    },
    check: 'config-js',
    says: /tokenAuthUrl is missing/,
    fix: /_ostiary\/join\?room=\{room\}/,
  },
  'a config.js that names another host': {
    broken: {
      web: { configJs: (origin) => configJs(origin).replace("'meet.jitsi'", "'elsewhere.example'") },
    },
    check: 'config-js',
    says: /hosts\.domain is elsewhere\.example/,
    fix: /jitsi\.xmppDomain: elsewhere\.example/,
  },
  'the health of a bridge for everybody': {
    broken: { web: { more: 'location = /about/health { default_type text/plain; return 200 ""; }' } },
    check: 'strangers',
    says: /reaches \/about\/health/,
    fix: /Take the location out/,
  },
  'the socket of a bridge for everybody': {
    broken: { web: { more: 'location /colibri-ws/ { return 400 "No WebSocket UPGRADE HDR: null"; }' } },
    check: 'strangers',
    light: 'yellow',
    says: /reaches \/colibri-ws\//,
    fix: /videobridge\.websockets/,
  },
  'BOSH past the gate': {
    broken: { gate: (prosody) => `location = /http-bind { proxy_pass ${prosody}/http-bind; }` },
    check: 'strangers',
    says: /reaches \/http-bind: XMPP over BOSH/,
    fix: /Let every path lead to the gate/,
  },
  'the WebSocket past the gate': {
    broken: {
      gate: (prosody) =>
        `location = /xmpp-websocket { proxy_pass ${prosody}/xmpp-websocket; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; }`,
    },
    check: 'strangers',
    says: /reaches \/xmpp-websocket: XMPP over WebSocket/,
    fix: /Let every path lead to the gate/,
  },
  'a certificate that ran out': {
    broken: {
      web: { shows: authority.issue(['127.0.0.1'], -1) },
      settings: { outbound: { caFile: authority.caFile } },
    },
    check: 'tls',
    says: /ran out/,
    fix: /Renew it/,
  },
  'a certificate that ends in a few days': {
    broken: {
      web: { shows: authority.issue(['127.0.0.1'], 5) },
      settings: { outbound: { caFile: authority.caFile } },
    },
    check: 'tls',
    light: 'yellow',
    says: /ends in 4 days/,
    fix: /Renew it/,
  },
  'a certificate of an authority that nobody knows': {
    broken: { web: { shows: authority.issue(['127.0.0.1'], 60) } },
    check: 'tls',
    says: /is not believed/,
    fix: /outbound\.caFile/,
  },
  'TLS of yesterday': {
    broken: {
      web: {
        shows: authority.issue(['127.0.0.1'], 60),
        more: 'ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers DEFAULT@SECLEVEL=0;',
      },
      settings: { outbound: { caFile: authority.caFile } },
    },
    check: 'tls',
    light: 'yellow',
    says: /still speaks TLS 1\.0 or 1\.1/,
    fix: /ssl_protocols TLSv1\.2 TLSv1\.3/,
  },
  'tokens in a log': {
    broken: {
      before: ({ terminal }) =>
        writeFileSync(
          join(terminal.folder, 'access.log'),
          'GET / HTTP/1.1\nGET /xmpp-websocket?room=a&token=eyJhbGciOiJIUzI1NiJ9.eyJyb29tIjoiYSJ9.c2ln HTTP/1.1\n',
        ),
      argv: () => ['--log', 'access.log'],
    },
    check: 'log',
    says: /1 of 2 lines hold a token \(the first: line 2\)/,
    fix: /error_log/,
  },
  'a store that is none': {
    broken: {
      before: ({ terminal }) => {
        writeFileSync(join(terminal.folder, 'broken.db'), 'no database, whatever its name is'.repeat(200), {
          mode: 0o600,
        });
        terminal.env['OSTIARY_STORE_PATH'] = join(terminal.folder, 'broken.db');
      },
    },
    check: 'store',
    says: /could not be opened/,
    fix: /store\.path/,
  },
  'settings with a mistake': {
    broken: {
      before: ({ terminal }) => writeFileSync(join(terminal.folder, 'wrong.yaml'), 'publicUrl: nowhere\n'),
      argv: () => ['--config', 'wrong.yaml'],
    },
    check: 'config',
    says: /publicUrl/,
    fix: /Right would be/,
  },
};

/** ADM-10: nothing that opens a door stands in what the doctor says. */
function keepsSecrets(text: string): void {
  for (const secret of [SHARED, TURN_SECRET, 'a secret: with + and % in it'])
    assert.ok(!text.includes(secret));
  assert.doesNotMatch(text, /eyJ[\w-]{8,}/);
}

function lights(lines: readonly Line[], ...which: readonly Line['light'][]): readonly string[] {
  return lines.filter(({ light }) => which.includes(light)).map(({ name, says }) => `${name}: ${says}`);
}

for (const keyServer of [false, true])
  test(`where all is right, ${keyServer ? 'with a key server' : 'with a shared secret'}, nothing is red or yellow`, async (t) => {
    const hosts = muc('ostiary_test_rooms', 'ostiary_test_fields', 'ostiary_test_nicks');
    const stage = await startDoctorStage(t, {
      ...(keyServer && { keyServer }),
      prosody: { more: { hosts } },
    });
    const { code, lines } = await stage.lines();
    assert.deepEqual(lights(lines, 'red', 'yellow'), []);
    assert.equal(code, 0);
    const green = new Set(lines.filter(({ light }) => light === 'green').map(({ name }) => name));
    for (const name of [
      'config',
      'store',
      'clock',
      'providers',
      'redirect-uri',
      'websocket',
      'bosh',
      'other-room',
      'domain-verification',
      'empty-token',
      'forged-token',
      'expired-token',
      'audience',
      'issuer',
      'roles',
      'guest-host',
      'wait-for-host',
      'turn-given',
      'config-js',
      'strangers',
      'addresses',
      'proxy-headers',
      'identity-headers',
    ])
      assert.ok(
        green.has(name),
        `${name} is not green: ${JSON.stringify(lines.filter((line) => line.name === name))}`,
      );
    assert.equal(green.has('keys'), keyServer);
    if (keyServer)
      assert.match(lines.find(({ name }) => name === 'keys')?.says ?? '', /\/asap has the one there is\./);
  });

test('where all is right, with a coturn of ours and clients that come by it alone, nothing is red or yellow', async (t) => {
  const relayed = (origin: string) =>
    `${configJs(origin)} config.forceTurnRelay = true; config.p2p = { enabled: false, stunServers: [] };`;
  const stage = await startDoctorStage(t, { coturn: (file) => file, web: { configJs: relayed } });
  const { code, lines } = await stage.lines();
  assert.deepEqual(lights(lines, 'red', 'yellow'), []);
  assert.equal(code, 0);
  for (const name of ['turn', 'turn-peers', 'turn-only'])
    assert.equal(lines.find((line) => line.name === name)?.light, 'green', name);
});

for (const [by, turnBy] of [
  ['TCP', () => ['tcp']],
  ['TLS', () => [authority.issue(['127.0.0.1'], 60)]],
  ['UDP, TCP and TLS', () => ['udp', 'tcp', authority.issue(['127.0.0.1'], 60)]],
] as const satisfies readonly (readonly [string, () => Broken['turnBy']])[])
  test(`a coturn that is right is green by ${by}`, async (t) => {
    const stage = await startDoctorStage(t, {
      ...{ coturn: (file) => file, turnBy: turnBy() },
      settings: { outbound: { caFile: authority.caFile } },
    });
    const { lines } = await stage.lines();
    for (const name of ['turn', 'turn-peers'])
      assert.equal(lines.find((line) => line.name === name)?.light, 'green', JSON.stringify(lines));
  });

test('a coturn that is told of each session by a row is judged by one, which is gone afterwards', async (t) => {
  const stage = await startDoctorStage(t, { coturn: (file) => file, rows: 'shared' });
  const { lines } = await stage.lines();
  for (const name of ['turn', 'turn-peers'])
    assert.equal(lines.find((line) => line.name === name)?.light, 'green', JSON.stringify(lines));
  assert.deepEqual(namesIn(join(stage.terminal.folder, 'turndb')), []);
});

const DAYS = 86_400;

/** An identity provider's metadata over HTTP, with a certificate and an end of its own in so many days. */
async function samlAt(t: TestContext, { certificate, document }: Readonly<Record<string, number>>) {
  const now = Math.floor(Date.now() / 1000);
  const key = await makeRsaKey();
  const until = now + (certificate ?? 0) * DAYS + 3600;
  const serial = Buffer.alloc(16, 7);
  const words = { commonName: 'idp', from: now - 90 * DAYS, until, serial };
  const ends = new Date((now + (document ?? 0) * DAYS + 3600) * 1000).toISOString();
  const metadata = idpMetadata([{ key, certificate: selfSigned(key, words) }], ` validUntil="${ends}"`);
  const port = await serve(t, (_, response) => void response.end(metadata));
  const metadataUrl = `http://127.0.0.1:${port}/metadata`;
  return startDoctorStage(t, {
    settings: { providers: [{ id: 'uni', kind: 'saml', saml: { metadataUrl } }] },
  });
}

for (const [what, days, light, says] of [
  ['that hold', { certificate: 200, document: 100 }, 'green', 'What uni publishes: good for 100 days.'],
  [
    'whose certificate ends soon',
    { certificate: 9, document: 100 },
    'yellow',
    'What uni publishes: ends in 9 days.',
  ],
  [
    'whose document ends soon',
    { certificate: 200, document: 6 },
    'yellow',
    'What uni publishes: ends in 6 days.',
  ],
  [
    'whose certificate ran out',
    { certificate: -3, document: 100 },
    'yellow',
    'What uni publishes: ended 3 days ago.',
  ],
] as const)
  test(`of SAML metadata ${what}, fetched as the server does, the doctor tells the age`, async (t) => {
    const { lines } = await (await samlAt(t, days)).lines();
    const of = (name: string) => lines.find((line) => line.name === name);
    assert.equal(of('providers')?.light, 'green');
    assert.deepEqual([of('saml-age')?.light, of('saml-age')?.says], [light, says]);
  });

test('where all is right, over TLS, nothing is red or yellow', async (t) => {
  const stage = await startDoctorStage(t, {
    web: { shows: authority.issue(['127.0.0.1'], 60), more: 'ssl_protocols TLSv1.2 TLSv1.3;' },
    settings: { outbound: { caFile: authority.caFile } },
  });
  const { code, lines } = await stage.lines();
  assert.deepEqual(lights(lines, 'red', 'yellow'), []);
  assert.equal(code, 0);
  assert.equal(lines.find(({ name }) => name === 'tls')?.light, 'green');
});

test('who names another address is told of the certificate there', async (t) => {
  const stage = await startDoctorStage(t, { settings: { outbound: { caFile: authority.caFile } } });
  const port = await freePort();
  const shows = authority.issue(['127.0.0.1'], -1);
  const other = await startDoctorWeb({ port, shows, lines: 'location / { return 204; }' });
  t.after(() => other.stop());
  const { lines } = await stage.lines(`https://127.0.0.1:${port}`);
  assert.deepEqual(
    lines.filter(({ name }) => name === 'tls').map(({ light, says }) => [light, says.split(' ran ')[0]]),
    [['red', `The certificate of https://127.0.0.1:${port}`]],
  );
});

test('without our keys it is still seen that strangers are let in, and said what is missing', async (t) => {
  const stage = await startDoctorStage(t, {
    keyServer: true,
    prosody: { allowEmpty: true },
    before: ({ terminal }) => {
      terminal.env['OSTIARY_STORE_PATH'] = join(terminal.folder, 'nowhere.db');
    },
  });
  const { code, lines } = await stage.lines();
  const of = (name: string) => lines.find((line) => line.name === name);
  assert.equal(code, 1);
  assert.equal(of('empty-token')?.light, 'red');
  assert.equal(of('websocket')?.light, 'grey');
  assert.match(of('roles')?.says ?? '', /our keys cannot be had/);
  assert.ok(!existsSync(join(stage.terminal.folder, 'nowhere.db')));
});

test('where all is right behind a gate, nothing is red or yellow', async (t) => {
  const stage = await startDoctorStage(t, { gate: () => '' });
  const { code, lines } = await stage.lines();
  assert.deepEqual(lights(lines, 'red', 'yellow'), []);
  assert.equal(code, 0);
  assert.ok(lines.some(({ name, light }) => name === 'websocket' && light === 'green'));
  assert.ok(lines.some(({ name, light }) => name === 'strangers' && light === 'green'));
});

test('one run stands in the audit as the doctor’s, with its room and no token, and Prosody’s log has none either', async (t) => {
  const stage = await startDoctorStage(t);
  await stage.lines();
  const { records } = await stage.terminal.server();
  const probed = (await records.list()).filter(({ event }) => event === 'probed');
  assert.equal(probed.length, 1);
  assert.equal(probed[0]?.by, 'ostiary-doctor');
  assert.match(probed[0]?.room ?? '', /^ostiary-doctor-[0-9a-f]{32}$/);
  keepsSecrets(JSON.stringify(probed));
  assert.doesNotMatch(stage.prosody.log(), /eyJ[\w-]{8,}/);
});

test('beside a proxy that asks us, what concerns Prosody is grey until it is said where that is', async (t) => {
  const stage = await startDoctorStage(t, { settings: { forwardAuth: { enabled: true } } });
  const light = (lines: readonly Line[], name: string) => lines.find((line) => line.name === name)?.light;
  const { lines } = await stage.lines();
  assert.equal(light(lines, 'websocket'), 'grey');
  assert.equal(light(lines, 'roles'), 'grey');
  const there = await stage.lines('--prosody', stage.prosody.origin);
  assert.equal(light(there.lines, 'websocket'), 'green');
  assert.equal(light(there.lines, 'roles'), 'green');
});

test('beside a proxy that signs people in at its one address and shows its secret there alone, nothing is red or yellow', async (t) => {
  const stage = await startDoctorStage(t, {
    settings: { providers: [FRONT] },
    web: { more: 'location /_ostiary/header/front { return 401; }' },
  });
  const { lines } = await stage.lines();
  assert.deepEqual(lights(lines, 'red', 'yellow'), []);
  for (const name of ['identity-headers', 'header-sign-in'])
    assert.equal(lines.find((line) => line.name === name)?.light, 'green', JSON.stringify(lines));
});

for (const [what, { broken, check, light = 'red', says, fix }] of Object.entries(STATES))
  test(`of ${what} the doctor names the cause`, async (t) => {
    const stage = await startDoctorStage(t, broken);
    const { code, lines } = await stage.lines();
    const named = lines.find((line) => line.name === check && line.light === light);
    assert.ok(named, JSON.stringify(lines, null, 1));
    assert.match(named.says, says);
    assert.match(named.fix ?? '', fix);
    assert.equal(code, lines.some((line) => line.light === 'red') ? 1 : 0);
    keepsSecrets(JSON.stringify(lines));
  });
