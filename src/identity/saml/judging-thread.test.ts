/** The thread in which XML is judged: what it answers, and what it does not let anybody do to the others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProblem } from '../../base/problem.ts';
import type { Expected } from './expected.ts';
import { createJudgingThread } from './judging-thread.ts';

const EXPECTED: Expected = {
  now: 1_767_225_600,
  leeway: 60,
  idp: { entityId: 'https://idp.example.org', certificates: [] },
  audience: 'https://meet.example.org/sp',
  acs: 'https://meet.example.org/_ostiary/saml/acs',
  requestId: '_request',
  signed: 'assertion',
  legacy: [],
  keys: [],
  maxAge: 3600,
  contexts: [],
};
const job = (xml: string) => ({ kind: 'response', xml, expected: EXPECTED }) as const;
const busy = (why: string) => (thrown: unknown) =>
  isProblem(thrown, 'saml.busy') && thrown.facts['why'] === why;

test('what is no response is refused by an answer, one after the other, and the thread goes on', async () => {
  const thread = createJudgingThread();
  const judged = await Promise.all(['<a/>', '<!DOCTYPE a><a/>', 'text'].map((xml) => thread.judge(job(xml))));
  assert.deepEqual(
    judged.map(({ kind }) => kind),
    ['refused', 'refused', 'refused'],
  );
});

test('more than can be judged within one person’s patience is turned away at once, and the rest is judged', async () => {
  const thread = createJudgingThread();
  const asked = Array.from({ length: 300 }, () => thread.judge(job('<a/>')));
  const ended = await Promise.allSettled(asked);
  const turnedAway = ended.filter(({ status }) => status === 'rejected');
  // One is in the thread, two hundred wait.
  assert.equal(turnedAway.length, 99);
  for (const one of turnedAway) assert.ok(one.status === 'rejected' && busy('full')(one.reason));
});

test('whatever keeps the thread busy for too long is told so, and nobody behind it waits for ever', async () => {
  // A thread takes longer than this to begin, so that each message is too slow whatever it says.
  const thread = createJudgingThread({ longest: 1 });
  const ended = await Promise.allSettled(['<a/>', '<b/>', '<c/>'].map((xml) => thread.judge(job(xml))));
  for (const one of ended) assert.ok(one.status === 'rejected' && busy('slow')(one.reason));
});
