/**
 * Messages of ours on their way, signed: in an address, or in a form. What they say is written elsewhere.
 *
 * @see SAML Bindings 2.0, sections 3.4 and 3.5
 */
import { signingKey } from '../../keys/certified-keys.ts';
import type { PostForm } from '../provider.ts';
import type { SamlOptions } from './options.ts';
import { type Sent, signedAddress } from './redirect-binding.ts';

/** A message, and what an answer brings back beside it. */
export type Sending = Omit<Sent, 'key'>;

/** The address that carries it. Throws `key.none`. */
export async function inAddress(
  location: string,
  message: Sending,
  { keys }: Pick<SamlOptions, 'keys'>,
): Promise<string> {
  const { key } = await signingKey(keys);
  return signedAddress(location, { ...message, key: key.reveal() });
}

/** The form that carries it. Throws `key.none` and `saml.busy`. @see SAML Bindings 2.0, section 3.5.4 */
export async function inForm(
  action: string,
  { parameter, xml, relayState }: Sending,
  { keys, thread }: Pick<SamlOptions, 'keys' | 'thread'>,
): Promise<PostForm> {
  const { key, certificate } = await signingKey(keys);
  const signed = await thread.sign({ kind: 'sign', xml, by: { key: key.reveal(), certificate } });
  return {
    action,
    fields: {
      [parameter]: Buffer.from(signed).toString('base64'),
      ...(relayState !== undefined && { RelayState: relayState }),
    },
  };
}
