/**
 * The ways from a TURN client to its server: UDP, or TLS, where messages come one behind the other.
 *
 * @see RFC 8656, sections 3.1 and 12.5
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';

/** Where somebody is. */
export interface At {
  readonly address: string;
  readonly port: number;
}

/** A way to a server. */
export interface Wire {
  send(bytes: Buffer): void;
  /** Called with each whole message. */
  hear(what: (bytes: Buffer) => void): void;
  close(): void;
  /** Nobody waits for it any more. */
  unref(): void;
}

/** How TLS is spoken: which name is asked for, and whose certificates are believed. */
export interface TlsWish {
  readonly servername: string;
  readonly ca: string;
}

/** Opens one. Fails where TLS does. */
export async function openWire(server: At, tls?: TlsWish): Promise<Wire> {
  return tls === undefined ? overUdp(server) : overTls(server, tls);
}

async function overUdp({ address, port }: At): Promise<Wire> {
  const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
  socket.bind();
  await once(socket, 'listening');
  return {
    send: (bytes) => socket.send(bytes, port, address),
    hear: (what) => void socket.on('message', what),
    close: () => socket.close(),
    unref: () => void socket.unref(),
  };
}

async function overTls({ address, port }: At, tls: TlsWish): Promise<Wire> {
  const socket = connect({ host: address, port, ...tls, ALPNProtocols: ['stun.turn'] });
  await once(socket, 'secureConnect');
  return {
    // Over a stream data is padded, and its length is not. A request has such a length already.
    send: (bytes) => void socket.write(Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])),
    hear: (what) => cut(socket, what),
    close: () => void socket.destroy(),
    unref: () => void socket.unref(),
  };
}

function cut(socket: TLSSocket, what: (bytes: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      const isData = (rest[0] ?? 0) >= 0x40;
      const length = rest.readUInt16BE(2) + (isData ? 4 : 20);
      const padded = length + (-length & 3);
      if (rest.length < padded) return;
      what(rest.subarray(0, length));
      rest = rest.subarray(padded);
    }
  });
}
