/**
 * A guest at Prosody's door, as Jitsi's web client is one: a token in the query or the header, SASL ANONYMOUS, a room.
 *
 * Tells what Prosody answered and judges nothing.
 */
import { openBosh, openWebSocket, type Wire } from './wire.ts';
import { child, type Element, escaped } from './xml.ts';

/** Where the token rides, and on what. */
export interface How {
  readonly via: 'header' | 'query';
  readonly transport: 'websocket' | 'bosh';
}

/** All four ways to come. */
export const WAYS: readonly How[] = [
  { via: 'header', transport: 'websocket' },
  { via: 'query', transport: 'websocket' },
  { via: 'header', transport: 'bosh' },
  { via: 'query', transport: 'bosh' },
];

/** Where to connect. */
export interface Door {
  /** Without path: `http://127.0.0.1:5280`. */
  readonly origin: string;
  /** The VirtualHost. */
  readonly domain: string;
  /** The address of the MUC. */
  readonly muc: string;
}

/** Why a join failed. */
export interface JoinError {
  /** The stanza error's condition, as `not-allowed`. */
  readonly condition: string;
  readonly text: string;
  /** Jitsi's own element beside it, as `room-mismatch`. */
  readonly child?: string;
}

/** Somebody Prosody let in. */
export interface Session {
  readonly jid: string;
  /** Joins the room at this node of the MUC. */
  join(node: string): Promise<'joined' | JoinError>;
  /** The same under a name, until the room says that they are this in it. Fails where they do not come in. */
  joinAs(node: string, nick: string, affiliation?: string): Promise<void>;
  close(): Promise<void>;
}

/** What became of a connection. */
export type Connected =
  | { readonly accepted: true; readonly session: Session }
  | { readonly accepted: false; readonly condition: string; readonly text: string };

/** Tokens as a request may carry them: none, one, or two. */
export interface Tokens {
  readonly header?: string;
  readonly query?: string;
}

/** Connects as the web client does. Throws only where Prosody says nothing, or nothing that is XMPP. */
export function connect(door: Door, token: string | undefined, { via, transport }: How): Promise<Connected> {
  return connectWith(door, token === undefined ? {} : { [via]: token }, transport);
}

/** Connects with any tokens at once. Throws as `connect`. */
export async function connectWith(
  door: Door,
  { header, query }: Tokens,
  transport: How['transport'],
): Promise<Connected> {
  const options = {
    origin: door.origin,
    domain: door.domain,
    query: query === undefined ? '' : `?token=${encodeURIComponent(query)}`,
    headers: header === undefined ? {} : { authorization: `Bearer ${header}` },
  };
  const wire = await (transport === 'websocket' ? openWebSocket(options) : openBosh(options));
  try {
    const failure = await authenticate(wire);
    if (failure === undefined) return { accepted: true, session: await bind(wire, door) };
    await wire.close();
    return { accepted: false, ...failure };
  } catch (cause) {
    await wire.close();
    throw cause;
  }
}

async function nextNamed(wire: Wire, ...names: readonly string[]): Promise<Element> {
  for (;;) {
    const element = await wire.next();
    if (names.includes(element.name)) return element;
  }
}

async function authenticate(wire: Wire): Promise<{ condition: string; text: string } | undefined> {
  await wire.open();
  await nextNamed(wire, 'stream:features');
  await wire.send(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>`);
  const answer = await nextNamed(wire, 'success', 'failure');
  if (answer.name === 'success') return undefined;
  const condition = answer.children.find(({ name }) => name !== 'text')?.name ?? '';
  return { condition, text: child(answer, 'text')?.text ?? '' };
}

async function bind(wire: Wire, { muc }: Door): Promise<Session> {
  await wire.open();
  await nextNamed(wire, 'stream:features');
  await wire.send(
    `<iq xmlns='jabber:client' type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`,
  );
  const answer = await nextNamed(wire, 'iq');
  const jid = child(child(answer, 'bind'), 'jid')?.text ?? '';
  return {
    jid,
    join: (node) => join(wire, `${node}@${muc}/guest`),
    joinAs: (node, nick, affiliation) => joinAs(wire, `${node}@${muc}/${nick}`, affiliation),
    close: () => wire.close(),
  };
}

/** @see XEP-0045, section 7.2 */
async function join(wire: Wire, address: string, affiliation?: string): Promise<'joined' | JoinError> {
  const to = escaped(address);
  await wire.send(
    `<presence xmlns='jabber:client' to='${to}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
  );
  for (;;) {
    const presence = await nextNamed(wire, 'presence');
    if (presence.attributes['from'] !== address) continue;
    if (presence.attributes['type'] === 'error') return errorOf(presence);
    if (affiliation === undefined || affiliationIn(presence) === affiliation) return 'joined';
  }
}

async function joinAs(wire: Wire, address: string, affiliation?: string): Promise<void> {
  const said = await join(wire, address, affiliation);
  if (said !== 'joined') throw new Error(`${address}: ${JSON.stringify(said)}`);
}

function affiliationIn({ children }: Element): string | undefined {
  const ours = children.find(({ attributes }) => attributes['xmlns']?.endsWith('muc#user'));
  return child(ours, 'item')?.attributes['affiliation'];
}

function errorOf(presence: Element): JoinError {
  const parts = child(presence, 'error')?.children ?? [];
  const text = parts.find(({ name }) => name === 'text')?.text ?? '';
  const condition = parts.find(({ name, attributes }) => name !== 'text' && isStanzaError(attributes));
  const ours = parts.find(({ attributes }) => attributes['xmlns'] === 'http://jitsi.org/jitmeet');
  return { condition: condition?.name ?? '', text, ...(ours === undefined ? {} : { child: ours.name }) };
}

function isStanzaError(attributes: Element['attributes']): boolean {
  return attributes['xmlns'] === 'urn:ietf:params:xml:ns:xmpp-stanzas';
}
