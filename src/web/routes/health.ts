/**
 * What probes and Prometheus ask, on the inner listener alone.
 */
import type { WebParts } from '../parts.ts';
import { data } from '../respond.ts';
import type { Route } from '../routes.ts';

/** The routes of the machine room. */
export function healthRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/health',
      on: ['inner'],
      from: 'the machine room',
      does: 'does the process answer? And what does it guard',
      handle: () => data({ status: 'ok', ...parts.guarding() }),
    },
    {
      method: 'GET',
      path: '/ready',
      on: ['inner'],
      from: 'the machine room',
      does: 'should a load balancer send people here? 503 only for what another node would do better; providers in the body',
      handle: async () => {
        const { ready, body } = await parts.readiness();
        return data({ ready, ...body }, ready ? 200 : 503);
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      on: ['inner'],
      from: 'the machine room',
      does: "counts in Prometheus' text format",
      handle: async () => {
        const { text, type } = await parts.metricsText();
        return new Response(text, { headers: { 'content-type': type, 'cache-control': 'no-store' } });
      },
    },
  ];
}
