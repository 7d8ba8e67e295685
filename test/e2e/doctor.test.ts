/**
 * The doctor at a real Prosody, nginx, provider and coturn: all green where all is right, and of each thing that is
 * broken the right cause.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Broken, type Line, SHARED, startDoctorStage } from '../support/doctor-stage.ts';

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
    says: /invalid 'aud' claim/,
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
    says: /300 s behind us: tokens will be refused/,
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
    says: /does not work|did not answer/,
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
};

function lights(lines: readonly Line[], ...which: readonly Line['light'][]): readonly string[] {
  return lines.filter(({ light }) => which.includes(light)).map(({ name, says }) => `${name}: ${says}`);
}

for (const keyServer of [false, true])
  test(`where all is right, ${keyServer ? 'with a key server' : 'with a shared secret'}, nothing is red or yellow`, async (t) => {
    const stage = await startDoctorStage(t, keyServer ? { keyServer } : {});
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
    ])
      assert.ok(
        green.has(name),
        `${name} is not green: ${JSON.stringify(lines.filter((line) => line.name === name))}`,
      );
    assert.equal(green.has('keys'), keyServer);
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
  });
