/**
 * One visit at Prosody as Jitsi's web client makes it: a token or none, SASL ANONYMOUS, perhaps a room, and out again.
 *
 * Tells what Prosody answered and judges nothing. The token rides in a header, so that no log gets it.
 *
 * @see RFC 7395, XEP-0206, XEP-0045; lib-jitsi-meet, modules/xmpp/{XmppConnection,moderator,ChatRoom}
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isProblem, Problem } from '../../base/problem.ts';
import type { Secret } from '../../base/secret.ts';
import { escapeXml, parseXml, type XmlElement } from '../saml/xml.ts';

/** A stream of elements, however it is carried. Everything throws `outbound.failed`. */
export interface VisitWire {
  /** Opens the stream, or opens it anew after SASL. */
  open(domain: string): Promise<void>;
  send(xml: string): Promise<void>;
  next(): Promise<string>;
  close(): Promise<void>;
}

/** Who comes, and to which host. */
export interface VisitWish {
  /** The VirtualHost. */
  readonly domain: string;
}

/** A refusal at the stream: SASL's condition and Prosody's own text. */
export interface StreamRefusal {
  readonly kind: 'refused';
  readonly condition: string;
  readonly text: string;
}

/** A refusal at a room: the stanza error, and Jitsi's own elements beside it (`room-mismatch`, `lobbyroom`). */
export interface RoomRefusal {
  readonly kind: 'refused';
  readonly condition: string;
  readonly text: string;
  readonly beside: readonly string[];
}

/** What somebody became in a room, as the room said it itself. */
export interface Joined {
  readonly kind: 'joined';
  readonly affiliation: string;
  readonly role: string;
}

/** A service of XEP-0215. `credentials`: with a user name and a password. */
export interface NamedService {
  readonly type: string;
  readonly host: string;
  readonly port?: number;
  readonly transport?: string;
  readonly credentials: boolean;
}

/** Somebody who was let in. */
export interface Visitor {
  readonly kind: 'in';
  readonly jid: string;
  /** Asks Jicofo for the room as clients do: false where nobody does that here. */
  askForRoom(node: string, muc: string, focus: string): Promise<boolean>;
  join(node: string, muc: string): Promise<Joined | RoomRefusal>;
  /** What they are in the room a moment later: Jicofo and others make owners of people after they came. */
  becomes(): Promise<Joined>;
  /** Which TURN and STUN servers Prosody names; undefined where it names none to anybody. @see XEP-0215 */
  services(domain: string): Promise<readonly NamedService[] | 'refused' | undefined>;
  /** Every component that the host tells of. @see XEP-0030 */
  items(domain: string): Promise<readonly string[]>;
  /** What the host calls itself. @see XEP-0092 */
  version(domain: string): Promise<string | undefined>;
  leave(): Promise<void>;
}

/** What became of a visit. */
export type Visit = Visitor | StreamRefusal;

const FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing';
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';
const BODY = 'http://jabber.org/protocol/httpbind';
const FOCUS = 'http://jitsi.org/protocol/focus';
const MUC_USER = 'http://jabber.org/protocol/muc#user';
const EXTDISCO = 'urn:xmpp:extdisco:2';
const VERSION = 'jabber:iq:version';
const ITEMS = 'http://jabber.org/protocol/disco#items';
const MACHINE = 'ostiary-doctor';
/** Elements an answer may have. */
const ELEMENTS = 2000;
/** Elements that are waited out until the one comes that is waited for. */
const PATIENCE = 60;

/** How often, and after how many milliseconds, it is looked at what somebody became. */
const LOOKS = 4;
const BETWEEN_LOOKS = 250;

/** The wire of a WebSocket. */
export function overSocket(socket: {
  send(text: string): void;
  next(): Promise<string>;
  close(): void;
}): VisitWire {
  return {
    open: async (domain) => socket.send(`<open xmlns='${FRAMING}' to='${escapeXml(domain)}' version='1.0'/>`),
    send: async (xml) => socket.send(xml),
    next: () => socket.next(),
    close: async () => {
      socket.send(`<close xmlns='${FRAMING}'/>`);
      socket.close();
    },
  };
}

