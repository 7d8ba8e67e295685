/**
 * Where our module in Prosody reports, on the inner listener alone.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { LARGEST_REPORT, readReport } from '../../admission/prosody/report.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import type { Secret } from '../../base/secret.ts';
import type { WebParts } from '../parts.ts';
import { data, problemJson } from '../respond.ts';
import type { Route } from '../routes.ts';
import type { Visit } from '../visit.ts';

/** The route of the module. */
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

  return [
    {
      method: 'POST',
      path: '/prosody',
      on: ['inner'],
      from: 'the machine room',
      does: 'our module in Prosody reports who is in which room, and is told whom to end; with `prosodyModule.secret` as `Authorization: Bearer`',
      handle: async (visit) => {
        if (prosody === undefined) throw new Problem('request.not-found');
        if (!shows(visit.asked.header('authorization'), prosody.secret)) return refused(visit);
        told = false;
        try {
          return data(await prosody.take(readReport(await visit.text(LARGEST_REPORT))));
        } catch (thrown) {
          if (isProblem(thrown)) metrics.count('ostiary_prosody_reports_total', { outcome: 'refused' });
          throw thrown;
        }
      },
    },
  ];
}

/** @see RFC 6750, section 2.1 */
function shows(header: string | undefined, secret: Secret): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const [, shown = ''] = /^Bearer (.+)$/is.exec(header ?? '') ?? [];
  return timingSafeEqual(digest(shown), digest(secret.reveal()));
}
