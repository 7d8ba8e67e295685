/**
 * Would Prosody find our public key where it fetches it?
 */
import { createPublicKey } from 'node:crypto';
import { isProblem } from '../../base/problem.ts';
import { asapPath } from '../../keys/publish.ts';
import type { PublicKey } from '../../keys/signing-key.ts';
import { isHindered } from './around.ts';
import { type DoctorCheck, green, grey, hindered, red } from './check.ts';
import { reasonOf } from './words.ts';

function samePem(one: string, other: string): boolean {
  try {
    return createPublicKey(one).equals(createPublicKey(other));
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return false;
    throw thrown;
  }
}

/** @see jitsi-meet, resources/prosody-plugins/token/util.lib.lua, `Util:get_public_key` */
export const checkKeys: DoctorCheck = {
  name: 'keys',
  group: 'ours',
  asks: 'Is every public key of ours where Prosody fetches it (asap_key_server)?',
  docs: 'how-to/troubleshoot.md#jitsi-says-no-after-the-sign-in',
  async run({ config, keys, at, wanted }) {
    if (config.tokens.secret !== undefined) return grey('We and Prosody share a secret; no key is fetched.');
    const found = await keys();
    if (isHindered(found)) return hindered(found);
    const server = wanted.keyServer ?? `${config.listen.inner.url}${config.prefix}/asap`;
    const { origin, pathname } = new URL(server);
    const fix = `Prosody asks ${server}/<sha256 of the kid>.pem: see that our inner listener is reached there (listen.inner), and that asap_key_server = "${server}" without a slash at its end.`;
    const askFor = async ({ kid, pem }: PublicKey) => {
      const { status, text } = await at(origin).ask({
        path: `${pathname.replace(/\/$/, '')}/${asapPath(kid)}`,
      });
      if (status !== 200) return red(`${server} answers ${status} for the key ${kid}.`, fix);
      return samePem(text, pem)
        ? undefined
        : red(
            `${server} has another key under ${kid} than we sign with.`,
            'Two installations answer there, or an old copy: let it lead to this one.',
          );
    };
    try {
      const published = await found.published();
      const wrong = (await Promise.all(published.map(askFor))).filter((one) => one !== undefined);
      return wrong.length > 0
        ? wrong
        : green(
            `${server} has ${published.length === 1 ? 'the one there is' : `all ${published.length} of them`}. Whether Prosody's own machine reaches it, the sign-in shows.`,
          );
    } catch (thrown) {
      if (!isProblem(thrown, 'outbound.failed')) throw thrown;
      return red(`${server} does not answer (${reasonOf(thrown)}).`, fix);
    }
  },
};
