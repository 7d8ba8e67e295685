/**
 * The sign-in service of a first configuration: what has to be known of it, and its settings.
 *
 * No question is for a secret: of one only the file is named.
 */
import { PRESETS } from '../../identity/presets.ts';
import type { Given } from '../command.ts';
import type { Tree } from '../migrate/reader.ts';
import { type Asking, flagText, type Question } from './ask.ts';

/** What every service has. */
interface Named {
  /** Stands in the redirect URI, and in the id of everybody. */
  readonly id: string;
  /** What the button says. */
  readonly name: string;
}

/** The service that people sign in at. */
export type Service = Named &
  (
    | {
        readonly kind: 'oidc';
        readonly issuer: string;
        readonly preset: string;
        readonly clientId: string;
        /** Undefined for a public client. */
        readonly secretFile: string | undefined;
      }
    | { readonly kind: 'saml'; readonly metadata: string }
    | {
        readonly kind: 'ldap';
        readonly url: string;
        readonly base: string;
        /** Undefined where the directory is read as anybody may. */
        readonly bindDn: string | undefined;
        readonly secretFile: string | undefined;
      }
  );

/** Flags by which it is known what kind of service is meant. */
const TELLING = [
  ['saml', 'saml-metadata'],
  ['ldap', 'ldap-url'],
  ['oidc', 'issuer'],
] as const;

const KINDS = ['oidc', 'saml', 'ldap'];
/** In place of the file of a secret. */
const NO_SECRET = 'none';

const isWebAddress = (text: string) => /^https?:\/\/\S+$/.test(text) && URL.canParse(text);
const isFile = (text: string) => /^[\w.~/@+-]*\/[\w.@+-]+$/.test(text);
const oneOf = (words: readonly string[]) => (text: string) => words.includes(text);
const isWord = (text: string) => text !== '';
const PRESET_NAMES = Object.keys(PRESETS);

/** Asks for it. */
export async function askService(given: Given, { say }: Asking): Promise<Service> {
  const kind = await say(kindQuestion(given));
  const found = await (kind === 'saml' ? askSaml(say) : kind === 'ldap' ? askLdap(say) : askOidc(say));
  const id = await say(idQuestion(found));
  const name = await say(nameQuestion(found, id));
  return { ...found, id, name };
}

type Say = Asking['say'];
type Found = { readonly [Kind in Service['kind']]: Omit<Extract<Service, { kind: Kind }>, keyof Named> };

async function askOidc(say: Say): Promise<Found['oidc']> {
  const issuer = await say(ISSUER);
  const preset = await say(presetQuestion(issuer));
  const clientId = await say(CLIENT_ID);
  return { kind: 'oidc', issuer, preset, clientId, secretFile: fileOf(await say(SECRET_FILE)) };
}

async function askSaml(say: Say): Promise<Found['saml']> {
  return { kind: 'saml', metadata: await say(METADATA) };
}

async function askLdap(say: Say): Promise<Found['ldap']> {
  const [url, base, bound] = [await say(LDAP_URL), await say(LDAP_BASE), await say(BIND_DN)];
  const bindDn = fileOf(bound);
  const secretFile = bindDn === undefined ? undefined : await say(BIND_FILE);
  return { kind: 'ldap', url, base, bindDn, secretFile };
}

function fileOf(answer: string): string | undefined {
  return answer === NO_SECRET ? undefined : answer;
}

function kindQuestion(given: Given): Question {
  const [known] = TELLING.find(([, flag]) => flagText(given, flag) !== undefined) ?? [];
  return {
    flag: 'kind',
    asks: 'How do people sign in: oidc (OpenID Connect), saml or ldap?',
    otherwise: known ?? 'oidc',
    right:
      'oidc, saml or ldap; for accounts of Prosody, of a file, or of a proxy in front see docs/how-to/accounts.md and docs/how-to/trusted-header.md',
    fits: oneOf(KINDS),
    ...(known !== undefined && { unasked: true }),
  };
}

const ISSUER: Question = {
  flag: 'issuer',
  asks: 'The issuer of the sign-in service?',
  right: 'an address as the service writes it, as https://id.example.org/realms/example',
  fits: isWebAddress,
};

function presetQuestion(issuer: string): Question {
  return {
    flag: 'preset',
    asks: `What kind of service is it (${PRESET_NAMES.join(', ')})?`,
    otherwise: presetOf(issuer),
    right: `one of ${PRESET_NAMES.join(', ')}`,
    fits: oneOf(PRESET_NAMES),
  };
}

const CLIENT_ID: Question = {
  flag: 'client-id',
  asks: 'The client id the service gave us?',
  right: 'the client id as it stands at the service',
  fits: isWord,
};

const SECRET_FILE: Question = {
  flag: 'client-secret-file',
  asks: 'The file that holds, or will hold, the client secret (its name, never the secret; none for a public client)?',
  otherwise: 'secrets/oidc',
  // Of a secret that was pasted here most are known by this, and none is repeated.
  right: 'the name of a file with its folder, as secrets/oidc; or none, for a public client (PKCE alone)',
  fits: (text) => text === NO_SECRET || isFile(text),
};

