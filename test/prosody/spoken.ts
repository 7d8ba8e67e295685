/**
 * A stream to Prosody that a test speaks word by word, and how a client asks for TURN servers.
 *
 * @see XEP-0215
 */
import type { TestContext } from 'node:test';
import type { ClientOptions } from '../support/xmpp-client.ts';
import { muc } from './gate-stage.ts';
import { DOMAIN, type Prosody } from './prosody.ts';
import { openWebSocket } from './wire.ts';
import { child, type Element } from './xml.ts';

/** The namespace of signing in. */
export const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';

/** Binds. */
export const BIND = `<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`;

/** Asks a host for its services. */
export const SERVICES = (to: string, version = 2) =>
  `<iq xmlns='jabber:client' type='get' id='s' to='${to}'><services xmlns='urn:xmpp:extdisco:${version}'/></iq>`;

/** Asks it for credentials of one of them. */
export const CREDENTIALS = (to: string, host = 'turn.example.org') =>
  `<iq xmlns='jabber:client' type='get' id='c' to='${to}'><credentials xmlns='urn:xmpp:extdisco:2'><service type='turn' host='${host}'/></credentials></iq>`;

/** What was offered, by host. */
export const offered = (iq: Element) =>
  new Map((iq.children[0]?.children ?? []).map(({ attributes }) => [attributes['host'], attributes]));

/** A stream, spoken word by word. */
export async function stream(
  t: TestContext,
  { prosody }: { prosody: Prosody },
  {
    to = DOMAIN,
    token,
    by,
  }: { readonly to?: string; readonly token?: string; readonly by?: ClientOptions } = {},
) {
  const query =
    by === undefined ? `?room=standup${token === undefined ? '' : `&token=${token}`}` : `?${by.query}`;
  const { origin, headers } = by ?? { origin: prosody.origin, headers: {} };
  const wire = await openWebSocket({ origin, domain: to, query, headers });
  t.after(() => wire.close());
  await wire.open();
  const hears = async (meant: (heard: Element) => boolean): Promise<Element> => {
    for (;;) {
      const heard = await wire.next();
      if (meant(heard)) return heard;
    }
  };
  const ask = async (xml: string, ...names: readonly string[]): Promise<Element> => {
    await wire.send(xml);
    return hears(({ name }) => [...names, 'close'].includes(name));
  };
  /** What the metadata of a room say of TURN servers to who enters it. */
  const entering = async (room: string, nick = 'somebody') => {
    await wire.send(
      `<presence xmlns='jabber:client' to='${muc(room)}/${nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
    const told = await hears((heard) => child(heard, 'json-message') !== undefined);
    return JSON.parse(child(told, 'json-message')?.text ?? '').metadata;
  };
  const auth = (more = '', mechanism = 'ANONYMOUS') =>
    ask(`<auth xmlns='${SASL}' mechanism='${mechanism}'${more}/>`, 'success', 'failure');
  return { wire, ask, hears, auth, entering };
}

/** One of them. */
export type Stream = Awaited<ReturnType<typeof stream>>;
