/**
 * The two doors of the house, and whether anybody should be sent to them.
 */
import type { Reports } from '../admission/prosody/reports.ts';
import type { Problem } from '../base/problem.ts';
import type { Random } from '../base/random.ts';
import type { Store } from '../base/store.ts';
import type { Config } from '../config/load.ts';
import type { ForwardAuth } from '../gateway/forward-auth.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { JitsiLook } from '../gateway/jitsi-look.ts';
import type { Provider } from '../identity/provider.ts';
import { authoritiesOf, type CanonicalParts } from '../web/canonical.ts';
import { trustedProxies } from '../web/origin.ts';
import type { Readiness, WebParts } from '../web/parts.ts';
import { inPlace, mount, type Route, type WebHandler } from '../web/routes.ts';
import { ROUTES } from '../web/table.ts';

/** One listener: how its requests are judged, and who answers them. */
export interface Door {
  readonly canonical: CanonicalParts;
  readonly handle: WebHandler;
  /** The path all our own addresses begin with. */
  readonly prefix: string;
  /** Those of our own that begin with something else. */
  readonly outside: ReadonlySet<string>;
  /** Answers for everything else, where we stand in front of Jitsi. */
  readonly gateway?: Gateway;
  /** Answers proxies that ask before they serve, before anything else here. */
  readonly forwardAuth?: ForwardAuth;
  /** Told of a request that could not be judged; it was answered already. */
  refusedEarly(problem: Problem, caller: { readonly id: string; readonly address: string }): void;
}

/** The same routes behind two listeners; what one does not serve is not there. */
export function doorsOf(
  config: Config,
  web: WebParts & { random: Random },
  { gateway, forwardAuth }: { readonly gateway?: Gateway; readonly forwardAuth?: ForwardAuth },
): { readonly public: Door; readonly inner: Door } {
  const { random, log, metrics } = web;
  const routes = ROUTES.flatMap((of): readonly Route[] => of(web));
  const trusted = trustedProxies(config.trustedProxies);
  const door = (listener: 'public' | 'inner'): Door => ({
    canonical: {
      trusted,
      random,
      authorities: listener === 'public' ? authoritiesOf([config.publicUrl, ...config.aliases]) : undefined,
    },
    handle: mount(routes, listener, web),
    prefix: config.prefix,
    outside: new Set(
      inPlace(routes, web.places).flatMap(({ path, outside, on }) =>
        outside !== undefined && on.includes(listener) ? [path] : [],
      ),
    ),
    ...(listener === 'public' && gateway && { gateway }),
    ...(listener === 'inner' && forwardAuth && { forwardAuth }),
    refusedEarly: (problem, { id, address }) => {
      metrics.count('ostiary_refused_total', { reason: problem.code });
      if (listener === 'public' && gateway)
        metrics.count('ostiary_gate_requests_total', { surface: 'unjudged', verdict: problem.code });
      log.info('refused-early', { ...problem.facts, code: problem.code, id, address });
    },
  });
  return { public: door('public'), inner: door('inner') };
}

/** What is looked at to tell whether we are ready. */
export interface ReadinessParts {
  readonly store: Store;
  readonly providers: ReadonlyMap<string, Provider>;
  /** The Jitsi behind us, where we stand in front of one. */
  readonly jitsi?: JitsiLook;
  /** What our module in Prosody reports, where one is listened to. */
  readonly prosody?: Pick<Reports, 'state'>;
  readonly draining: boolean;
  /** What is guarded at all. */
  readonly guarding: Readiness['body'];
}

/** No only for what another node would do better: a provider's outage must not empty the load balancer. */
export async function readiness({
  store,
  providers,
  jitsi,
  prosody,
  draining,
  guarding,
}: ReadinessParts): Promise<Readiness> {
  const states = Object.fromEntries(
    [...providers.values()].map((provider) => [provider.id, provider.state()]),
  );
  const stored = await store.ping().then(
    () => true,
    () => false,
  );
  const seen = jitsi?.latest();
  return {
    ready: stored && !draining,
    body: {
      ...guarding,
      store: stored,
      draining,
      providers: states,
      ...(prosody && { prosody: prosody.state().heard }),
      ...(seen && {
        jitsi: {
          version: seen.version,
          findings: seen.findings.map(
            ({ path, wrong, right }) => `${path} ${wrong}; right would be ${right}`,
          ),
        },
      }),
    },
  };
}
