/**
 * How long do the certificates hold that SAML is signed with, theirs and ours, and their metadata?
 *
 * A certificate that ran out still signs: SAML trusts the key in it. But some identity providers refuse it, and whoever
 * renews it changes the key, for which both sides want to be ready.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isProblem } from '../../base/problem.ts';
import type { Config } from '../../config/load.ts';
import type { Around } from './around.ts';
import { type DoctorCheck, green, grey, type Verdict, yellow } from './check.ts';

const DAY = 86_400_000;
/** Days in which two sides can agree on another key. */
const SOON = 30;

interface Holding {
  readonly whose: string;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly renew: string;
}

/** The certificates of a metadata document, and its own end. Whether it holds was judged by the provider's own reader. */
export function endsIn(metadata: string): readonly number[] {
  const certificates = [...metadata.matchAll(/<(?:\w+:)?X509Certificate[^>]*>([^<]+)</g)].flatMap(
    ([, text = '']) => {
      try {
        return [Date.parse(new X509Certificate(Buffer.from(text, 'base64')).validTo)];
      } catch (thrown) {
        if (thrown instanceof Error && 'code' in thrown) return [];
        throw thrown;
      }
    },
  );
  const validUntil = /<[^>]*EntityDescriptor[^>]*\bvalidUntil=["']([^"']+)["']/.exec(metadata)?.[1];
  const end = validUntil === undefined ? Number.NaN : Date.parse(validUntil);
  return [...certificates, ...(Number.isNaN(end) ? [] : [end])];
}

async function metadataOf(
  { at }: Around,
  said: NonNullable<Config['providers'][number]['saml']>,
): Promise<string | undefined> {
  try {
    if (said.metadataFile !== undefined) return readFileSync(said.metadataFile, 'utf8');
    if (said.metadataUrl === undefined) return undefined;
    const { origin, pathname, search } = new URL(said.metadataUrl);
    return (await at(origin).ask({ path: `${pathname}${search}` })).text;
  } catch (thrown) {
    // That it cannot be had is told with the provider.
    if (isProblem(thrown) || (thrown instanceof Error && 'code' in thrown)) return undefined;
    throw thrown;
  }
}

function oursIn({ saml }: Config): readonly Holding[] {
  return saml.keys.flatMap(({ certFile }): readonly Holding[] => {
    try {
      const until = Date.parse(new X509Certificate(readFileSync(certFile)).validTo);
      return [
        {
          whose: certFile,
          until,
          renew:
            'Make another one for the next key, and let both stand in saml.keys until every identity provider has fetched our metadata.',
        },
      ];
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown) return [];
      throw thrown;
    }
  });
}

function judged({ whose, until, renew }: Holding, now: number): Verdict {
  const days = Math.floor((until - now) / DAY);
  if (days < 0) return yellow(`${whose}: ended ${-days} days ago.`, renew);
  return days < SOON
    ? yellow(`${whose}: ends in ${days} days.`, renew)
    : green(`${whose}: good for ${days} days.`);
}

/** @see SAML Metadata Interoperability Profile 1.0, section 2.6.1: a certificate carries a key, and its end means nothing by itself */
export const checkSamlAge: DoctorCheck = {
  name: 'saml-age',
  group: 'providers',
  asks: 'Do the certificates and metadata of SAML, theirs and ours, hold for a month yet?',
  docs: 'how-to/saml.md',
  async run(around) {
    const { config, now } = around;
    const spoken = config.providers.filter(({ kind }) => kind === 'saml');
    if (spoken.length === 0) return grey('Nobody here speaks SAML.');
    const theirs = await Promise.all(
      spoken.map(async ({ id, saml }): Promise<readonly Holding[]> => {
        const text = saml === undefined ? undefined : await metadataOf(around, saml);
        const ends = text === undefined ? [] : endsIn(text);
        if (ends.length === 0 || saml?.federation) return [];
        return [
          {
            whose: `What ${id} publishes`,
            until: Math.min(...ends),
            renew:
              'Ask whoever runs it for the next certificate; with metadataUrl we take it by ourselves when it is published.',
          },
        ];
      }),
    );
    const all = [...theirs.flat(), ...oursIn(config)];
    return all.length > 0
      ? all.map((one) => judged(one, now()))
      : grey('Could not tell: there is no metadata of one identity provider that can be read here.');
  },
};
