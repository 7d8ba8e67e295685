/**
 * The page of whoever leads a room: nobody else sees or does anything there, what is done holds at every door and in
 * every process, and each act is written down with who, where, whom.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as ask, type IncomingMessage } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { type Answer, PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import { startUpstream, type UpstreamStandIn } from '../support/upstream.ts';
import type { Visitor } from '../support/visitor.ts';

const JSON_ONLY = { accept: 'application/json' };

for (const door of ['token service', 'gateway'] as const)
  describe(`at the ${door}`, () => {
    let jitsi: UpstreamStandIn;
    let stage: Stage;
    before(async () => {
      jitsi = await startUpstream();
      stage = await startStage({
        config: {
          trustedProxies: ['127.0.0.1'],
          ...(door === 'gateway' && { upstream: { url: jitsi.url } }),
          access: 'members',
          rules: [
            { name: 'leads', when: { rooms: ['standup', 'b-*'], emails: ['ada@example.org'] }, then: 'host' },
            { name: 'closed', when: { rooms: ['board'], signedIn: true }, then: 'refuse' },
            { name: 'strangers wait', when: { signedIn: false, invited: false }, then: 'wait' },
          ],
        },
      });
    });
    after(async () => {
      await stage.close();
      await jitsi.close();
    });

    let others = 0;
    function somebody(): Visitor {
      others += 1;
      return stage.visitor({ 'x-forwarded-for': `203.0.113.${others % 250}` });
    }

    async function guest(name = 'Linus', room = 'standup'): Promise<Visitor> {
      const visitor = somebody();
      await visitor.get(`${PREFIX}/sign-in?to=%2F${room}`);
      await visitor.post(`${PREFIX}/guest`, { to: `/${room}`, name });
      return visitor;
    }

    async function host(room = 'standup'): Promise<Visitor> {
      const visitor = somebody();
      await visitor.signIn(`/${room}`);
      return visitor;
    }

    const joins = (visitor: Visitor, room = 'standup') => visitor.get(`${PREFIX}/join?room=${room}`);
    const here = (room = 'standup') => `${PREFIX}/room/${room}`;
    const json = async (visitor: Visitor, room?: string) =>
      JSON.parse((await visitor.get(here(room), JSON_ONLY)).text);
    const does = (visitor: Visitor, fields: Readonly<Record<string, string>>, room?: string) =>
      visitor.post(here(room), fields);
    const isIn = (answer: Answer) =>
      answer.status === 302 && /\/standup/.test(answer.headers.get('location') ?? '');

    test('a host sees who waits, lets one in, and they are in though no host is there', async () => {
      const linus = await guest();
      assert.equal((await joins(linus)).status, 200);
      const ada = await host();
      const page = await ada.get(here());
      assert.equal(page.status, 200);
      assert.match(page.text, /<bdi>Linus<\/bdi>/);
      const [waiting] = (await json(ada)).waiting;
      assert.deepEqual([waiting.name, waiting.standing], ['Linus', 'guest']);
      const answer = await does(ada, { do: 'let-in', person: waiting.person });
      assert.deepEqual([answer.status, answer.headers.get('location')], [303, here()]);
      assert.match((await ada.get(here())).text, /role="status">.*Linus.*may come in/);
      assert.ok(isIn(await joins(linus)));
      const [record] = await stage.parts.records.list({ person: waiting.person });
      assert.ok(record);
      const letIn = (await stage.parts.records.list()).find(({ event }) => event === 'let-in');
      assert.deepEqual(
        [letIn?.person, letIn?.by?.startsWith('sso#'), letIn?.room],
        [waiting.person, true, 'standup'],
      );
    });
  });