const METADATA: Question = {
  flag: 'saml-metadata',
  asks: "Where is the identity provider's metadata: its address, or a file?",
  right:
    'an address as https://idp.example.org/metadata, or a file with its folder; of a federation, see docs/how-to/federation.md',
  fits: (text) => isWebAddress(text) || isFile(text),
};

const LDAP_URL: Question = {
  flag: 'ldap-url',
  asks: 'Where is the directory?',
  right:
    'an address as ldaps://ldap.example.org; for StartTLS and an authority of your own see docs/how-to/ldap.md',
  fits: (text) => /^ldaps?:\/\/[^\s/]+$/.test(text),
};

const LDAP_BASE: Question = {
  flag: 'ldap-base',
  asks: 'Below which entry are the people?',
  right: 'a name as ou=people,dc=example,dc=org',
  fits: (text) => /^\w[\w.-]*=./.test(text),
};

const BIND_DN: Question = {
  flag: 'ldap-bind-dn',
  asks: 'Which account looks people up (none: as anybody may)?',
  otherwise: NO_SECRET,
  right: 'a name as cn=ostiary,ou=services,dc=example,dc=org, or none',
  fits: (text) => text === NO_SECRET || /^\w[\w.-]*=.|^\S+@\S+$|^\S+\\\S+$/.test(text),
};

const BIND_FILE: Question = {
  flag: 'ldap-password-file',
  asks: 'The file that holds, or will hold, its password (its name, never the password)?',
  otherwise: 'secrets/ldap',
  right: 'the name of a file with its folder, as secrets/ldap',
  fits: isFile,
};

/** An id is told and not asked for: what follows from the service will do. */
function idQuestion(found: Found[Service['kind']]): Question {
  return {
    flag: 'provider-id',
    asks: 'A short id for it, which never changes?',
    otherwise: idOf(found),
    unasked: true,
    right: 'up to 32 lower-case letters, digits and hyphens',
    fits: (text) => /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/.test(text),
  };
}

function nameQuestion(found: Found[Service['kind']], id: string): Question {
  const preset = found.kind === 'oidc' ? found.preset : 'generic';
  return {
    flag: 'provider-name',
    asks: 'What shall its button say?',
    otherwise: preset !== 'generic' && isPreset(preset) ? PRESETS[preset].title : id,
    right: 'a name that people know, as "University account"',
    fits: isWord,
  };
}

function isPreset(name: string): name is keyof typeof PRESETS {
  return Object.hasOwn(PRESETS, name);
}

/** By what an issuer looks like there. */
function presetOf(issuer: string): string {
  const kinds: readonly (readonly [RegExp, string])[] = [
    [/\/realms\/[^/]+\/?$/, 'keycloak'],
    [/^https:\/\/login\.microsoftonline\.com\//, 'entra'],
    [/^https:\/\/accounts\.google\.com\/?$/, 'google'],
    [/\/application\/o\/[^/]+\/?$/, 'authentik'],
    [/\.zitadel\.cloud\/?$/, 'zitadel'],
  ];
  return kinds.find(([like]) => like.test(issuer))?.[1] ?? 'generic';
}

/** Names of machines that say what they do, and of domains that say whose they are not. */
const SAYS_NOTHING =
  /^(?:accounts?|adfs|auth|co|com|edu|gov|ac|id|identity|idp|login|net|oauth|oidc|openid|org|shibboleth|signin|sso|www)$/;

/** What it is called where nobody says: the kind of service, else the first word of its host name that says something. */
function idOf(found: Found[Service['kind']]): string {
  switch (found.kind) {
    case 'oidc':
      return found.preset === 'generic' ? (wordOf(found.issuer) ?? 'sso') : found.preset;
    case 'saml':
      return wordOf(found.metadata) ?? 'saml';
    case 'ldap':
      return 'directory';
  }
}

function wordOf(url: string): string | undefined {
  const host = URL.parse(url)?.hostname ?? '';
  const labels = host.split('.').slice(0, -1);
  return labels.find((label) => /^[a-z][a-z0-9-]{1,31}$/.test(label) && !SAYS_NOTHING.test(label));
}

/** The entry under `providers`. `withSecret` is false where it is only tried, and the secret is not there yet. */
export function serviceSettings(service: Service, withSecret: boolean): Tree {
  const { id, name, kind } = service;
  const named = { id, ...(name !== id && { name }) };
  switch (kind) {
    case 'oidc': {
      const { preset, issuer, clientId, secretFile } = service;
      return {
        ...{ ...named, preset, issuer, clientId },
        ...(withSecret && secretFile !== undefined && { clientSecret: { file: secretFile } }),
      };
    }
    case 'saml': {
      const { metadata } = service;
      return {
        ...{ ...named, kind },
        saml: isWebAddress(metadata) ? { metadataUrl: metadata } : { metadataFile: metadata },
      };
    }
    case 'ldap': {
      const { url, base, bindDn, secretFile } = service;
      return {
        ...{ ...named, kind },
        ldap: {
          urls: [url],
          ...(withSecret && bindDn !== undefined && { bindDn, bindPassword: { file: secretFile } }),
          base,
        },
      };
    }
  }
}

/** The file of its secret; undefined where it has none. */
export function secretFileOf(service: Service): string | undefined {
  return service.kind === 'saml' ? undefined : service.secretFile;
}
