/**
 * What a client hears that begins to speak XMPP with neither session nor token:
 * "token required", in XMPP. Jitsi's clients then open the page to sign in; an
 * HTTP status they cannot see, and reconnect for ever.
 *
 * Jitsi's own server is not asked. Strangers speak here, so all is bounded: how many, how long, how much.
 *
 * @see RFC 6120, section 6.5.10 (not-authorized and its neighbours); jitsi-meet, resources/prosody-plugins/mod_auth_token.lua
 */
import type { Duplex } from 'node:stream';
import { type Random, randomToken } from '../base/random.ts';
import { VERDICT } from './answer.ts';
import { closeFrame, createMessageReader, textFrame } from './frames.ts';
import { type Handshake, switching } from './handshake.ts';
import { ANONYMOUS_ONLY, CLOSE, openOf, TOKEN_REQUIRED } from './xmpp-frames.ts';

/** Answers strangers. */
export interface NoToken {
  /**
   * Takes over the connection, or says that there are too many already and leaves it as it is.
   * @param from what is counted together: the caller's address, or its network
   */
  answer(client: Duplex, handshake: Handshake, from: string): boolean;
  /** So many are being answered now. */
  readonly open: number;
  /** Drops them all. */
  close(): void;
}

/** What it is made of, and its bounds. */
export interface NoTokenParts {
  readonly xmppDomain: string;
  readonly random: Random;
  /** Answered at once; 1,000. */
  readonly most?: number;
  /** Of these, from one address; 200. */
  readonly mostFromOne?: number;
  /** Seconds one may take; 10. */
  readonly patience?: number;
}

/** Bytes one may say. A client's opening and its choice have about 250. */
const MOST_SAID = 4096;
const NORMAL = 1000;
const POLICY = 1008;
const LINGER = 1000;

/** Makes the answering. */
export function createNoToken(parts: NoTokenParts): NoToken {
  const { most = 1000, mostFromOne = 200 } = parts;
  const clients = new Set<Duplex>();
  const perAddress = new Map<string, number>();
  const count = (from: string, by: 1 | -1) => {
    const now = (perAddress.get(from) ?? 0) + by;
    if (now === 0) perAddress.delete(from);
    else perAddress.set(from, now);
  };
  return {
    get open() {
      return clients.size;
    },
    answer(client, handshake, from) {
      if (clients.size >= most || (perAddress.get(from) ?? 0) >= mostFromOne) return false;
      clients.add(client);
      count(from, 1);
      client.once('close', () => {
        clients.delete(client);
        count(from, -1);
      });
      speak(client, handshake, parts);
      return true;
    },
    close() {
      for (const client of clients) client.destroy();
    },
  };
}

function speak(
  client: Duplex,
  handshake: Handshake,
  { xmppDomain, random, patience = 10 }: NoTokenParts,
): void {
  const reader = createMessageReader(MOST_SAID);
  let over = false;
  const say = (...texts: readonly string[]) => {
    for (const text of texts) client.write(textFrame(text));
  };
  const finish = (code: number) => {
    over = true;
    client.write(closeFrame(code));
    client.end();
    clearTimeout(deadline);
    deadline = setTimeout(() => client.destroy(), LINGER);
  };
  let deadline = setTimeout(() => client.destroy(), patience * 1000);
  client.on('error', () => {});
  client.on('close', () => clearTimeout(deadline));
  client.on('end', () => client.end());
  client.on('data', (chunk: Uint8Array) => {
    if (over) return;
    const messages = reader.read(chunk);
    if (typeof messages === 'string') return finish(POLICY);
    for (const { kind, payload } of messages) {
      if (over || kind === 'ping' || kind === 'pong') continue;
      const text = kind === 'text' ? Buffer.from(payload).toString('latin1') : '';
      // Every sentence of ours is the same whatever was said: there is nothing to be had here.
      if (text.startsWith('<open ')) say(openOf(xmppDomain, randomToken(random, 8)), ANONYMOUS_ONLY);
      else if (text.startsWith('<auth ')) {
        say(TOKEN_REQUIRED, CLOSE);
        finish(NORMAL);
      } else {
        if (kind === 'text') say(CLOSE);
        finish(NORMAL);
      }
    }
  });
  client.write(switching(handshake, 'xmpp', [VERDICT, 'no-token']));
}
