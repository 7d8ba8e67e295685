/**
 * A TURN client that asks for an allocation and for permissions, and sends no data to anybody: UDP, TCP or TLS.
 *
 * For the terminal alone. Knows nothing of what should be allowed.
 * @see RFC 8489, RFC 8656
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP, connect as plainConnect, type Socket } from 'node:net';
import { type SecureContext, connect as tlsConnect } from 'node:tls';
import { isProblem, Problem } from '../base/problem.ts';
import type { Secret } from '../base/secret.ts';
import {
  ATTRIBUTE,
  attribute,
  type Body,
  codeOf,
  header,
  METHOD,
  type Message,
  number,
  proven,
  readMessage,
  xorAddress,
} from './stun.ts';

/** Where a TURN server is. @see RFC 7065 */
export interface TurnPlace {
  readonly host: string;
  readonly port: number;
  readonly by: 'udp' | 'tcp' | 'tls';
}

/** What is shown; nothing without it. */
export interface TurnShown {
  readonly username: string;
  readonly password: Secret;
}

/** What a server did. Each code is 200, or that of its error. */
export interface TurnSeen {
  readonly code: number;
  /** What it calls itself, where it does. */
  readonly software?: string;
  readonly realm?: string;
  /** The peers for which it gave permission. */
  readonly permitted: readonly string[];
}

/** What is asked. */
export interface TurnAsk {
  readonly place: TurnPlace;
  readonly shown?: TurnShown;
  /** Of the relayed address. */
  readonly family: 4 | 6;
  /** Addresses for which permission is asked, one after the other. */
  readonly peers: readonly string[];
  readonly secureContext: SecureContext;
  /** Milliseconds for one answer. */
  readonly timeout: number;
}

/** Milliseconds after which a request by UDP is sent again. */
const AGAIN = 500;
/** The port of a peer; nothing is sent there. */
const DISCARD = 9;

/** The place a TURN address names. */
export function turnPlace(url: string): TurnPlace | undefined {
  const found = /^(turns?):(\[[^\]]+\]|[^:?[\]]+)(?::(\d+))?(?:\?transport=(udp|tcp))?$/i.exec(url);
  if (found === null) return undefined;
  const [, scheme = '', host = '', port, transport] = found;
  const secure = scheme.toLowerCase() === 'turns';
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port ?? (secure ? 5349 : 3478)),
    by: secure ? 'tls' : transport?.toLowerCase() === 'tcp' ? 'tcp' : 'udp',
  };
}

interface Wire {
  send(bytes: Buffer): void;
  hear(what: (bytes: Buffer) => void): void;
  close(): void;
}

function failed(reason: string, cause?: unknown): Problem {
  return new Problem('outbound.failed', { reason, purpose: 'turn' }, cause);
}

async function opened({ place, secureContext, timeout }: TurnAsk): Promise<Wire> {
  const { address, family } = await lookup(place.host).catch((cause: NodeJS.ErrnoException) => {
    throw failed(cause.code ?? 'unknown', cause);
  });
  if (place.by === 'udp') {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    // Where nobody listens the machine says so; who waits for an answer hears that none came.
    socket.on('error', () => {});
    return {
      send: (bytes) => socket.send(bytes, place.port, address),
      hear: (what) => void socket.on('message', what),
      close: () => socket.close(),
    };
  }
  return overStream(await connected(place, address, { secureContext, timeout }));
}

function connected(
  { host, port, by }: TurnPlace,
  address: string,
  { secureContext, timeout }: Pick<TurnAsk, 'secureContext' | 'timeout'>,
): Promise<Socket> {
  return new Promise((done, reject) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket =
      by === 'tls'
        ? tlsConnect({ host: address, port, secureContext, ...name })
        : plainConnect(port, address);
    const deadline = setTimeout(() => socket.destroy(failed('timeout')), timeout);
    socket.once(by === 'tls' ? 'secureConnect' : 'connect', () => {
      clearTimeout(deadline);
      done(socket);
    });
    socket.on('error', (cause: NodeJS.ErrnoException) => {
      clearTimeout(deadline);
      reject(isProblem(cause) ? cause : failed(cause.code ?? 'closed', cause));
    });
  });
}

