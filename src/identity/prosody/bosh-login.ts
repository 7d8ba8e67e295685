/**
 * Adapter: one XMPP stream over BOSH, as far as its authentication.
 *
 * It asks for no resource and sends no stanza. Knows nothing of who may sign in.
 *
 * @see XEP-0124, XEP-0206; RFC 6120, section 6 (SASL Negotiation)
 */
import type { Outbound } from '../../base/outbound.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import { parseXml, type XmlElement } from '../saml/xml.ts';

/** Where Prosody is, and for which of its hosts. */
export interface BoshWay {
  /** The provider's id, for the log. */
  readonly id: string;
  readonly url: string;
  readonly domain: string;
  readonly outbound: Outbound;
  /** A whole number nobody can guess, under 2^32. */
  readonly rid: number;
}

/** What Prosody answers in SASL. */
export type SaslAnswer =
  | { readonly kind: 'challenge'; readonly text: string }
  | { readonly kind: 'success'; readonly text: string }
  | { readonly kind: 'failure'; readonly condition: string };

/** A stream that is open. Everything fails with `provider.unreachable` and `provider.misconfigured`. */
export interface Stream {
  /** What may be signed in with. */
  readonly mechanisms: readonly string[];
  begin(mechanism: string, text: string): Promise<SaslAnswer>;
  respond(text: string): Promise<SaslAnswer>;
}

const BODY = 'http://jabber.org/protocol/httpbind';
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const STREAMS = 'http://etherx.jabber.org/streams';

/** Answers without anything in them that are waited out. */
const PATIENCE = 4;
/** Elements an answer may have; the features of a stream are a dozen. */
const ELEMENTS = 200;

/** Opens a stream, and ends it whatever becomes of it. */
export async function onStream<T>(way: BoshWay, work: (stream: Stream) => Promise<T>): Promise<T> {
  let { rid } = way;
  const first = await send(
    way,
    `<body xmlns='${BODY}' rid='${rid}' to='${escaped(way.domain)}' wait='2' hold='1' ver='1.6' xml:lang='en' content='text/xml; charset=utf-8' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh'/>`,
  );
  const sid = first.attributes.get('sid');
  if (sid === undefined) throw misconfigured(way, 'no-stream');
  const next = (inside: string, more = '') => {
    rid += 1;
    return send(way, `<body xmlns='${BODY}' rid='${rid}' sid='${escaped(sid)}'${more}>${inside}</body>`);
  };
  const until = async <F>(from: XmlElement, find: (body: XmlElement) => F | undefined): Promise<F> => {
    let body = from;
    for (let turn = 0; turn < PATIENCE; turn += 1) {
      const found = find(body);
      if (found !== undefined) return found;
      body = await next('');
    }
    throw misconfigured(way, 'silence');
  };
  const sasl = (name: string, text: string, more = '') =>
    next(`<${name} xmlns='${SASL}'${more}>${Buffer.from(text).toString('base64') || '='}</${name}>`);
  try {
    const mechanisms = await until(first, mechanismsIn);
    return await work({
      mechanisms,
      begin: async (mechanism, text) =>
        until(await sasl('auth', text, ` mechanism='${escaped(mechanism)}'`), saslIn),
      respond: async (text) => until(await sasl('response', text), saslIn),
    });
  } finally {
    // It says goodbye; Prosody forgets a stream by itself where that does not arrive.
    await next('', " type='terminate'").catch((thrown: unknown) => {
      if (!isProblem(thrown)) throw thrown;
    });
  }
}

function escaped(text: string): string {
  return text.replace(/[&<>'"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function misconfigured({ id }: BoshWay, why: string): Problem {
  return new Problem('provider.misconfigured', { provider: id, asked: 'bosh', why });
}

async function send(way: BoshWay, body: string): Promise<XmlElement> {
  const { id, url, outbound } = way;
  const answer = await outbound(url, {
    purpose: 'prosody',
    method: 'POST',
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body,
  }).catch((thrown: unknown) => {
    if (!isProblem(thrown)) throw thrown;
    throw new Problem('provider.unreachable', { ...thrown.facts, provider: id, asked: 'bosh' }, thrown);
  });
  if (answer.status >= 500) throw unreachable(way, answer.status);
  if (answer.status !== 200) throw misconfigured(way, `status ${answer.status}`);
  const read = parseXml(await answer.text(), { elements: ELEMENTS });
  if ('fault' in read || read.root.ns !== BODY || read.root.local !== 'body')
    throw misconfigured(way, 'no-bosh');
  const { attributes } = read.root;
  if (attributes.get('type') === 'terminate' && attributes.has('condition'))
    throw misconfigured(way, attributes.get('condition') ?? '');
  return read.root;
}

function unreachable({ id }: BoshWay, status: number): Problem {
  return new Problem('provider.unreachable', { provider: id, asked: 'bosh', status });
}

function mechanismsIn({ children }: XmlElement): readonly string[] | undefined {
  const features = children.find(({ ns, local }) => ns === STREAMS && local === 'features');
  return features?.children
    .find(({ ns, local }) => ns === SASL && local === 'mechanisms')
    ?.children.map(({ text }) => text.trim());
}

function saslIn({ children }: XmlElement): SaslAnswer | undefined {
  const said = children.find(({ ns }) => ns === SASL);
  if (said === undefined) return undefined;
  const text = Buffer.from(said.text, 'base64').toString();
  if (said.local === 'challenge' || said.local === 'success') return { kind: said.local, text };
  return { kind: 'failure', condition: said.children[0]?.local ?? said.local };
}
