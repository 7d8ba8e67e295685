/**
 * What XMPP over BOSH says in the start tag of a `<body>`, as far as a gate must know it, and the few bodies that we
 * write ourselves. Pure.
 *
 * The start tag names the host the stream is for and the stream a request belongs to, and both are open to whoever
 * speaks. It is read by the door to saxes, a real parser, and by nothing that guesses.
 *
 * @see XEP-0124, section 7 (creation), 9 (sending), 13 (terminating), 17 (conditions); XEP-0206
 */
import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from 'saxes';
import { ANONYMOUS_ONLY, TOKEN_REQUIRED } from './xmpp-frames.ts';

const BODY = 'http://jabber.org/protocol/httpbind';
const XBOSH = 'urn:xmpp:xbosh';
const STREAMS = 'http://etherx.jabber.org/streams';
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';

/** Bytes a request may have: two of the largest stanzas that Jitsi's Prosody takes. */
export const LONGEST_BODY = 1_048_576;
/** Bytes within which the start tag must have ended. */
const LONGEST_TAG = 4096;

/** What a request says it is. `to` is told where it could be read. */
export type BoshAsk =
  | { readonly kind: 'starts'; readonly rid: number }
  | { readonly kind: 'goes-on'; readonly rid: number; readonly sid: string; readonly ends: boolean }
  /** It goes on with the stream that leads nowhere. */
  | { readonly kind: 'stranger'; readonly answer: string }
  | { readonly kind: 'host-unknown'; readonly to: string }
  | { readonly kind: 'unreadable'; readonly why: 'size' | 'tag' | 'rid' | 'sid' | 'to' };

/** What an answer says of its stream. */
export interface BoshAnswer {
  readonly sid: string | undefined;
  /** The stream is over. `condition`: because something was wrong. */
  readonly ends: boolean;
  readonly condition: string | undefined;
}

/** The stream of whoever brought no token. Prosody's own are UUIDs. */
const NOWHERE = 'token-required';
/** What Prosody calls its streams. @see prosody, plugins/mod_bosh.lua, util/uuid.lua */
const SID = /^[0-9A-Za-z-]{8,128}$/;

/** Judges a request: one `<body>`, for this host letter for letter, and for one stream. */
export function readBosh(body: Uint8Array, domain: string): BoshAsk {
  if (body.length > LONGEST_BODY) return { kind: 'unreadable', why: 'size' };
  // Nothing may stand in front: a declaration or a mark could name another encoding, by which Prosody would read on.
  const { tags, elsewhere } =
    Buffer.from(body.subarray(0, 5)).toString('latin1') === '<body' ? tagsOfOne(body) : NOTHING;
  const [tag, child] = tags;
  if (tag === undefined) return { kind: 'unreadable', why: 'tag' };
  const said = attributesOf(tag);
  const rid = ridOf(said.get('rid'));
  if (rid === undefined) return { kind: 'unreadable', why: 'rid' };
  const [to, sid] = [said.get('to'), said.get('sid')];
  if (to !== undefined && to !== domain) return { kind: 'host-unknown', to };
  if (elsewhere !== undefined) return { kind: 'host-unknown', to: elsewhere };
  const ends = said.get('type') === 'terminate';
  if (sid === undefined) {
    // `route` asks for another server than the one that is asked.
    if (to === undefined || said.has('route')) return { kind: 'unreadable', why: 'to' };
    return ends ? { kind: 'unreadable', why: 'sid' } : { kind: 'starts', rid };
  }
  if (sid === NOWHERE) return { kind: 'stranger', answer: nowhere(ends ? undefined : child) };
  return SID.test(sid) ? { kind: 'goes-on', rid, sid, ends } : { kind: 'unreadable', why: 'sid' };
}

/** What an answer of Prosody says; undefined where it says nothing in BOSH. */
export function readBoshAnswer(answer: Uint8Array): BoshAnswer | undefined {
  const [tag] = tagsOf(answer);
  if (tag === undefined) return undefined;
  const said = attributesOf(tag);
  const sid = said.get('sid');
  return {
    sid: sid !== undefined && SID.test(sid) ? sid : undefined,
    ends: said.get('type') === 'terminate',
    condition: said.get('condition'),
  };
}

/** A request id as every reader understands it. @see XEP-0124, section 14 */
function ridOf(text = ''): number | undefined {
  const rid = /^[0-9]{1,16}$/.test(text) ? Number(text) : 0;
  return rid > 0 && rid < Number.MAX_SAFE_INTEGER - 100 ? rid : undefined;
}

