/**
 * Which apps Jitsi's links lead into, as the operator says, or as Jitsi does.
 */
import { isProblem } from '../base/problem.ts';
import type { Config } from '../config/load.ts';
import type { WebParts } from '../web/parts.ts';
import type { Jitsi } from './gateway.ts';

/** What the operator says of apps; else what Jitsi's config.js does, where we see it; else Jitsi's own. */
export function deepLinkingOf(config: Config, jitsi: Jitsi | undefined): Pick<WebParts, 'deepLinking'> {
  const said = config.jitsi.deeplinking;
  if (said !== undefined) return { deepLinking: async () => said };
  if (jitsi === undefined) return {};
  return {
    deepLinking: async (tenant) => {
      try {
        return (await jitsi.look.configJs()).values(tenant).deeplinking;
      } catch (thrown) {
        // The look has said so already; nobody stays outside for want of an app's name.
        if (isProblem(thrown) && thrown.code.startsWith('upstream.')) return {};
        throw thrown;
      }
    },
  };
}
