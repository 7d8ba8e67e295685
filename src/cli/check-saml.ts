/**
 * Does the metadata of an identity provider hold, and may our own keys be used? It cannot be asked without a person.
 */
import { isProblem, type Problem } from '../base/problem.ts';
import type { Complaint } from '../config/complaints.ts';
import type { Config } from '../config/load.ts';
import type { Provider } from '../identity/provider.ts';
import type { CertifiedKeys } from '../keys/certified-keys.ts';
import type { Finding } from './finding.ts';

type Said = NonNullable<Config['providers'][number]['saml']>;

/** Where it stands in the settings, and when it is looked at. */
export interface SamlPlace {
  readonly path: string;
  readonly said: Said | undefined;
  /** Where our metadata is. */
  readonly ours: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What stands in its metadata, or why nothing does. `whyDown` is asked only where it is not up. */
export async function judgedSaml(
  provider: Provider,
  place: SamlPlace,
  whyDown: () => Promise<Problem>,
): Promise<Finding> {
  const subject = `provider ${provider.id}`;
  if (!provider.state().up) return { subject, complaints: [metadataComplaint(await whyDown(), place)] };
  const says = `has metadata that holds; it has to know ours, at ${place.ours}`;
  const over = (place.said?.legacy ?? []).filter(({ until }) => Date.parse(until) <= place.now);
  if (over.length === 0) return { subject, says, complaints: [] };
  const days = over.map(({ algorithm, until }) => `${algorithm} since ${until}`).join(', ');
  return { subject, warning: `${says}; saml.legacy is over, and refused again is ${days}`, complaints: [] };
}

/** Our keys from files, before an identity provider or a person asks for them. */
export async function samlKeysRead(
  config: Config,
  keys: CertifiedKeys | undefined,
): Promise<readonly Finding[]> {
  if (keys === undefined || config.saml.keys.length === 0) return [];
  const subject = 'saml keys';
  try {
    const { length } = await keys.all();
    return [{ subject, says: `${length} that can be used, each with its certificate`, complaints: [] }];
  } catch (thrown) {
    if (!isProblem(thrown, 'key.unusable')) throw thrown;
    const { why, file } = thrown.facts;
    const wrong = `cannot be used (${why}: ${file})`;
    const right =
      'PEM files that this user may read: an unencrypted RSA key of 2048 bits or more, and the certificate of that key';
    return [{ subject, complaints: [{ path: 'saml.keys', wrong, right }] }];
  }
}

const READABLE = 'a file that is there and that this user may read';
const WHOLE = 'what the identity provider publishes as its metadata, as XML';

/** What would be right, by what is wrong with the metadata itself. */
const RIGHT: Readonly<Record<string, string>> = {
  expired:
    'metadata in date: fetch it anew, or name its address in metadataUrl; and see that our clock is right',
  'no-end': 'metadata that says until when it holds (validUntil)',
  'no-identity-provider':
    'metadata of an identity provider (IDPSSODescriptor) that speaks SAML 2.0; a service provider has its own',
  'no-key': 'metadata with a certificate of the identity provider in it',
  'no-endpoint': 'metadata with a single sign-on service by HTTP-Redirect or HTTP-POST',
};

/** The setting that has to change, by what is wrong. */
function metadataComplaint({ code, facts }: Problem, { path, said }: SamlPlace): Complaint {
  const why = String(facts['why'] ?? facts['status'] ?? code);
  const at = (['metadataUrl', 'metadataFile', 'metadataQuery'] as const).find((name) => said?.[name]);
  const complaint = (setting: string | undefined, wrong: string, right: string): Complaint => ({
    path: setting === undefined ? path : `${path}.${setting}`,
    wrong,
    right,
  });
  const { instead } = facts;
  if (typeof instead === 'string')
    return complaint(
      undefined,
      `has no metadata that can be used (${why})`,
      `${instead}, which is for more than that`,
    );
  if (facts['file'] !== undefined)
    return complaint(
      facts['file'] === said?.metadataCertFile ? 'metadataCertFile' : 'metadataFile',
      `cannot be read (${why})`,
      READABLE,
    );
  switch (why) {
    case 'no-certificate':
      return complaint(
        'metadataCertFile',
        `holds no certificate (${why})`,
        'a PEM file of the certificate that signs the metadata',
      );
    case 'unsigned':
      return complaint(
        'metadataCertFile',
        `is named, but the metadata is not signed (${why})`,
        'metadata that is signed; or leave it out, where its address or file is trusted as it is',
      );
    case 'signature':
      return complaint(
        'metadataCertFile',
        `is not the one that signed the metadata, or it was changed since (${why})`,
        'the certificate of whoever signs it today',
      );
    case 'entity-missing':
    case 'provider.member-unknown':
      return complaint(
        'entityId',
        `is of no identity provider in that metadata (${why})`,
        'the entityID that stands in it, to the letter',
      );
    case 'several-entities':
      return complaint(
        'entityId',
        `is missing: the metadata holds several (${why})`,
        'the entityID of one of them, or federation',
      );
  }
  if (code === 'provider.unreachable') {
    const status = facts['status'] === undefined ? 'does not answer' : `answers with ${facts['status']}`;
    return complaint(
      at,
      facts['why'] === undefined ? status : `${status} (${why})`,
      'an address of the metadata that is reached from this machine',
    );
  }
  return complaint(at, `has no metadata that can be used (${why})`, RIGHT[why] ?? WHOLE);
}