/** The wire of BOSH: one request at a time. `rid` is a whole number nobody can guess, under 2^32. */
export function overBosh(
  post: (body: string) => Promise<{ readonly status: number; readonly text: string }>,
  rid: number,
): VisitWire {
  const heard: string[] = [];
  let turn = rid;
  let sid: string | undefined;
  const say = async (attributes: string, inside = ''): Promise<void> => {
    turn += 1;
    const session = sid === undefined ? '' : ` sid='${escapeXml(sid)}'`;
    const { status, text } = await post(
      `<body xmlns='${BODY}' xmlns:xmpp='urn:xmpp:xbosh' rid='${turn}'${session} ${attributes}>${inside}</body>`,
    );
    if (status !== 200) throw new Problem('outbound.failed', { reason: 'status', status });
    const body = elementOf(text);
    if (body.ns !== BODY || body.local !== 'body')
      throw new Problem('outbound.failed', { reason: 'no-bosh' });
    sid ??= body.attributes.get('sid');
    heard.push(...body.children.map(writtenOut));
    if (body.attributes.get('type') === 'terminate' && heard.length === 0)
      throw new Problem('outbound.failed', { reason: body.attributes.get('condition') ?? 'closed' });
  };
  return {
    open: (domain) =>
      say(
        sid === undefined
          ? `to='${escapeXml(domain)}' xml:lang='en' wait='5' hold='1' ver='1.6' xmpp:version='1.0'`
          : `to='${escapeXml(domain)}' xmpp:restart='true'`,
      ),
    send: (xml) => say('', xml),
    next: async () => {
      // An empty request is kept until there is something to say.
      for (let turns = 0; heard.length === 0 && turns < 3; turns += 1) await say('');
      const first = heard.shift();
      if (first === undefined) throw new Problem('outbound.failed', { reason: 'silence' });
      return first;
    },
    close: () => say(`type='terminate'`),
  };
}

/** An element of a tree as text again, with its namespaces written at each. */
function writtenOut({ ns, local, attributes, children, text }: XmlElement): string {
  const said = [...attributes].filter(([name]) => !name.startsWith('{'));
  const written = said.map(([name, value]) => ` ${name}="${escapeXml(value)}"`).join('');
  return `<${local} xmlns="${escapeXml(ns)}"${written}>${escapeXml(text)}${children.map(writtenOut).join('')}</${local}>`;
}

function elementOf(text: string): XmlElement {
  const read = parseXml(text, { elements: ELEMENTS });
  if ('root' in read) return read.root;
  throw new Problem('outbound.failed', { reason: 'no-xmpp' });
}

/** Comes to a host's door. Throws `outbound.failed` where nobody answers, or nobody who speaks XMPP. */
export async function visit(wire: VisitWire, { domain }: VisitWish): Promise<Visit> {
  try {
    await wire.open(domain);
    await until(wire, ({ local }) => local === 'features');
    await wire.send(`<auth xmlns='${SASL}' mechanism='ANONYMOUS'/>`);
    const answer = await until(wire, ({ ns, local }) => ns === SASL && local !== 'challenge');
    if (answer.local === 'success') return await welcomed(wire, domain);
    await goodbye(wire);
    return refusalOf(answer);
  } catch (thrown) {
    await goodbye(wire);
    throw thrown;
  }
}

function refusalOf({ children }: XmlElement): StreamRefusal {
  const condition = children.find(({ local }) => local !== 'text')?.local ?? '';
  const text = children.find(({ local }) => local === 'text')?.text ?? '';
  return { kind: 'refused', condition, text };
}

/** What failed before is told, and not that there was nobody left to take leave of. */
async function goodbye(wire: VisitWire): Promise<void> {
  await wire.close().catch((thrown: unknown) => {
    if (!isProblem(thrown)) throw thrown;
  });
}

async function until(
  wire: VisitWire,
  isIt: (element: XmlElement) => boolean,
  meanwhile: (element: XmlElement) => void = () => {},
): Promise<XmlElement> {
  for (let heard = 0; heard < PATIENCE; heard += 1) {
    const element = elementOf(await wire.next());
    meanwhile(element);
    if (isIt(element)) return element;
    const { local } = element;
    if (local === 'error' || local === 'close')
      throw new Problem('outbound.failed', { reason: streamError(element) });
  }
  throw new Problem('outbound.failed', { reason: 'silence' });
}

/** @see RFC 6120, section 4.9.3 */
function streamError({ local, children }: XmlElement): string {
  return local === 'close' ? 'closed' : (children[0]?.local ?? 'closed');
}

