import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import { Problem } from '../base/problem.ts';
import { createOpenFiles } from './open-files.ts';

interface Answer {
  readonly status?: number;
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** A web server that is asked, and remembers what for. */
function server(answer: (file: string) => Answer | Promise<Answer>) {
  const asked: string[] = [];
  const clock = fixedClock();
  const files = createOpenFiles({
    clock,
    ask: async (file) => {
      asked.push(file);
      const { status = 200, headers = ['Content-Type', 'text/javascript'], body = '' } = await answer(file);
      return { status, headers, body: Buffer.from(body) };
    },
  });
  return { files, asked, clock };
}

test('a file is asked for once a minute, however often it is wanted', async () => {
  const { files, asked, clock } = server(() => ({ body: 'x' }));
  for (let at = 0; at < 100; at += 1) await files.get('/external_api.js');
  assert.equal(asked.length, 1);
  clock.advance(61);
  await files.get('/external_api.js');
  assert.equal(asked.length, 2);
});

test('a thousand who want it at once wait for one answer', async () => {
  const { files, asked } = server(() => ({ body: 'x' }));
  const all = await Promise.all(Array.from({ length: 1000 }, () => files.get('/external_api.js')));
  assert.equal(asked.length, 1);
  assert.ok(all.every((file) => String(file?.body) === 'x'));
});

test('that there is no such file is kept for seconds, and a failure not at all', async () => {
  let fails = true;
  const { files, asked, clock } = server((file) => {
    if (file === '/down' && fails) throw new Problem('upstream.unreachable');
    return { status: 404 };
  });
  for (let at = 0; at < 3; at += 1) assert.equal((await files.get('/none'))?.status, 404);
  assert.equal(asked.length, 1);
  clock.advance(11);
  await files.get('/none');
  assert.equal(asked.length, 2);
  await assert.rejects(files.get('/down'), { code: 'upstream.unreachable' });
  fails = false;
  assert.equal((await files.get('/down'))?.status, 404);
});

test('who invents names by the hundred thousand fills no memory, and takes no more than a few turns at a time', async () => {
  let running = 0;
  let most = 0;
  const { files } = server(async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((done) => setImmediate(done));
    running -= 1;
    return { status: 404 };
  });
  const refused = await Promise.all(
    Array.from({ length: 5000 }, (_, at) =>
      files.get(`/.well-known/acme-challenge/${at}`).then(
        () => 0,
        (thrown: unknown) => {
          assert.ok(thrown instanceof Problem && thrown.code === 'request.too-many');
          return 1;
        },
      ),
    ),
  );
  assert.ok(most <= 8, String(most));
  assert.equal(refused.filter((one) => one === 0).length, 8 + 256);
});

test('once the crowd is gone, files are had again', async () => {
  const { files } = server(() => ({ status: 404 }));
  await Promise.allSettled(Array.from({ length: 1000 }, (_, at) => files.get(`/crowd/${at}`)));
  assert.equal((await files.get('/afterwards'))?.status, 404);
});

test('a conference page in place of a file is no file', async () => {
  const page = { headers: ['Content-Type', 'text/html; charset=utf-8'], body: '<script>config' };
  const { files } = server(() => page);
  assert.equal((await files.get('/pwa-worker.js'))?.status, 404);
  assert.equal(String((await files.get('/static/dialInInfo.html'))?.body), page.body);
});

test('what was meant for one alone, or is no plain file, is not kept', async () => {
  const { files } = server((file) =>
    file === '/cookie'
      ? { headers: ['Set-Cookie', 'a=b'], body: 'x' }
      : { status: 302, headers: ['Location', '/'] },
  );
  assert.equal(await files.get('/cookie'), undefined);
  assert.equal(await files.get('/moved'), undefined);
});

test('the oldest files go when all together are too large', async () => {
  const { files, asked } = server(() => ({
    headers: ['Content-Type', 'font/woff2'],
    body: 'x'.repeat(7_000_000),
  }));
  for (let at = 0; at < 12; at += 1) await files.get(`/fonts/${at}`);
  await files.get('/fonts/11');
  assert.equal(asked.length, 12);
  await files.get('/fonts/0');
  assert.equal(asked.length, 13);
});
