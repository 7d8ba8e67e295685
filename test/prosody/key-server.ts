/**
 * Where a test's Prosody fetches public keys, by ASAP and as a JWKS: our own documents on a server of the test's own.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { findAsap, jwks } from '../../src/keys/publish.ts';
import type { PublicKey } from '../../src/keys/signing-key.ts';

/** A running key server. */
export interface KeyServer {
  /** For `asap_key_server`. */
  readonly asap: string;
  /** For `cache_keys_url`. */
  readonly jwks: string;
  /** For `asap_key_server` where nothing is to be found. */
  readonly nothing: string;
  /** Every path that was asked for, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** Serves these keys on 127.0.0.1; what is not there is answered with 404. */
export async function startKeyServer(keys: readonly PublicKey[]): Promise<KeyServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const pem = path.startsWith('/asap/') ? findAsap(path.slice('/asap/'.length), keys) : undefined;
    const body = path === '/jwks.json' ? JSON.stringify(jwks(keys)) : pem;
    response.writeHead(body === undefined ? 404 : 200);
    response.end(body, () => asked.push(path));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    asap: `${origin}/asap`,
    jwks: `${origin}/jwks.json`,
    nothing: `${origin}/nothing`,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
