/**
 * Jitsi's app, as far as it speaks XMPP: no cookie, its token in the address, and no page.
 *
 * @see jitsi-meet, react/features/base/connection/actions.any.ts, `constructOptions`
 */
import { WebSocket } from 'ws';

/** Where it connects, and with what in hand. */
export interface AppSocket {
  /** Origin of the meeting. */
  readonly url: string;
  readonly token: string | undefined;
  readonly room?: string | undefined;
  /** Of a page, where it is no app. */
  readonly origin?: string | undefined;
}

/** Opens the connection. */
export function openAsApp({ url, token, room = 'standup', origin }: AppSocket): WebSocket {
  const query = `room=${room}${token === undefined ? '' : `&token=${token}`}`;
  return new WebSocket(`${url.replace('http', 'ws')}/xmpp-websocket?${query}`, 'xmpp', {
    handshakeTimeout: 10_000,
    ...(origin !== undefined && { origin }),
  });
}

/** Goes through the stream as far as the room, and says how it ended: `joined`, or what was said, or an HTTP status. */
export function joined(socket: WebSocket, room = 'standup'): Promise<string | number> {
  return new Promise((done, failed) => {
    socket.on('unexpected-response', (_, answer) => {
      answer.resume();
      done(answer.statusCode ?? 0);
    });
    socket.on('error', failed);
    socket.on('close', () => done('closed'));
    const open = () =>
      socket.send('<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="meet.jitsi" version="1.0"/>');
    socket.on('open', open);
    socket.on('message', (data) => {
      const stanza = String(data);
      if (stanza.includes('<mechanism>'))
        socket.send('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>');
      else if (stanza.startsWith('<success')) open();
      else if (stanza.startsWith('<stream:features'))
        socket.send(`<presence xmlns="jabber:client" to="${room}@muc.meet.jitsi/me"/>`);
      else if (stanza.startsWith('<failure')) done(/<(not-allowed)/.exec(stanza)?.[1] ?? 'failed');
      else if (stanza.startsWith('<presence')) done(stanza.includes('type="error"') ? 'refused' : 'joined');
    });
  });
}

/** The same from beginning to end; `enters` is the room asked for in XMPP, where it is another than that of the address. */
export async function joinAsApp(app: AppSocket, enters = app.room): Promise<string | number> {
  const socket = openAsApp(app);
  try {
    return await joined(socket, enters);
  } finally {
    socket.terminate();
  }
}