async function welcomed(wire: VisitWire, domain: string): Promise<Visitor> {
  await wire.open(domain);
  await until(wire, ({ local }) => local === 'features');
  let asked = 0;
  let self: { readonly address: string; readonly joined: Joined } | undefined;
  const hear = (element: XmlElement) => {
    const { local, attributes } = element;
    if (self !== undefined && local === 'presence' && attributes.get('from') === self.address)
      self = { ...self, joined: joinedAs(element) };
  };
  const ask = async (type: 'get' | 'set', to: string | undefined, inside: string): Promise<XmlElement> => {
    asked += 1;
    const id = `doctor-${asked}`;
    const target = to === undefined ? '' : ` to='${escapeXml(to)}'`;
    await wire.send(`<iq xmlns='jabber:client' type='${type}' id='${id}'${target}>${inside}</iq>`);
    return until(wire, ({ local, attributes }) => local === 'iq' && attributes.get('id') === id, hear);
  };
  const bound = await ask('set', undefined, `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>`);
  const jid = bound.children[0]?.children[0]?.text ?? '';
  return {
    kind: 'in',
    jid,
    askForRoom: async (node, muc, focus) => {
      const room = escapeXml(`${node}@${muc}`);
      const machine = `machine-uid='${MACHINE}'`;
      const answer = await ask('set', focus, `<conference xmlns='${FOCUS}' room='${room}' ${machine}/>`);
      return answer.attributes.get('type') === 'result';
    },
    join: async (node, muc) => {
      const address = `${node}@${muc}/${nickOf(jid)}`;
      const joined = await join(wire, address);
      if (joined.kind === 'joined') self = { address, joined };
      return joined;
    },
    becomes: async () => {
      if (self === undefined) throw new Problem('outbound.failed', { reason: 'not-in-a-room' });
      for (let turn = 0; turn < LOOKS && self.joined.affiliation !== 'owner'; turn += 1) {
        await pause(BETWEEN_LOOKS);
        // Whatever was said before this is answered has been heard then.
        await ask('get', domain, `<query xmlns='${ITEMS}'/>`);
      }
      return self.joined;
    },
    services: async (host) => servicesIn(await ask('get', host, `<services xmlns='${EXTDISCO}'/>`)),
    items: async (host) => {
      const answer = await ask('get', host, `<query xmlns='${ITEMS}'/>`);
      const items = answer.children.find(({ ns }) => ns === ITEMS)?.children ?? [];
      return items.map(({ attributes }) => attributes.get('jid') ?? '');
    },
    version: async (host) => {
      const answer = await ask('get', host, `<query xmlns='${VERSION}'/>`);
      const said = answer.children.find(({ ns }) => ns === VERSION)?.children ?? [];
      const word = (name: string) => said.find(({ local }) => local === name)?.text ?? '';
      const whole = `${word('name')} ${word('version')}`.trim();
      return whole === '' ? undefined : whole;
    },
    leave: () => goodbye(wire),
  };
}

/**
 * The name that clients of Jitsi's have in a room: the beginning of what Prosody called them.
 * @see jitsi-meet, resources/prosody-plugins/mod_muc_resource_validate.lua
 */
function nickOf(jid: string): string {
  return jid.slice(0, 8).replace(/@.*|[^A-Za-z0-9]/gs, 'x');
}

/** @see XEP-0045, section 7.2 */
async function join(wire: VisitWire, address: string): Promise<Joined | RoomRefusal> {
  const to = escapeXml(address);
  await wire.send(
    `<presence xmlns='jabber:client' to='${to}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
  );
  const presence = await until(
    wire,
    ({ local, attributes }) => local === 'presence' && attributes.get('from') === address,
  );
  return presence.attributes.get('type') === 'error' ? roomRefusal(presence) : joinedAs(presence);
}

function joinedAs({ children }: XmlElement): Joined {
  const item = children.find(({ ns }) => ns === MUC_USER)?.children.find(({ local }) => local === 'item');
  const said = (name: string) => item?.attributes.get(name) ?? 'none';
  return { kind: 'joined', affiliation: said('affiliation'), role: said('role') };
}

function roomRefusal({ children }: XmlElement): RoomRefusal {
  const parts = children.find(({ local }) => local === 'error')?.children ?? [];
  return {
    kind: 'refused',
    condition: parts.find(({ ns, local }) => ns === STANZAS && local !== 'text')?.local ?? '',
    text: parts.find(({ local }) => local === 'text')?.text ?? '',
    beside: [...parts, ...children]
      .filter(({ ns }) => ns.startsWith('http://jitsi.org/'))
      .map(({ local }) => local),
  };
}

function servicesIn(answer: XmlElement): readonly NamedService[] | 'refused' | undefined {
  if (answer.attributes.get('type') === 'error') {
    const error = answer.children.find(({ local }) => local === 'error');
    return error?.children.some(({ local }) => local === 'service-unavailable') ? undefined : 'refused';
  }
  const services = answer.children.find(({ ns }) => ns === EXTDISCO)?.children ?? [];
  return services.map(({ attributes }) => {
    const port = Number(attributes.get('port') ?? 0);
    const transport = attributes.get('transport');
    return {
      type: attributes.get('type') ?? '',
      host: attributes.get('host') ?? '',
      ...(port > 0 && { port }),
      ...(transport !== undefined && { transport }),
      credentials: attributes.has('username') && attributes.has('password'),
    };
  });
}

/** The header by which Jitsi's plugins read a token since 7 May 2024. */
export function tokenHeader(token: Secret | undefined): Readonly<Record<string, string>> {
  return token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` };
}
