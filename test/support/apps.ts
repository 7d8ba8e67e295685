/**
 * Another application at our token endpoint: what stands of it in the configuration, and how it asks.
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Answer, Stage } from './server-stage.ts';
import { ORIGIN, PREFIX } from './server-stage.ts';

/** Nobody's secret outside the tests. */
export const CRM_SECRET = 'crm-Zq8vYt2LwKf5Rj9XbNc3Hm6PdSg7Ua4E';
/** The other application's. */
export const SHOP_SECRET = 'shop-Hm6PdSg7Ua4EZq8vYt2LwKf5Rj9XbNc3';

/** Where the pages of the first application are. */
export const CRM_ORIGIN = 'https://crm.example.net';

/** Two applications of the configuration. */
export const APPS = [
  { name: 'crm', secret: CRM_SECRET, rooms: ['crm-*'], role: 'host', origins: [CRM_ORIGIN] },
  {
    name: 'shop',
    secret: SHOP_SECRET,
    rooms: ['shop-*', 'crm-open'],
    tenants: ['', 'sales'],
    lifetime: '1h',
  },
] as const;

/** What stands for the application in `Authorization`. */
export function basic(id: string, secret: string): Readonly<Record<string, string>> {
  const pair = `${encodeURIComponent(id)}:${encodeURIComponent(secret)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** Who the application asks for, where a test does not say. */
export const SOMEBODY = {
  grant_type: 'client_credentials',
  room: 'crm-7',
  subject_id: '4711',
  subject_name: 'Grace',
} as const;

/** Asks as the first application; `headers` in place of its proof. */
export function askToken(
  stage: Pick<Stage, 'ask'>,
  fields: Readonly<Record<string, string>> | URLSearchParams = SOMEBODY,
  headers: Readonly<Record<string, string>> = basic('crm', CRM_SECRET),
): Promise<Answer> {
  return stage.ask(`${PREFIX}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', ...headers },
    body: String(fields instanceof URLSearchParams ? fields : new URLSearchParams(fields)),
  });
}

/** What an answer of the endpoint holds. */
export function told({ text }: Pick<Answer, 'text'>): Readonly<Record<string, unknown>> {
  return JSON.parse(text);
}

/** The token in an answer; throws where there is none. */
export function tokenOf(answer: Pick<Answer, 'text'>): string {
  const token = told(answer)['access_token'];
  if (typeof token !== 'string') throw new Error(answer.text);
  return token;
}

/** An application with a key of its own. */
export interface Signer {
  /** For `publicKeyFile`. */
  readonly pem: string;
  /** A signed assertion with these claims in place of the right ones; undefined leaves one out. */
  assertion(now: number, claims?: Readonly<Record<string, unknown>>, header?: object): string;
}

/** Where an assertion is for. */
export const TOKEN_ENDPOINT = `${ORIGIN}${PREFIX}/token`;

/** Makes one that signs with ES256. */
export function makeSigner(name: string): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let made = 0;
  return {
    pem: String(publicKey.export({ type: 'spki', format: 'pem' })),
    assertion: (now, claims = {}, header = {}) => {
      made += 1;
      const right = {
        iss: name,
        sub: name,
        aud: TOKEN_ENDPOINT,
        iat: now,
        exp: now + 60,
        jti: `${name}-${made}`,
      };
      return es256({ alg: 'ES256', ...header }, { ...right, ...claims }, privateKey);
    },
  };
}

/** A compact JWS by ES256, whatever its header says. */
export function es256(header: object, claims: object, key: KeyObject): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** An assertion as it is shown. */
export function shown(assertion: string): Readonly<Record<string, string>> {
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  };
}
