/**
 * The gateway, wired: in front of the Jitsi that was opened, on the way that our own doors have too.
 */
import type { Observed } from '../admission/observed.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Store } from '../base/store.ts';
import type { Config } from '../config/load.ts';
import { createBosh } from '../gateway/bosh.ts';
import { boshSay } from '../gateway/bosh-say.ts';
import { type BoshStreams, boshKey } from '../gateway/bosh-streams.ts';
import { createBrake } from '../gateway/brake.ts';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import { towardsUpstream } from '../gateway/headers.ts';
import type { JitsiLook } from '../gateway/jitsi-look.ts';
import { createMachines } from '../gateway/machines.ts';
import { createNoToken } from '../gateway/no-token.ts';
import { createOpenFiles } from '../gateway/open-files.ts';
import type { GatewayParts } from '../gateway/parts.ts';
import type { Sockets } from '../gateway/sockets.ts';
import { createStaged } from '../gateway/staged.ts';
import type { UpstreamHttp } from '../gateway/upstream-http.ts';
import type { UpstreamSocket } from '../gateway/upstream-socket.ts';
import type { Stages } from '../policy/rollout.ts';
import { trustedProxies } from '../web/origin.ts';
import type { WebParts } from '../web/parts.ts';
import { headerNamesOf } from './headers.ts';
import { gatewayOptions } from './options.ts';
import type { Spine } from './spine.ts';
import { observingOf } from './stages.ts';

/** The Jitsi behind us, where we stand in front of one: the ways to it, and what is seen of it. */
export interface Jitsi {
  readonly upstream: UpstreamHttp;
  readonly upstreamSocket: UpstreamSocket;
  readonly look: JitsiLook;
}

/** Whom Jitsi's web server hears of where we ask for ourselves. */
const OURSELVES = '127.0.0.1';

/** What outlives a reading of the configuration. */
export interface Keeping {
  readonly random: Random;
  readonly clock: Clock;
  readonly store: Store;
  readonly sockets: Sockets;
  readonly boshStreams: BoshStreams;
}

/** What it stands between. */
export interface Behind {
  readonly jitsi: Jitsi;
  readonly web: WebParts;
  readonly spine: Spine;
  /** Where not everything is guarded. */
  readonly staging?: Staging | undefined;
}

/** What is guarded, and what is looked at that is not. */
export interface Staging {
  readonly stages: Stages;
  readonly observed: Observed;
  /** Decides as the other, and writes nothing down. */
  readonly unheard: Spine;
}

/** What stands in front of Jitsi. */
export function gatewayOf(
  config: Config,
  { random, clock, store, sockets, boshStreams }: Keeping,
  { jitsi, web, spine, staging }: Behind,
): Gateway & { settled(): Promise<void>; close(): Promise<void> } {
  const { upstream } = jitsi;
  const { xmppDomain } = config.jitsi;
  const noToken = createNoToken({ xmppDomain, random });
  const options = gatewayOptions(config, headerNamesOf(config));
  boshStreams.speakBy(boshSay({ upstream, front: options.front }));
  const parts: GatewayParts = {
    ...options,
    web,
    random,
    upstream,
    upstreamSocket: jitsi.upstreamSocket,
    machines: createMachines(config.machines, {
      trusted: trustedProxies(config.trustedProxies),
      xmppDomain,
    }),
    jitsi: jitsi.look,
    openFiles: createOpenFiles({
      clock,
      ask: (file, most) => {
        // Nobody's request: it is fetched for whoever comes.
        const headers = towardsUpstream([], { front: options.front, address: OURSELVES });
        return upstream.whole({ to: 'web', method: 'GET', path: file, headers }, most);
      },
    }),
    readTicket: spine.readTicket,
    lookAgain: spine.lookAgain,
    sockets,
    bosh: createBosh({ clock, store, xmppDomain, streams: boshStreams, stands: sockets.stands }),
    noToken,
    brake: createBrake(clock, config.upstream.maxJoinsPerSecond),
  };
  const guarding = createGateway(parts);
  const observing = staging && observingOf(parts, staging.unheard, { ...web, observed: staging.observed });
  const gateway =
    staging && observing
      ? createStaged(guarding, {
          ...{ ...parts, stages: staging.stages, observing, clock },
          isOwned: async (sid) => (await store.get(boshKey(sid))) !== undefined,
        })
      : guarding;
  return {
    ...gateway,
    settled: async () => {
      await observing?.settled();
    },
    close: async () => {
      noToken.close();
      await observing?.settled();
      await jitsi.upstream.close();
    },
  };
}
