/**
 * Those whose tokens callers may bring: are their keys there, and has each a secret of its own?
 */
import { issOf } from '../config/bearer.ts';
import type { Config } from '../config/load.ts';
import { alsoHeldBy, keyComplaint } from './check-keys.ts';
import type { Finding } from './finding.ts';

/** Looks at every one, and fetches what it publishes. */
export function checkBearer(config: Config, now: () => number): Promise<readonly Finding[]> {
  return Promise.all(
    config.bearer.issuers.map(async (said, at): Promise<Finding> => {
      const discoveredAt = issOf(said, config.providers) ?? '';
      const subject = `bearer tokens of ${discoveredAt}`;
      if (said.secret !== undefined) {
        const others = config.issuers.map(({ iss, secret }) => ({ who: iss, secret }));
        const held = alsoHeldBy(said.secret, [{ who: 'Prosody', secret: config.tokens.secret }, ...others]);
        return held === undefined
          ? { subject, says: 'have a secret of their own', complaints: [] }
          : {
              subject,
              warning: `are signed with the secret of ${held} too: right would be one of its own`,
              complaints: [],
            };
      }
      const about = { config, path: `bearer.issuers[${at}]`, now };
      const wrong = await keyComplaint(
        { ...said, discoveredAt, algorithm: said.algorithm ?? 'RS256' },
        about,
      );
      return wrong === undefined
        ? { subject, says: 'have keys that hold them', complaints: [] }
        : { subject, complaints: [wrong] };
    }),
  );
}