/** Over a stream messages come one behind the other. @see RFC 8656, section 3.1 */
function overStream(socket: Socket): Wire {
  return {
    send: (bytes) => void socket.write(bytes),
    hear: (what) => {
      let rest: Buffer = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        rest = Buffer.concat([rest, chunk]);
        while (rest.length >= 20 && rest.length >= rest.readUInt16BE(2) + 20) {
          const length = rest.readUInt16BE(2) + 20;
          what(rest.subarray(0, length));
          rest = rest.subarray(length);
        }
      });
    },
    close: () => void socket.destroy(),
  };
}

/** One request at a time, each answered or given up. */
function asking(wire: Wire, { shown, place, timeout }: TurnAsk) {
  const waiting = new Map<string, (message: Message) => void>();
  wire.hear((bytes) => {
    const message = readMessage(bytes);
    if (message !== undefined) waiting.get(message.id.toString('hex'))?.(message);
  });
  const proof = { realm: Buffer.alloc(0), nonce: Buffer.alloc(0) };
  const once = (method: number, body: Body): Promise<Message> => {
    const id = randomBytes(12);
    const said = Buffer.concat([...body(id)]);
    const bytes = Buffer.concat([header(method, said.length, id), said]);
    return new Promise((done, reject) => {
      const again = place.by === 'udp' ? setInterval(() => wire.send(bytes), AGAIN) : undefined;
      const over = () => {
        clearInterval(again);
        clearTimeout(deadline);
        waiting.delete(id.toString('hex'));
      };
      const deadline = setTimeout(() => {
        over();
        reject(failed('silence'));
      }, timeout);
      waiting.set(id.toString('hex'), (message) => {
        over();
        done(message);
      });
      wire.send(bytes);
    });
  };
  const withProof = (method: number, body: Body): Body => {
    if (shown === undefined || proof.nonce.length === 0) return body;
    const { username, password } = shown;
    return proven(method, body, { ...proof, shown: { username, password: password.reveal() } });
  };
  return async (method: number, body: Body): Promise<Message> => {
    const first = proof.nonce.length === 0;
    const answer = await once(method, withProof(method, body));
    proof.realm = Buffer.from(answer.attributes.get(ATTRIBUTE.realm) ?? proof.realm);
    proof.nonce = Buffer.from(answer.attributes.get(ATTRIBUTE.nonce) ?? proof.nonce);
    const code = codeOf(answer);
    const wantsProof = shown !== undefined && ((first && code === 401) || code === 438);
    return wantsProof ? once(method, withProof(method, body)) : answer;
  };
}

/**
 * Asks for an allocation, and for permissions in it, and gives it back. Throws `outbound.failed` where nobody answers.
 */
export async function seeTurn(ask: TurnAsk): Promise<TurnSeen> {
  const wire = await opened(ask);
  try {
    const request = asking(wire, ask);
    const answer = await request(METHOD.allocate, () => [
      attribute(ATTRIBUTE.transport, Buffer.from([17, 0, 0, 0])),
      ...(ask.family === 6 ? [attribute(ATTRIBUTE.family, Buffer.from([2, 0, 0, 0]))] : []),
    ]);
    const said = (type: number) => answer.attributes.get(type)?.toString('utf8');
    const [software, realm] = [said(ATTRIBUTE.software), said(ATTRIBUTE.realm)];
    const code = codeOf(answer);
    const permitted: string[] = [];
    if (code === 200) {
      for (const peer of ask.peers) {
        const permission = await request(METHOD.permission, (id) => [
          attribute(ATTRIBUTE.peer, xorAddress({ address: peer, port: DISCARD }, id)),
        ]);
        if (codeOf(permission) === 200) permitted.push(peer);
      }
      await request(METHOD.refresh, () => [attribute(ATTRIBUTE.lifetime, number(0))]);
    }
    return { code, permitted, ...(software && { software }), ...(realm && { realm }) };
  } finally {
    wire.close();
  }
}
