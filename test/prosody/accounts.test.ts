/** Signing in with the accounts of a real Prosody, typed on a page of ours. */
import assert from 'node:assert/strict';
import { after, before, suite, type TestContext, test } from 'node:test';
import { fixedClock, systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import type { Metrics } from '../../src/base/metrics.ts';
import type { Outbound } from '../../src/base/outbound.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createProsodyProvider } from '../../src/identity/prosody/prosody.ts';
import { deriveKey } from '../../src/identity/prosody/scram.ts';
import { createOutbound } from '../../src/outbound/fetch.ts';
import { PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import { openTerminal } from '../support/terminal.ts';
import {
  ACCOUNTS,
  type AccountsProsody,
  type AccountsSetup,
  MAIN,
  startAccountsProsody,
} from './accounts-prosody.ts';

const metrics: Metrics = { count: () => {}, observe: () => {} };
const MEMORY = { state: '', nonce: '', verifier: '', redirectUri: '' };

const provider = ({ url }: AccountsProsody, prosody: Readonly<Record<string, unknown>> = {}) => ({
  id: 'xmpp',
  name: 'Meeting account',
  kind: 'prosody',
  prosody: { domain: ACCOUNTS, url, httpHost: MAIN, ...prosody },
});

function useProsody(setup: AccountsSetup): { readonly it: AccountsProsody } {
  let running: AccountsProsody | undefined;
  before(async () => {
    running = await startAccountsProsody(setup);
    running.register('ada', 'ada-pw');
  });
  after(() => running?.stop());
  return {
    get it() {
      return running ?? assert.fail('no Prosody');
    },
  };
}

async function open(t: TestContext, prosody: AccountsProsody): Promise<Stage> {
  const stage = await startStage({
    asConfigured: true,
    clock: fixedClock(Date.now()),
    config: { providers: [provider(prosody)], outbound: { timeout: '5s' } },
  });
  t.after(() => stage.close());
  return stage;
}

async function signIn(stage: Stage, username: string, password: string) {
  const visitor = stage.visitor();
  const { state } = await visitor.leave('/standup', 'xmpp');
  const answer = await visitor.post(`${PREFIX}/password`, { state, username, password });
  const id = visitor.session();
  const session = id === undefined ? undefined : await stage.parts.sessions.read(id);
  return { visitor, answer, person: session?.person };
}

/** The provider alone, with a way to bend what Prosody answers and to count what it costs. */
function alone(
  { url }: AccountsProsody,
  {
    bend = (text) => text,
    safe = true,
  }: { readonly bend?: (text: string) => string; readonly safe?: boolean } = {},
) {
  const sent: string[] = [];
  let derived = 0;
  const named = new URL(url);
  named.hostname = MAIN;
  const ask = createOutbound({
    allowedOrigins: () => [named.origin],
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    insecureHttp: false,
    metrics,
    log: silentLog,
    clock: systemClock,
  });
  const outbound: Outbound = async (to, options) => {
    sent.push(String(options.body));
    const answer = await ask(to, options);
    return new Response(bend(await answer.text()), { status: answer.status });
  };
  const made = createProsodyProvider({
    id: 'xmpp',
    name: 'Meeting account',
    url: named.href,
    domain: ACCOUNTS,
    safe,
    outbound,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    metrics,
    derive: (...about) => {
      derived += 1;
      return deriveKey(...about);
    },
  });
  const judge = (username: string, password: string) =>
    made.finish(new URLSearchParams({ username, password }), MEMORY).then(
      (found) => (found === 'needs-person' ? found : found.person.id),
      (thrown: { readonly code?: string }) => thrown.code,
    );
  return { judge, sent, derived: () => derived };
}

for (const hash of ['SHA-1', 'SHA-256'] as const)
  suite(`passwords kept by ${hash}`, () => {
    const prosody = useProsody({ hash });

    test(`somebody signs in by SCRAM-${hash}, and their password is never sent`, async (t) => {
      const stage = await open(t, prosody.it);
      const { answer, person, visitor } = await signIn(stage, `Ada@${ACCOUNTS}`, 'ada-pw');
      assert.equal(answer.headers.get('location'), `${PREFIX}/join?to=%2Fstandup`, stage.lines.join(''));
      assert.deepEqual([person?.id, person?.name, person?.groups], [`xmpp#ada@${ACCOUNTS}`, 'ada', []]);
      assert.ok(await visitor.isSignedIn());
      assert.match(prosody.it.log(), new RegExp(`mechanism='SCRAM-${hash}'`));
      const { judge, sent } = alone(prosody.it);
      assert.equal(await judge('ada', 'ada-pw'), `xmpp#ada@${ACCOUNTS}`);
      const said = sent.map((body) =>
        body.replace(/>([^<]+)<\/(?:auth|response)>/g, (_, text) => Buffer.from(text, 'base64').toString()),
      );
      assert.doesNotMatch(said.join(), /ada-pw/);
    });

    test('wrong, unknown, of another host, and empty are answered alike, and cost the same', async (t) => {
      const { judge, derived } = alone(prosody.it);
      assert.equal(await judge('ada', 'wrong'), 'sign-in.wrong-password');
      assert.equal(await judge('nobody', 'wrong'), 'sign-in.wrong-password');
      assert.equal(derived(), 2, 'one derivation for each');
      for (const [username, password] of [
        ['ada@other.example', 'ada-pw'],
        ['ada', ''],
        ['ada"', 'ada-pw'],
        ['ada/x', 'ada-pw'],
      ] as const)
        assert.equal(await judge(username, password), 'sign-in.wrong-password');
      const stage = await open(t, prosody.it);
      assert.equal((await signIn(stage, 'ada', 'my-secret')).answer.status, 403);
      assert.doesNotMatch(stage.lines.join(''), /my-secret|ada-pw/);
    });
  });

suite('what else Prosody may answer', () => {
  const prosody = useProsody({ hash: 'SHA-1' });

  test('who cannot show that they know the password too are not Prosody, and let nobody in', async () => {
    const forged = Buffer.from('v=AAAAAAAAAAAAAAAAAAAAAAAAAAA=').toString('base64');
    const { judge } = alone(prosody.it, {
      bend: (text) => text.replace(/(<success[^>]*>)[^<]*/, `$1${forged}`),
    });
    assert.equal(await judge('ada', 'ada-pw'), 'provider.response-invalid');
    const silent = alone(prosody.it, {
      bend: (text) =>
        text.replace(/<success[^>]*>[^<]*<\/success>/, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"),
    });
    assert.equal(await silent.judge('ada', 'ada-pw'), 'provider.response-invalid');
    const yes = alone(prosody.it, {
      bend: (text) =>
        text.replace(
          /<challenge[^>]*>[^<]*<\/challenge>/,
          "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        ),
    });
    assert.equal(await yes.judge('ada', 'anything'), 'provider.response-invalid');
  });

  test('a way that offers only PLAIN gets no password unless nobody can listen', async () => {
    const bend = (text: string) => text.replaceAll(/<mechanism>SCRAM[^<]*<\/mechanism>/g, '');
    const open_ = alone(prosody.it, { bend, safe: false });
    assert.equal(await open_.judge('ada', 'ada-pw'), 'provider.misconfigured');
    assert.doesNotMatch(open_.sent.join(), /<auth/);
    const safe = alone(prosody.it, { bend });
    assert.equal(await safe.judge('ada', 'ada-pw'), `xmpp#ada@${ACCOUNTS}`);
    assert.equal(await safe.judge('ada', 'wrong'), 'sign-in.wrong-password');
  });

  for (const [what, bend] of [
    ['no XML', () => 'hello'],
    ['another root', () => '<html/>'],
    ['a document type', (text: string) => `<!DOCTYPE x [<!ENTITY a "b">]>${text}`],
    [
      'an end of the stream',
      () => "<body xmlns='http://jabber.org/protocol/httpbind' type='terminate' condition='host-unknown'/>",
    ],
    ['nothing, again and again', () => "<body xmlns='http://jabber.org/protocol/httpbind' sid='x'/>"],
  ] as const)
    test(`${what} is no answer`, async () => {
      const { judge, sent } = alone(prosody.it, { bend });
      assert.equal(await judge('ada', 'ada-pw'), 'provider.misconfigured');
      assert.ok(sent.length < 8, String(sent.length));
    });

  test('the hour after, nobody types anything, and whose account is gone is out', async (t) => {
    prosody.it.register('cy', 'cy-pw');
    const stage = await open(t, prosody.it);
    const { visitor } = await signIn(stage, 'cy', 'cy-pw');
    const enter = async () => {
      stage.clock.advance(3_700);
      return (await visitor.get(`${PREFIX}/join?room=standup`)).headers.get('location') ?? '';
    };
    assert.match(await enter(), /#jwt=/);
    prosody.it.unregister('cy');
    assert.match(await enter(), /\/sign-in\?/);
    assert.deepEqual(await stage.parts.sessions.list(), []);
  });

  test('accounts of one host are those of another once their files are copied, as the manual says', async (t) => {
    prosody.it.register('dora', 'dora-pw', 'old.jitsi');
    const stage = await open(t, prosody.it);
    assert.equal((await signIn(stage, 'dora', 'dora-pw')).answer.status, 403);
    prosody.it.copyAccounts('old.jitsi', ACCOUNTS);
    assert.equal((await signIn(stage, 'dora', 'dora-pw')).person?.id, `xmpp#dora@${ACCOUNTS}`);
  });

  test('check says whether Prosody answers, and for which host', async (t) => {
    const terminal = openTerminal(t);
    const check = async (said: Readonly<Record<string, unknown>> = {}) => {
      terminal.configure({ providers: [provider(prosody.it, said)] });
      const { out } = await terminal.run('check');
      return out.split('\n').find((line) => /provider xmpp|providers\[0\]/.test(line)) ?? out;
    };
    assert.match(await check(), /^fine +provider xmpp: answers, and lets people sign in there$/);
    assert.match(
      await check({ domain: 'nowhere.jitsi' }),
      /prosody\.url does not answer as Prosody does for this domain \((?:improper-addressing|host-unknown)\)/,
    );
    assert.match(
      await check({ domain: MAIN }),
      /prosody\.domain is a host where nobody can sign in .*\(ANONYMOUS\)/,
    );
    assert.match(
      await check({ httpHost: 'wrong.example' }),
      /prosody\.url does not answer as Prosody does for this domain \(status 404\)/,
    );
    assert.match(await check({ url: 'http://127.0.0.1:9/http-bind' }), /prosody\.url does not answer/);
  });
});
