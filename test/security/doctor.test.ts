/**
 * What the doctor opened for itself opens nothing for anybody else.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { seal } from '../../src/keys/jwt.ts';
import { SEEN_HEADER, SEEN_PURPOSE } from '../../src/web/routes/seen.ts';
import { PREFIX, type Stage, startStage } from '../support/server-stage.ts';

let stage: Stage;
before(async () => {
  stage = await startStage({ config: { trustedProxies: ['127.0.0.1'] } });
});
after(() => stage.close());

async function sealed(purpose: string, ttl = 60): Promise<string> {
  const keys = await stage.parts.sealing.sealing();
  return seal({}, { keys, purpose, ttl, clock: stage.clock });
}

function ask(proof?: string) {
  return stage.ask(`${PREFIX}/seen`, {
    headers: {
      accept: 'application/json',
      'x-forwarded-for': '192.0.2.7',
      ...(proof !== undefined && { [SEEN_HEADER]: proof }),
    },
  });
}

test('who reads our store is told how a request arrived, and no other header of it', async () => {
  const answer = await ask(await sealed(SEEN_PURPOSE));
  assert.equal(answer.status, 200);
  assert.deepEqual(JSON.parse(answer.text), {
    address: '192.0.2.7',
    socket: '127.0.0.1',
    named: [],
    forwardedFor: '192.0.2.7',
  });
  assert.equal(answer.headers.get('cache-control'), 'no-store');
});

test('a stranger finds there what is at any other address that we do not have', async () => {
  const nowhere = await stage.ask(`${PREFIX}/nowhere`, { headers: { accept: 'application/json' } });
  const old = await sealed(SEEN_PURPOSE, 60);
  const whole = await sealed(SEEN_PURPOSE);
  const changed = `${whole.slice(0, -2)}${whole.endsWith('AA') ? 'BB' : 'AA'}`;
  stage.clock.advance(61);
  for (const proof of [undefined, '', 'x', old, changed, await sealed('sign-in'), 'a'.repeat(7000)]) {
    const answer = await ask(proof);
    assert.equal(answer.status, nowhere.status, proof);
    const { id: _, ...body } = JSON.parse(answer.text);
    const { id: __, ...other } = JSON.parse(nowhere.text);
    assert.deepEqual(body, other);
    assert.ok(!answer.text.includes('192.0.2.7'));
  }
});
