/**
 * A Prosody that judges tokens by our own judge and fetches keys over HTTP, with the memory Jitsi's modules have.
 *
 * By PEM it never forgets a key; by JWKS it asks again a minute before the document runs out, believes what it
 * read until then, and asks for nothing in between.
 * @see jitsi-meet, resources/prosody-plugins/token/util.lib.lua, `Util:get_public_key`, `Util:start_cache_keys_url_refresh`
 */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { type Clock, unixSeconds } from '../../src/base/clock.ts';
import { judge, type Verdict } from '../../src/tokens/prosody.ts';
import { APP_ID, PREFIX, type Stage } from './server-stage.ts';

/** How keys are fetched. */
export type KeyMode = 'asap' | 'jwks';

/** One Prosody. */
export interface ProsodyJudge {
  /** What becomes of a connection with this token. */
  judge(token: string): Promise<Verdict>;
}

/** Seconds a key stays believed after it left the JWKS. */
const AFTER_REMOVAL = 5400;
const ASK_EARLIER = 60;

/** Starts one beside a stage, with a clock of its own if given. */
export function startProsodyJudge(stage: Stage, mode: KeyMode, clock: Clock = stage.clock): ProsodyJudge {
  const keyOf = mode === 'asap' ? pems(stage) : jwks(stage, clock);
  return {
    judge: async (token) => {
      const { kid } = headerOf(token);
      const key = await keyOf(kid ?? '');
      return judge(
        token,
        { algorithm: 'RS256', issuers: [APP_ID], audiences: [APP_ID] },
        {
          now: unixSeconds(clock),
          hasKey: () => key !== undefined,
          verify: (...[, , input, signature]) =>
            key !== undefined && verify('sha256', Buffer.from(input), key, signature),
        },
      );
    },
  };
}

/** The header of a token, unjudged. */
export function headerOf(token: string): { readonly kid?: string; readonly alg?: string } {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
}

function pems(stage: Stage): (kid: string) => Promise<KeyObject | undefined> {
  const kept = new Map<string, KeyObject>();
  return async (kid) => {
    const known = kept.get(kid);
    if (known !== undefined) return known;
    const file = createHash('sha256').update(kid).digest('hex');
    const { status, text } = await stage.ask(`${PREFIX}/asap/${file}.pem`, { on: 'inner' });
    if (status !== 200) return undefined;
    const key = createPublicKey(text);
    kept.set(kid, key);
    return key;
  };
}

function jwks(stage: Stage, clock: Clock): (kid: string) => Promise<KeyObject | undefined> {
  const known = new Map<string, { readonly key: KeyObject; seenAt: number }>();
  let askAgain = Number.NEGATIVE_INFINITY;
  return async (kid) => {
    const now = unixSeconds(clock);
    if (now >= askAgain) {
      const { text, headers } = await stage.ask(`${PREFIX}/jwks.json`, { on: 'inner' });
      const maxAge = Number(/max-age=(\d+)/.exec(headers.get('cache-control') ?? '')?.[1]);
      askAgain = now + maxAge - ASK_EARLIER;
      for (const jwk of JSON.parse(text).keys)
        known.set(jwk.kid, { key: createPublicKey({ key: jwk, format: 'jwk' }), seenAt: now });
    }
    const found = known.get(kid);
    return found !== undefined && now < found.seenAt + AFTER_REMOVAL ? found.key : undefined;
  };
}
