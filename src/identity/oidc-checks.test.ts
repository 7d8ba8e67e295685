/** What is refused of an answer before and after the library looked at it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isProblem, type ProblemCode } from '../base/problem.ts';
import { judgeCallback, judgeIdToken, judgeProof } from './oidc-checks.ts';

const EXPECTED = {
  provider: 'sso',
  state: 'state-1',
  issuer: 'https://sso.example.org',
  issuerPromised: false,
  silent: false,
};

const judge = (query: string, changes: Partial<typeof EXPECTED> = {}) =>
  judgeCallback(new URLSearchParams(query), { ...EXPECTED, ...changes });

const throws = (work: () => unknown, code: ProblemCode, facts: Readonly<Record<string, unknown>> = {}) =>
  assert.throws(work, (thrown) => {
    assert.ok(isProblem(thrown, code), String(thrown));
    for (const [name, value] of Object.entries(facts)) assert.equal(thrown.facts[name], value);
    return true;
  });

test('a callback with our state and a code is taken, and what nobody defined is not read', () =>
  assert.deepEqual(judge('code=c&state=state-1&session_state=x&authuser=0&hd=example.org'), { code: 'c' }));

test('a parameter that comes twice is refused, whichever it is', () => {
  for (const query of [
    'code=c&code=d&state=state-1',
    'code=c&state=state-1&state=state-1',
    'code=c&state=state-1&x=1&x=1',
  ])
    throws(() => judge(query), 'provider.response-invalid', { why: 'twice' });
});

test('the answers of other flows are refused', () => {
  for (const name of ['id_token', 'access_token', 'token_type', 'response'])
    throws(() => judge(`code=c&state=state-1&${name}=x`), 'provider.response-invalid', { why: 'other-flow' });
});

test('a callback without code is no callback', () => {
  throws(() => judge('state=state-1'), 'provider.response-invalid', { why: 'code' });
  throws(() => judge('state=state-1&code='), 'provider.response-invalid', { why: 'code' });
});

test('an error counts only with our state', () =>
  throws(() => judge('error=access_denied&state=other'), 'provider.response-invalid', { why: 'state' }));

for (const error of [
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
])
  test(`${error} is an answer to a silent question, and a failure otherwise`, () => {
    assert.equal(judge(`error=${error}&state=state-1`, { silent: true }), 'needs-person');
    throws(() => judge(`error=${error}&state=state-1`), 'provider.refused', { error });
  });

test('cancelling has a code of its own, silent or not', () => {
  throws(() => judge('error=access_denied&state=state-1'), 'sign-in.cancelled');
  throws(() => judge('error=access_denied&state=state-1', { silent: true }), 'sign-in.cancelled');
});

test('an error nobody defined is called "other", and its description is nowhere', () =>
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), (error, error_description) => {
      const query = new URLSearchParams({ error: `x${error}`, error_description, state: 'state-1' });
      throws(() => judge(query.toString()), 'provider.refused', { error: 'other' });
    }),
  ));

const NOW = 1_700_000_000;
const CLAIMS = { iat: NOW, exp: NOW + 300 };
const judgeClaims = (claims: Readonly<Record<string, unknown>>, token = 'e30.e30.AAAA') =>
  judgeIdToken(token, { ...CLAIMS, ...claims }, { provider: 'sso', clientId: 'jitsi', now: NOW, leeway: 60 });

test('an ID token made up to a minute in the future is taken, a later one names the clock', () => {
  judgeClaims({ iat: NOW + 60 });
  throws(() => judgeClaims({ iat: NOW + 61 }), 'provider.clock', { claim: 'iat', seconds: -61 });
});

test('an ID token for another party is refused, though we are in its audience', () => {
  judgeClaims({ azp: 'jitsi' });
  for (const azp of ['other', '', null, ['jitsi']])
    throws(() => judgeClaims({ azp }), 'provider.response-invalid', { why: 'azp' });
});

test('a date beyond every calendar is no date', () => {
  for (const exp of [1e300, 2 ** 53, -1, Number.POSITIVE_INFINITY, '9999999999'])
    throws(() => judgeClaims({ exp }), 'provider.response-invalid', { why: 'exp' });
});

test('a token spelt in another way than ours is refused', () => {
  for (const token of ['e30.e30.AAAB=', 'e30.e30.AA+A', 'e30.e30.AAAA ', 'e31.e30.AAAA', 'e30.e30.AB'])
    throws(() => judgeClaims({}, token), 'provider.response-invalid', { why: 'encoding' });
});

const PROOF = { provider: 'sso', clientId: 'jitsi', now: NOW, leeway: 60, acrValues: [], maxAge: undefined };

test('the proof is as strong as was asked, or the person has to prove themselves again', () => {
  const acrValues = ['gold', 'mfa'];
  judgeProof({ acr: 'mfa' }, { ...PROOF, acrValues });
  for (const acr of ['silver', undefined, ['mfa'], '', 'MFA'])
    throws(() => judgeProof({ acr }, { ...PROOF, acrValues }), 'provider.reauthentication', { why: 'acr' });
});

test('the proof is as fresh as was asked, with the leeway of the clocks', () => {
  const proof = { ...PROOF, maxAge: 600 };
  judgeProof({ auth_time: NOW - 660 }, proof);
  throws(() => judgeProof({ auth_time: NOW - 661 }, proof), 'provider.reauthentication', {
    why: 'max_age',
    seconds: 661,
  });
  throws(() => judgeProof({}, proof), 'provider.reauthentication', { why: 'auth_time' });
  throws(() => judgeProof({ auth_time: String(NOW) }, proof), 'provider.reauthentication', {
    why: 'auth_time',
  });
  throws(() => judgeProof({ auth_time: NOW + 61 }, proof), 'provider.clock', { claim: 'auth_time' });
});
