/**
 * Names that identity providers have for people: as they are given back at sign-out, and as sessions are listed by
 * them.
 */
import { digest } from '../../base/random.ts';
import { Secret } from '../../base/secret.ts';
import type { NameId } from './expected.ts';
import { NAME_ID } from './names.ts';

/** A name as it is given back at sign-out, to the letter: some identity providers know it in no other way. */
export function writeName(nameId: NameId): Secret {
  return new Secret(JSON.stringify(nameId));
}

/** The same, read again; undefined for what is none. */
export function readName(text: string): NameId | undefined {
  const read = JSON.parse(text) as Partial<NameId>;
  return typeof read.value === 'string' && typeof read.format === 'string' ? (read as NameId) : undefined;
}

/**
 * A name as sessions are listed by it. Two names are one if they agree in all their parts; a part that is left out is
 * the two who speak.
 *
 * @see SAML Core 2.0, sections 3.3.4 and 8.3.7
 */
export function subjectOfName(
  { value, format, nameQualifier, spNameQualifier }: NameId,
  { idp, sp }: { readonly idp: string; readonly sp: string },
): string {
  const kind = format === '' ? NAME_ID.unspecified : format;
  return digest(JSON.stringify([value, kind, nameQualifier ?? idp, spNameQualifier ?? sp]));
}
