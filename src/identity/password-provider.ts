/**
 * What all providers are made of that are asked with a name and a password typed into a page of ours: they show no
 * page, know no sign-out, and are asked whether they are there.
 */
import type { Clock } from '../base/clock.ts';
import { isProblem, Problem } from '../base/problem.ts';
import { PASSWORD_PAGE, passwordPageFor } from './password.ts';
import type { Provider } from './provider.ts';
import { type Health, watched } from './provider-health.ts';

/** What each does in its own way. Every one of these may throw what `Provider` says of it. */
export interface PasswordWork {
  readonly finish: (fields: URLSearchParams) => ReturnType<Provider['finish']>;
  readonly recheck: Provider['recheck'];
  /** Is it there, and can it be used? */
  readonly look: () => Promise<unknown>;
  /** The same for everything it consists of, where that is more than one. */
  readonly tryEach?: Provider['tryClient'];
}

/** What such a provider is called, and what it is watched by. */
export interface PasswordProviderParts {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly clock: Clock;
  readonly health: Health;
}

/** Milliseconds for which one that answered is not asked again whether it is there. */
const STILL_THERE = 30_000;
/** The same for one that did not. */
const STILL_AWAY = 3000;

/** Makes one. Asks nothing yet. */
export function createPasswordProvider(
  { id, name, kind, clock, health }: PasswordProviderParts,
  { finish, recheck, look, tryEach }: PasswordWork,
): Provider {
  let lookedAt = Number.NEGATIVE_INFINITY;
  return {
    id,
    name,
    answersAt: PASSWORD_PAGE,
    origins: () => [],
    start: async (started) => passwordPageFor(started),
    finish: (fields) => watched(health, () => finish(fields)),
    recheck,
    logoutForm: async () => undefined,
    readLogoutToken: async () => {
      throw new Problem('logout-token.unacceptable', { provider: id, why: kind });
    },
    state: () => health.state(),
    tryClient: async (redirectUri) => {
      if (tryEach !== undefined) return watched(health, () => tryEach(redirectUri));
      await watched(health, look);
      return {};
    },
    warm: async () => {
      const since = clock.now() - lookedAt;
      if (since >= 0 && since < (health.state().up ? STILL_THERE : STILL_AWAY)) return;
      lookedAt = clock.now();
      try {
        await watched(health, look);
      } catch (thrown) {
        // The answer is in `state()`, and was logged there.
        if (!isProblem(thrown)) throw thrown;
      }
    },
  };
}
