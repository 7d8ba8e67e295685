/**
 * The server: opens what it needs, answers until it is told to stop, and reads
 * its configuration again when it is told to.
 */
import { readPageFiles } from '../app/page-files.ts';
import { createGuardWatch, stagesIn, tellGuarding } from '../app/stages.ts';
import type { App, Ground, Parts } from '../app.ts';
import type { Log } from '../base/log.ts';
import { isProblem, Problem } from '../base/problem.ts';
import type { Config } from '../config/load.ts';
import type { Serving } from '../serve.ts';
import { CONFIG, type Command, type Given, type Io } from './command.ts';
import { findConfig, withConfig } from './open.ts';
import { ownVersion } from './version.ts';

/** Milliseconds between two looks at the keys: their timetable goes on though nobody comes in. */
const LOOK_AFTER_KEYS = 60_000;

/** What stays as it was until the next start. */
const NEEDS_RESTART = ['listen', 'store', 'log', 'shutdown'] as const;

/** `ostiary serve` */
export const serveCommand: Command = {
  name: 'serve',
  does: 'run the server',
  about:
    'SIGTERM and SIGINT stop it once what is under way has ended; SIGHUP makes it read the configuration again, and keep what it has where the new one is no good.',
  options: [CONFIG],
  run: (io, given) =>
    withConfig(io, given, async (config) => {
      const { openGround } = await import('../app.ts');
      const ground = openGround(config);
      try {
        await run(io, given, { config, ground });
      } finally {
        await ground.store.close();
      }
      return 0;
    }),
};

/** One reading of the configuration, wired. */
interface Running {
  readonly config: Config;
  readonly parts: Parts;
  readonly app: App;
}

async function run(
  io: Io,
  given: Given,
  { config, ground }: { readonly config: Config; readonly ground: Ground },
): Promise<void> {
  const { log } = ground;
  const { serve } = await import('../serve.ts');
  let current = await wire(config, ground);
  const { listen, shutdown } = config;
  const serving = await serve({
    app: current.app,
    random: ground.random,
    log,
    sockets: ground.sockets,
    listen,
    drainFor: shutdown.drainFor,
  });
  // Before it is told that we serve, so that who reads it may send us signals.
  const stop = told(io);
  let reading = Promise.resolve();
  const deaf = io.on('SIGHUP', () => {
    reading = reading.then(async () => {
      current = await readAgain(io, given, { current, ground, serving });
    });
  });
  log.info('serving', { ...serving.addresses, publicUrl: config.publicUrl, version: ownVersion() });
  void current.app.warm();
  await lookAfterKeys(current.parts);
  const watch = createGuardWatch(log);
  const lookAfter = () => {
    watch(stagesIn(current.config), ground.clock.now());
    void lookAfterKeys(current.parts);
  };
  watch(stagesIn(config), ground.clock.now());
  const looking = setInterval(lookAfter, LOOK_AFTER_KEYS);
  const signal = await stop;
  clearInterval(looking);
  deaf();
  await reading;
  log.info('stopping', { signal, drainFor: shutdown.drainFor });
  current.app.drain();
  await serving.close();
  log.info('stopped');
}

async function wire(config: Config, ground: Ground): Promise<Running> {
  const { createApp, createParts } = await import('../app.ts');
  const parts = await createParts(config, ground);
  tellGuarding(stagesIn(config), ground.clock.now(), ground.log);
  // Keys of the operator's own that cannot be used are told now, and not to the first who comes.
  if (config.saml.keys.length > 0) await parts.samlKeys?.all();
  return { config, parts, app: createApp(config, parts, readPageFiles(config.pages)) };
}

/** A new configuration that is no good leaves everything as it is. */
async function readAgain(
  io: Io,
  given: Given,
  running: { readonly current: Running; readonly ground: Ground; readonly serving: Serving },
): Promise<Running> {
  const { current, ground, serving } = running;
  const { log, metrics } = ground;
  const found = findConfig(io, given);
  try {
    if ('complaints' in found) {
      for (const { path, wrong, right, line, variable } of found.complaints)
        log.error('config.complaint', { path, wrong, right, line, variable });
      throw new Problem('config.unusable', { complaints: found.complaints.length });
    }
    const next = await wire(found.config, ground);
    serving.replace(next.app);
    metrics.count('ostiary_config_reloads_total', { outcome: 'taken' });
    log.info('config.taken', { file: found.file });
    tellWhatWaits(current.config, found.config, log);
    void next.app.warm();
    return next;
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    metrics.count('ostiary_config_reloads_total', { outcome: 'kept-old' });
    log.error('config.kept', { ...thrown.facts, code: thrown.code }, thrown);
    return current;
  }
}

function tellWhatWaits(before: Config, after: Config, log: Log): void {
  for (const setting of NEEDS_RESTART)
    if (JSON.stringify(before[setting]) !== JSON.stringify(after[setting]))
      log.warn('config.waits-for-restart', { setting });
}

async function lookAfterKeys({ keys, sealing, log }: Parts): Promise<void> {
  try {
    await keys.published();
    await sealing.sealing();
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    log.error('keys.not-looked-after', { ...thrown.facts, code: thrown.code }, thrown);
  }
}

/** Resolves with the signal that says stop. */
function told({ on }: Pick<Io, 'on'>): Promise<string> {
  return new Promise((done) => {
    const deaf = (['SIGTERM', 'SIGINT'] as const).map((signal) =>
      on(signal, () => {
        for (const stop of deaf) stop();
        done(signal);
      }),
    );
  });
}