/** What stands in a tag without a prefix. */
function attributesOf(tag: SaxesTagNS): ReadonlyMap<string, string> {
  const plain = Object.values(tag.attributes).filter(({ prefix }: SaxesAttributeNS) => prefix === '');
  return new Map(plain.map(({ local, value }) => [local, value]));
}

/** The `<body>` and the first element inside it, where they stand within the first bytes and are written as XML demands. */
function tagsOf(body: Uint8Array): SaxesTagNS[] {
  return readTags(body.subarray(0, LONGEST_TAG)).tags;
}

/** The same of a whole request: behind the end of its `<body>` there is nothing, least of all another one. */
function tagsOfOne(body: Uint8Array): Pick<Tags, 'tags' | 'elsewhere'> {
  const { over, failed, ...read } = readTags(body.subarray(0, LONGEST_TAG), body.subarray(LONGEST_TAG));
  return over && failed ? NOTHING : read;
}

const NOTHING: Pick<Tags, 'tags' | 'elsewhere'> = { tags: [], elsewhere: undefined };
/** By these somebody signs in: at the host that they name, if they name one. */
const SIGN_IN: ReadonlySet<string> = new Set(['auth', 'response', 'abort']);

interface Tags {
  readonly tags: SaxesTagNS[];
  /** A host that an element of SASL inside it names. @see prosody, core/stanza_router.lua, `core_process_stanza` */
  readonly elsewhere: string | undefined;
  /** The `<body>` came to its end. */
  readonly over: boolean;
  /** What came then, or before, is not as XML demands. */
  readonly failed: boolean;
}

function readTags(...pieces: readonly Uint8Array[]): Tags {
  const tags: SaxesTagNS[] = [];
  let [begun, depth, failed] = [0, 0, false];
  let elsewhere: string | undefined;
  const parser = new SaxesParser({ xmlns: true, position: false });
  const fail = () => {
    throw new SyntaxError('not allowed here');
  };
  parser.on('doctype', fail);
  parser.on('processinginstruction', fail);
  parser.on('opentag', (tag) => {
    depth += 1;
    begun += 1;
    // A tag that ends behind the first piece was read too late to decide by.
    if (tags.length < 2 && inFirst) tags.push(tag);
    if (depth === 2 && SIGN_IN.has(tag.local))
      elsewhere ??= Object.values(tag.attributes).find(
        ({ local }: SaxesAttributeNS) => local === 'to',
      )?.value;
  });
  parser.on('closetag', () => {
    depth -= 1;
  });
  let inFirst = true;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    for (const piece of pieces) {
      parser.write(text.decode(piece, { stream: true }));
      inFirst = false;
    }
  } catch {
    // Whatever is wrong inside the body is Prosody's to judge; what is wrong before its tag's end leaves nothing.
    failed = true;
  }
  const [first] = tags;
  const isBody = first?.name === 'body' && first.uri === BODY;
  return { tags: isBody ? tags : [], elsewhere, over: begun > 0 && depth === 0, failed };
}

/** How whoever brought no token is answered at the start: a stream that leads nowhere, and ANONYMOUS as the way in. */
export function strangersStart(domain: string): string {
  const namespaces = `xmlns='${BODY}' xmlns:xmpp='${XBOSH}' xmlns:stream='${STREAMS}'`;
  const session = `sid='${NOWHERE}' authid='${NOWHERE}' from='${domain}' ver='1.6' xmpp:version='1.0'`;
  return `<body ${namespaces} ${session} wait='5' hold='1' requests='2' inactivity='60' polling='5'>${ANONYMOUS_ONLY}</body>`;
}

/**
 * And how afterwards: `token required`, then the end. Not both at once: of a body that ends the stream Jitsi's client
 * reads no more than that, and would never open the page to sign in.
 * @see strophejs, src/connection.js, `_dataRecv`
 */
function nowhere(child: SaxesTagNS | undefined): string {
  const isChoice = child?.local === 'auth' && child.uri === SASL;
  return isChoice ? `<body xmlns='${BODY}' sid='${NOWHERE}'>${TOKEN_REQUIRED}</body>` : ended();
}

/** A stream is over. @see XEP-0124, section 17.2 */
export function ended(condition?: 'host-unknown' | 'item-not-found'): string {
  const why = condition === undefined ? '' : ` condition='${condition}'`;
  return `<body xmlns='${BODY}' type='terminate'${why}/>`;
}

/** How we end somebody's stream at Prosody. Both are texts that were read above. */
export function endOf(sid: string, rid: number): string {
  return `<body xmlns='${BODY}' rid='${rid}' sid='${sid}' type='terminate'/>`;
}
