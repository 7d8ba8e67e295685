/**
 * Where our module in Prosody reports, and asks for TURN credentials, on the inner listener alone.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { LARGEST_QUESTION, readNamed } from '../../admission/prosody/inside.ts';
import { LARGEST_REPORT, readReport } from '../../admission/prosody/report.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import type { Secret } from '../../base/secret.ts';
import type { WebParts } from '../parts.ts';
import { data, problemJson } from '../respond.ts';
import type { Route } from '../routes.ts';
import type { Visit } from '../visit.ts';

/** The routes of the module. */
export function prosodyRoutes(parts: WebParts): readonly Route[] {
  const { log, metrics, prosody } = parts;
  /** Told once: a module with the wrong secret tries again every few seconds. */
  let told = false;

  function refused(visit: Visit): Response {
    const { address, id } = visit.asked;
    metrics.count('ostiary_prosody_reports_total', { outcome: 'refused' });
    if (!told) log.warn('prosody-secret-refused', { address, id });
    told = true;
    return problemJson(new Problem('prosody.secret'), id);
  }

  /** What is done for whoever shows the secret. */
  const forModule =
    (work: (visit: Visit, module: Module) => Promise<unknown>) =>
    async (visit: Visit): Promise<Response> => {
      if (prosody === undefined) throw new Problem('request.not-found');
      if (!shows(visit.asked.header('authorization'), prosody.secret)) return refused(visit);
      told = false;
      return data(await work(visit, prosody));
    };

  return [
    {
      method: 'POST',
      path: '/prosody',
      on: ['inner'],
      from: 'the machine room',
      does: 'our module in Prosody reports who is in which room, and is told whom to end; with `prosodyModule.secret` as `Authorization: Bearer`',
      handle: forModule(async (visit, { take }) => {
        try {
          return await take(readReport(await visit.text(LARGEST_REPORT)));
        } catch (thrown) {
          if (isProblem(thrown)) metrics.count('ostiary_prosody_reports_total', { outcome: 'refused' });
          throw thrown;
        }
      }),
    },
    {
      method: 'POST',
      path: '/prosody/turn',
      on: ['inner'],
      from: 'the machine room',
      does: 'our module in Prosody asks for TURN credentials of somebody it let in, where coturn is told of everybody; with the same secret',
      handle: forModule((visit, { inside }) => credentialsFor(visit, inside, parts)),
    },
  ];
}

type Module = NonNullable<WebParts['prosody']>;

async function credentialsFor(visit: Visit, inside: Module['inside'], parts: WebParts) {
  const { turn, metrics, audit, clock } = parts;
  if (turn === undefined || inside === undefined) throw new Problem('request.not-found');
  try {
    const holder = await inside(readNamed(await visit.text(LARGEST_QUESTION)));
    const { username, password, expires } = await turn(holder);
    const { person, room } = holder;
    // Where they stand is not known here: it is Prosody that asks.
    await audit.record({
      ...{ at: clock.now(), event: 'turn-given', id: visit.asked.id },
      ...{ person: person.id, provider: person.provider, room: room.name, until: expires * 1000 },
      ...(person.name !== undefined && { name: person.name }),
      ...(room.tenant !== undefined && { tenant: room.tenant }),
    });
    metrics.count('ostiary_turn_credentials_total', { outcome: 'given' });
    return { username, password: password.reveal(), expires };
  } catch (thrown) {
    if (isProblem(thrown)) metrics.count('ostiary_turn_credentials_total', { outcome: thrown.code });
    throw thrown;
  }
}

/** @see RFC 6750, section 2.1 */
function shows(header: string | undefined, secret: Secret): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const [, shown = ''] = /^Bearer (.+)$/is.exec(header ?? '') ?? [];
  return timingSafeEqual(digest(shown), digest(secret.reveal()));
}
