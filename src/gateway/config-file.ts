/**
 * Jitsi's config.js: its own for whoever is signed in; for the apps of strangers,
 * where the operator lets them, one of ours with names and addresses alone.
 */
import type { GateVerdict } from '../base/metrics.ts';
import type { TenantName } from '../base/room.ts';
import type { Soon } from '../base/soon.ts';
import { whenThere } from '../base/soon.ts';
import { send } from './answer.ts';
import { through } from './assets.ts';
import { machineAt } from './machine.ts';
import { minimalConfig } from './minimal-config.ts';
import type { GatewayParts, Passage } from './parts.ts';
import { strangerAt } from './stranger.ts';

/** Seconds an app may keep it. */
const KEPT = 60;

/** Answers a request for config.js. */
export function configFile(
  passage: Passage,
  tenant: TenantName | undefined,
  parts: GatewayParts,
): Soon<GateVerdict> {
  const { asked } = passage;
  const wants = { kind: 'asset' } as const;
  return whenThere(parts.web.admit({ asked, wants }), (outcome) => {
    if (outcome.kind === 'seen') return through(passage, parts);
    if (machineAt(passage, 'assets', parts)) return through(passage, parts, 'machine');
    return parts.open.apps ? minimal(passage, tenant, parts) : strangerAt(passage, parts);
  });
}

/** From what was read a while ago: however many strangers ask, Jitsi is asked once a minute. */
async function minimal(
  { asked, outgoing }: Passage,
  tenant: TenantName | undefined,
  { web, jitsi }: GatewayParts,
): Promise<GateVerdict> {
  const { publicUrl, prefix } = web.places;
  const values = (await jitsi.configJs()).values(tenant);
  const text = minimalConfig(values, { publicUrl, prefix, ...(tenant !== undefined && { tenant }) });
  const headers = {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': `public, max-age=${KEPT}`,
    'x-content-type-options': 'nosniff',
    // Pages of others that embed a meeting read it too; there is nothing in it that they could not know.
    'access-control-allow-origin': '*',
    // A signed-in browser gets Jitsi's own under the same address.
    vary: 'Cookie',
  };
  return send(outgoing, new Response(asked.method === 'HEAD' ? null : text, { headers }), 'open');
}
