/**
 * Rules that look at where somebody comes from and at the hour, asked of the whole server: nobody talks themselves into
 * another network, and nobody enters early.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fixedClock } from '../../src/base/clock.ts';
import { ORIGIN, PREFIX, type Stage, startStage } from '../support/server-stage.ts';

let stage: Stage;
before(async () => {
  stage = await startStage({
    clock: fixedClock('2026-12-01T07:30:00Z'),
    config: {
      trustedProxies: ['127.0.0.1'],
      rules: [
        {
          name: 'exam',
          when: { rooms: ['exam'], times: ['09:00-10:00 Europe/Berlin'] },
          then: 'participant',
        },
        { name: 'the house', when: { rooms: ['canteen'], networks: ['192.0.2.0/24'] }, then: 'participant' },
        { name: 'own room', when: { rooms: ['{person.id}'] }, then: 'host' },
      ],
    },
  });
});
after(() => stage.close());

async function join(room: string, forwarded: string): Promise<'in' | number> {
  const visitor = stage.visitor({ 'x-forwarded-for': forwarded });
  await visitor.signIn();
  const { status, headers } = await visitor.get(`${PREFIX}/join?room=${room}`);
  return headers.get('location')?.startsWith(`${ORIGIN}/${room}#jwt=`) ? 'in' : status;
}

test('nobody enters before the hour, and everybody may from then on', async () => {
  assert.equal(await join('exam', '198.51.100.1'), 403);
  stage.clock.advance(30 * 60);
  assert.equal(await join('exam', '198.51.100.1'), 'in');
});

test('it is the address that the trusted proxy saw which counts, not one that the caller wrote', async () => {
  assert.equal(await join('canteen', '192.0.2.9'), 'in');
  assert.equal(await join('canteen', '198.51.100.1'), 403);
  assert.equal(await join('canteen', '192.0.2.9, 198.51.100.1'), 403);
});
