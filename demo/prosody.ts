/**
 * A stand-in of Prosody for the demo: enough XMPP over WebSocket to judge the
 * token as Jitsi's modules do and to answer a join. No other occupant ever comes.
 *
 * @see RFC 7395 (XMPP over WebSocket)
 */
import { createHash, createVerify } from 'node:crypto';
import type { WebSocket } from 'ws';
import { type Clock, unixSeconds } from '../src/base/clock.ts';
import { judge, mayJoin } from '../src/tokens/prosody.ts';

/** What the stand-in knows, as Prosody's options do. */
export interface StandInOptions {
  readonly domain: string;
  readonly appId: string;
  /** Where keys are fetched, as `asap_key_server`. */
  readonly keyServer: string;
  readonly clock: Clock;
  /** Lets in who shows nothing, as `allow_empty_token`. */
  readonly allowEmpty?: boolean;
}

/** Serves one WebSocket. */
export interface StandInProsody {
  serve(socket: WebSocket, about: { readonly token: string | undefined; readonly prefix: string }): void;
}

const FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing';
const BIND = 'urn:ietf:params:xml:ns:xmpp-bind';
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';

/** Makes the stand-in. */
export function createStandInProsody(options: StandInOptions): StandInProsody {
  const { domain, appId, clock, allowEmpty = false } = options;
  return {
    serve: (socket, { token, prefix }) => {
      let judged: Awaited<ReturnType<typeof judge>> | undefined;
      const open = () => socket.send(`<open xmlns="${FRAMING}" from="${domain}" id="demo" version="1.0"/>`);
      const onStanza = async (stanza: string): Promise<void> => {
        if (stanza.startsWith('<open')) {
          open();
          const inside = judged?.accepted
            ? ''
            : `<mechanisms xmlns="${SASL}"><mechanism>ANONYMOUS</mechanism></mechanisms>`;
          socket.send(
            `<stream:features xmlns:stream="http://etherx.jabber.org/streams">${inside}</stream:features>`,
          );
        } else if (stanza.startsWith('<auth')) {
          judged = await judge(
            token,
            { ...judging(appId), allowEmptyToken: allowEmpty },
            {
              now: unixSeconds(clock),
              verify: (alg, kid, input, signature) => verify(options, { alg, kid, input, signature }),
            },
          );
          socket.send(
            judged.accepted
              ? `<success xmlns="${SASL}"/>`
              : `<failure xmlns="${SASL}"><${judged.condition}/><text>${judged.text}</text></failure>`,
          );
        } else if (stanza.startsWith('<presence') && judged?.accepted) {
          const to = stanza.match(/ to="([^"]*)"/)?.[1] ?? '';
          const room = to.split('@')[0] ?? '';
          const node = prefix === '' ? room : `[${prefix.toLowerCase().replaceAll('.', '_')}]${room}`;
          // Whoever showed nothing, and was let in, is asked for no room.
          const isIn = token === undefined || mayJoin(judged.claims, { node, xmppDomain: domain }).accepted;
          const type = isIn ? '' : ' type="error"';
          socket.send(`<presence xmlns="jabber:client" from="${to.replace(/[<>&"]/g, '')}"${type}/>`);
        } else if (stanza.startsWith('<iq') && stanza.includes('<bind') && judged?.accepted) {
          const id = stanza.match(/ id="([\w-]*)"/)?.[1] ?? '';
          socket.send(
            `<iq xmlns="jabber:client" type="result" id="${id}"><bind xmlns="${BIND}"><jid>me@${domain}/demo</jid></bind></iq>`,
          );
        } else if (stanza.startsWith('<close')) socket.close();
      };
      socket.on('message', (data) => {
        onStanza(String(data)).catch(() => socket.close());
      });
      socket.on('error', () => socket.close());
    },
  };
}

function judging(appId: string) {
  return { algorithm: 'RS256', issuers: [appId], audiences: [appId], requireRoom: true } as const;
}

async function verify(
  { keyServer }: StandInOptions,
  {
    alg,
    kid,
    input,
    signature,
  }: { alg: string; kid: string | undefined; input: string; signature: Uint8Array },
): Promise<boolean> {
  if (alg !== 'RS256' || kid === undefined) return false;
  const answer = await fetch(`${keyServer}/${createHash('sha256').update(kid).digest('hex')}.pem`, {
    signal: AbortSignal.timeout(3000),
  });
  if (!answer.ok) return false;
  return createVerify('RSA-SHA256')
    .update(input)
    .verify(await answer.text(), signature);
}
