/** Attacks on links of other applications: what their tokens open, for whom, and what is left of them afterwards. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { linkClaims, linkToken, MOODLE } from '../support/links.ts';
import { type Answer, PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import { startUpstream, type UpstreamStandIn } from '../support/upstream.ts';
import type { Visitor } from '../support/visitor.ts';

let jitsi: UpstreamStandIn;
let stage: Stage;

before(async () => {
  jitsi = await startUpstream();
  stage = await startStage({
    config: { issuers: [MOODLE], access: 'members', upstream: { url: jitsi.url } },
  });
});
after(async () => {
  await stage.close();
  await jitsi.close();
});
beforeEach(() => {
  jitsi.arrived.length = 0;
});

const link = (more: object = {}) => linkToken(linkClaims(stage.clock, more));

/** Whom the page of a room shows. */
function shownIn({ text }: Answer): {
  readonly id: string;
  readonly moderator: boolean;
  readonly room: string;
} {
  const token = /\}\)\(\{"token":"([^"]+)"/.exec(text)?.[1] ?? '';
  const { room, context } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return { id: context.user.id, moderator: context.user.moderator, room };
}

async function opened(visitor: Visitor, token: string, path = '/standup'): Promise<Answer> {
  const first = await visitor.get(`${path}?jwt=${token}`);
  assert.equal(first.status, 302, first.text);
  const to = first.headers.get('location') ?? '';
  assert.doesNotMatch(to, /jwt|eyJ/);
  return visitor.get(to.split('#', 1)[0] ?? '');
}

test('a link opens its room as the person and in the role it names, and leaves the address', async () => {
  const page = await opened(stage.visitor(), link());
  assert.equal(page.status, 200);
  assert.deepEqual(shownIn(page), { id: 'moodle#17', moderator: true, room: 'standup' });
});

test('a link to another room lets nobody in, and the refusal shows no token', async () => {
  const token = link();
  const page = await opened(stage.visitor(), token, '/other');
  assert.equal(page.status, 403);
  assert.match(page.text, /another room/);
  assert.ok(!page.text.includes(token.split('.')[2] ?? ''));
  assert.equal(jitsi.arrived.length, 0);
});

test('who came by a link is a stranger in every other room', async () => {
  const visitor = stage.visitor();
  await opened(visitor, link());
  const answer = await visitor.get('/other');
  assert.match(answer.headers.get('location') ?? '', new RegExp(`^${PREFIX}/sign-in`));
});
