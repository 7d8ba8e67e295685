/**
 * The door for proxies that ask before they serve, wired: it decides as the gateway does and has no way to Jitsi. What
 * callers are told who do not pass, the gateway tells them, behind which nothing stands here.
 */
import type { Metrics } from '../base/metrics.ts';
import { Problem } from '../base/problem.ts';
import type { Config } from '../config/load.ts';
import { createBosh } from '../gateway/bosh.ts';
import { createBrake } from '../gateway/brake.ts';
import type { JitsiValues } from '../gateway/config-js.ts';
import { createForwardAuth, type ForwardAuth } from '../gateway/forward-auth.ts';
import { createEntries } from '../gateway/forward-entries.ts';
import { createGateway } from '../gateway/gateway.ts';
import type { JitsiLook } from '../gateway/jitsi-look.ts';
import { createMachines } from '../gateway/machines.ts';
import { createNoToken } from '../gateway/no-token.ts';
import type { GatewayParts } from '../gateway/parts.ts';
import { authoritiesOf } from '../web/canonical.ts';
import { trustedProxies } from '../web/origin.ts';
import type { Behind, Keeping } from './gateway.ts';
import { headerNamesOf } from './headers.ts';
import { gatewayOptions } from './options.ts';
import { observingOf } from './stages.ts';

/** Makes it. */
export function forwardAuthOf(
  config: Config,
  { random, clock, store, sockets, boshStreams }: Keeping,
  { web, spine, staging }: Pick<Behind, 'web' | 'spine' | 'staging'>,
): ForwardAuth & { settled(): Promise<void>; close(): Promise<void> } {
  const { xmppDomain } = config.jitsi;
  const { options, ...more } = gatewayOptions(config, headerNamesOf(config));
  const trusted = trustedProxies(config.trustedProxies);
  const noToken = createNoToken({ xmppDomain, random });
  const parts: GatewayParts = {
    ...more,
    // The proxy is told tenant and query each by itself, and carries the token in the header.
    options: { ...options, xmpp: false, carry: 'header' },
    web,
    random,
    upstream: { pass: nowhere, whole: nowhere, close: async () => {} },
    upstreamSocket: { open: nowhere },
    machines: createMachines(config.machines, { trusted, xmppDomain }),
    jitsi: jitsiAsSaid(config),
    openFiles: { get: nowhere },
    readTicket: spine.readTicket,
    lookAgain: spine.lookAgain,
    sockets,
    bosh: createBosh({ clock, store, xmppDomain, streams: boshStreams, stands: sockets.stands }),
    noToken,
    brake: createBrake(clock, undefined),
  };
  const observing = staging && observingOf(parts, staging.unheard, { ...web, observed: staging.observed });
  const forwardAuth = createForwardAuth({
    ...parts,
    staging: staging && observing && { stages: staging.stages, observing, clock },
    canonical: { trusted, random, authorities: undefined },
    authorities: authoritiesOf([config.publicUrl, ...config.aliases]),
    entries: createEntries(web),
    answers: createGateway({
      ...parts,
      // A frame without cookies would be sent a page from here, and there is none: it is not offered the way to it.
      open: { ...parts.open, assets: false },
      web: { ...web, metrics: countedOnce(web.metrics) },
    }),
  });
  const settled = async () => observing?.settled();
  return {
    ...forwardAuth,
    settled,
    close: async () => {
      noToken.close();
      await settled();
    },
  };
}

/** Whoever would pass comes again: the proxy was told no a moment ago. Throws `upstream.unreachable`. */
async function nowhere(): Promise<never> {
  throw new Problem('upstream.unreachable', { why: 'the proxy passes requests on' });
}

/** Requests were counted when the proxy asked. */
function countedOnce(metrics: Metrics): Metrics {
  return {
    ...metrics,
    count: (name, labels) => {
      if (name !== 'ostiary_gate_requests_total' && name !== 'ostiary_entries_total')
        metrics.count(name, labels);
    },
  };
}

/** What Jitsi's config.js would say to apps, as far as the settings know it: Jitsi is not asked here. */
function jitsiAsSaid({ jitsi, forwardAuth, publicUrl }: Config): JitsiLook {
  const values: JitsiValues = {
    hosts: { domain: jitsi.xmppDomain, muc: forwardAuth.mucDomain ?? `conference.${jitsi.xmppDomain}` },
    websocket: `${publicUrl.replace(/^http/, 'ws')}/xmpp-websocket`,
    deeplinking: jitsi.deeplinking ?? {},
    unclear: [],
  };
  return {
    configJs: async () => ({ values: () => values }),
    look: async () => ({ version: 'not looked at', findings: [] }),
    latest: () => undefined,
  };
}
