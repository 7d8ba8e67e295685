/**
 * The two ways XMPP comes to Prosody from a browser: WebSocket (RFC 7395) and BOSH (XEP-0124, XEP-0206).
 *
 * Carries elements there and back and knows nothing of what they mean. Every wait has an end.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type Element, parseXml } from './xml.ts';

/** A stream of elements. */
export interface Wire {
  /** Opens the stream, or opens it anew after SASL. */
  open(): Promise<void>;
  send(xml: string): Promise<void>;
  /** The next element; throws when none comes. */
  next(): Promise<Element>;
  close(): Promise<void>;
}

/** Where a stream goes and what the request carries. */
export interface WireOptions {
  /** Without path: `http://127.0.0.1:5280`. */
  readonly origin: string;
  /** The VirtualHost. */
  readonly domain: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
}

const PATIENCE = 8000;

/** Elements that came and were not asked for yet, and whoever waits for one. */
function createQueue() {
  const waiting: Element[] = [];
  let wake: (() => void) | undefined;
  return {
    put(elements: readonly Element[]): void {
      waiting.push(...elements);
      wake?.();
    },
    async next(): Promise<Element> {
      const end = AbortSignal.timeout(PATIENCE);
      while (waiting.length === 0 && !end.aborted)
        await new Promise<void>((resolve) => {
          wake = resolve;
          end.addEventListener('abort', () => resolve(), { once: true });
        });
      const element = waiting.shift();
      if (element === undefined) throw new Error('Prosody said nothing more');
      return element;
    },
    get isEmpty(): boolean {
      return waiting.length === 0;
    },
  };
}

/** Opens a WebSocket with the subprotocol `xmpp`. @see RFC 7395, section 3 */
export async function openWebSocket({ origin, domain, query, headers }: WireOptions): Promise<Wire> {
  const url = `${origin.replace(/^http/, 'ws')}/xmpp-websocket${query}`;
  const socket = new WebSocket(url, 'xmpp', { headers, handshakeTimeout: PATIENCE });
  const queue = createQueue();
  // One message is one element (RFC 7395, section 3.3.3).
  socket.on('message', (data) => queue.put(parseXml(String(data))));
  await once(socket, 'open');
  return {
    open: async () => {
      socket.send(`<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${domain}' version='1.0'/>`);
      await queue.next();
    },
    send: async (xml) => socket.send(xml),
    next: () => queue.next(),
    close: async () => {
      if (socket.readyState === WebSocket.CLOSED) return;
      const closed = once(socket, 'close');
      socket.close();
      const impatient = setTimeout(() => socket.terminate(), 1000);
      await closed;
      clearTimeout(impatient);
    },
  };
}

const BOSH = `xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh'`;

/** Opens a BOSH session, one request at a time; every one carries query and headers, as the web client's do. */
export async function openBosh({ origin, domain, query, headers }: WireOptions): Promise<Wire> {
  const queue = createQueue();
  let rid = 4_000_000;
  let sid: string | undefined;
  const post = async (attributes: string, payload = ''): Promise<void> => {
    rid += 1;
    const answer = await fetch(`${origin}/http-bind${query}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'text/xml; charset=utf-8' },
      body: `<body ${BOSH} rid='${rid}'${sid === undefined ? '' : ` sid='${sid}'`} ${attributes}>${payload}</body>`,
      signal: AbortSignal.timeout(PATIENCE),
    });
    const [body] = parseXml(await answer.text());
    if (body === undefined) throw new Error(`BOSH answered ${answer.status} with no body`);
    sid ??= body.attributes['sid'];
    queue.put(body.children);
  };
  return {
    open: () =>
      post(
        sid === undefined
          ? `to='${domain}' xml:lang='en' wait='5' hold='1' ver='1.6' xmpp:version='1.0'`
          : `to='${domain}' xmpp:restart='true'`,
      ),
    send: (xml) => post('', xml),
    next: async () => {
      // Prosody keeps an empty request open until it has something to say.
      if (queue.isEmpty) await post('');
      return queue.next();
    },
    close: () => post(`type='terminate'`),
  };
}
