/**
 * A stand-in for the web server of a Jitsi behind us: it says what it was asked, and serves a page and settings.
 * What real ones do is tried against real nginx and real Prosody.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEBIAN_CONFIG_JS } from './config-js.ts';

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
}

/** The stand-in. */
export interface UpstreamStandIn {
  readonly url: string;
  /** Everything asked so far. */
  readonly arrived: Arrived[];
  close(): Promise<void>;
}

const PAGE = '<!doctype html><html><head><title>Jitsi Meet</title></head><body></body></html>';

/** Starts one. `configJs` is what it serves under that name, whatever the tenant. */
export async function startUpstream(configJs = DEBIAN_CONFIG_JS): Promise<UpstreamStandIn> {
  const arrived: Arrived[] = [];
  const server = createServer(({ method = '', url = '', headers }, answer) => {
    arrived.push({ method, target: url, headers });
    const path = url.split('?', 1)[0] ?? '';
    if (path.endsWith('config.js')) answer.setHeader('content-type', 'text/javascript').end(configJs);
    // As where a file is missing and the page is shown in its place.
    else if (path.endsWith('/missing.js'))
      answer.setHeader('content-type', 'text/html; charset=utf-8').end(PAGE);
    else if (path.endsWith('/long.js'))
      answer
        .setHeader('content-type', 'text/javascript')
        .setHeader('etag', '"long-1"')
        .end('long(); '.repeat(1000));
    else if (/\.\w+$/.test(path) || path.split('/').length > 3)
      answer.setHeader('content-type', 'text/plain').end(`file ${path}`);
    else answer.setHeader('content-type', 'text/html; charset=utf-8').end(PAGE);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
