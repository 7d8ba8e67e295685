import { freePort } from '../http-server.ts';
import type { KeyPair } from '../saml-idp.ts';
import { startWithShibd } from './apache-front.ts';

/** What it made of a response. */
export type Found =
  | { readonly kind: 'signed-in'; readonly nameId?: string; readonly mail?: string }
  /** `why` is what it told the browser. */
  | { readonly kind: 'refused'; readonly why: string };

/** A running service provider. */
export interface ModShib {
  /** Posts a response as a browser does. */
  post(xml: string): Promise<Found>;
  log(): string;
  stop(): Promise<void>;
}

/** Who it takes itself for, and whom it believes. */
export interface ModShibParts {
  readonly entityId: string;
  /** Of it the folder becomes its handlers' address. */
  readonly acs: string;
  readonly key: KeyPair;
  /** Metadata of identity providers, one document each. */
  readonly metadata: readonly string[];
}

const ATTRIBUTES = `<Attributes xmlns="urn:mace:shibboleth:2.0:attribute-map" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Attribute name="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" id="who"><AttributeDecoder xsi:type="NameIDAttributeDecoder" formatter="$Name" defaultQualifiers="false"/></Attribute>
  <Attribute name="urn:oid:0.9.2342.19200300.100.1.3" id="mail"/>
</Attributes>
`;

/** Starts both programs. */
export async function startModShib({ entityId, acs, key, metadata }: ModShibParts): Promise<ModShib> {
  const { pathname, origin } = new URL(acs);
  const handlers = pathname.slice(0, pathname.lastIndexOf('/'));
  const here = `http://127.0.0.1:${await freePort()}`;
  const at = (path: string) => `${here}${new URL(path, acs).pathname}`;
  const front = await startWithShibd(
    {
      ...{ entityId, remoteUser: 'who', attributes: ATTRIBUTES, key, metadata },
      sessions: ` handlerURL="${handlers}"`,
      handlers: `<md:AssertionConsumerService Location="${pathname.slice(handlers.length)}" index="1" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"/>
      <Handler type="Session" Location="/Session" contentType="application/json" showAttributeValues="true"/>`,
    },
    {
      origin: here,
      callsItself: origin,
      lines: `<Location />
  AuthType shibboleth
  ShibRequestSetting requireSession 0
  Require shibboleth
</Location>
`,
      ready: at('Status'),
    },
  );
  return {
    post: async (xml) => {
      const answer = await fetch(at('acs'), {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ SAMLResponse: Buffer.from(xml).toString('base64') }),
        signal: AbortSignal.timeout(20_000),
      });
      const text = await answer.text();
      const session = answer.headers
        .getSetCookie()
        .map((cookie) => cookie.split(';')[0] ?? '')
        .find((cookie) => cookie.startsWith('_shibsession_'));
      if (session === undefined) return { kind: 'refused', why: whyOf(text) };
      const asked = await fetch(at('Session'), {
        headers: { cookie: session },
        signal: AbortSignal.timeout(20_000),
      });
      const page = (await asked.json()) as SessionPage;
      // Without a life of its own it is over when it begins.
      return page.expiration === undefined
        ? { kind: 'refused', why: 'the session is over' }
        : { kind: 'signed-in', ...toldBy(page) };
    },
    log: () => front.log(),
    stop: () => front.stop(),
  };
}

interface SessionPage {
  readonly expiration?: number;
  readonly attributes?: readonly { readonly name: string; readonly values: readonly string[] }[];
}

function toldBy({ attributes = [] }: SessionPage): { nameId?: string; mail?: string } {
  const value = (wanted: string) => attributes.find(({ name }) => name === wanted)?.values.join(';');
  const [nameId, mail] = [value('who'), value('mail')];
  return { ...(nameId !== undefined && { nameId }), ...(mail !== undefined && { mail }) };
}

/** The sentence of its error page. */
function whyOf(page: string): string {
  const text = page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  return / at \(\S+\) (.{1,200})/.exec(text)?.[1]?.trim() ?? text.slice(0, 200).trim();
}
