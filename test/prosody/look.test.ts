/**
 * What our look at the Jitsi behind us makes of a real Prosody.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fixedClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { type AskJitsi, createJitsiLook } from '../../src/gateway/jitsi-look.ts';
import { APP_ID, AUDIENCE } from './minted.ts';
import { DOMAIN, type Prosody, startProsody } from './prosody.ts';

const running: Prosody[] = [];
after(() => Promise.all(running.map((prosody) => prosody.stop())));

async function started(allowEmpty: boolean): Promise<Prosody> {
  const prosody = await startProsody({
    appId: APP_ID,
    audience: AUDIENCE,
    keys: { secret: 'a shared secret of more than thirty-two bytes' },
    domainVerification: false,
    allowEmpty,
  });
  running.push(prosody);
  return prosody;
}

/** Jitsi's page and files as nobody serves them here, and the way to a real Prosody; `without` these headers. */
function wayTo({ origin }: Prosody, without: readonly string[] = []): AskJitsi {
  return async ({ to, method, path, headers, body }) => {
    if (to === 'web') return { status: path === '/' ? 200 : 404, body: new Uint8Array() };
    const pairs = headers.flatMap((name, at): [string, string][] =>
      at % 2 === 0 && !['host', ...without].includes(name.toLowerCase())
        ? [[name, headers[at + 1] ?? '']]
        : [],
    );
    const answer = await fetch(`${origin}${path}`, {
      method,
      headers: pairs,
      ...(body !== undefined && { body: Buffer.from(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    return { status: answer.status, body: new Uint8Array(await answer.arrayBuffer()) };
  };
}

async function saidOfProsody(ask: AskJitsi): Promise<readonly string[]> {
  const look = createJitsiLook({
    ask,
    xmppTo: 'xmpp',
    about: { publicUrl: 'https://meet.example.org', origins: [], prefix: '/_ostiary', xmppDomain: DOMAIN },
    said: { carry: 'header' },
    clock: fixedClock(),
    log: silentLog,
  });
  return (await look.look()).findings.filter(({ path }) => path === 'Prosody').map(({ wrong }) => wrong);
}

test('plugins that read a token from a header are known by what they say of one that cannot hold', async () => {
  const prosody = await started(false);
  assert.deepEqual(await saidOfProsody(wayTo(prosody)), []);
  // As plugins from before May 2024 do it: the header is there, and nobody looks.
  assert.match(
    (await saidOfProsody(wayTo(prosody, ['authorization']))).join(),
    /^reads no token from a header/,
  );
});

test('a Prosody that lets in who shows nothing is found out', async () => {
  const prosody = await started(true);
  assert.match(
    (await saidOfProsody(wayTo(prosody, ['authorization']))).join(),
    /^let somebody in who showed no token that holds/,
  );
});
