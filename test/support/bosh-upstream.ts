/**
 * A stand-in for Prosody behind Jitsi's web server: it opens streams by BOSH, holds requests back, and says what it was asked.
 * What the real one does is tried in test/prosody.
 */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEBIAN_CONFIG_JS } from './config-js.ts';

/** A request as it arrived. */
export interface Posted {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The stand-in. */
export interface BoshUpstream {
  readonly url: string;
  readonly posted: Posted[];
  /** Requests that wait for an answer. */
  readonly held: ServerResponse[];
  /** Requests whose caller went away while they waited. */
  left: number;
  close(): Promise<void>;
}

const XMLNS = "xmlns='http://jabber.org/protocol/httpbind'";

/** Starts one: it answers a start with a stream, an end with an end, an empty request never, and anything else at once. */
export async function startBoshUpstream(): Promise<BoshUpstream> {
  let streams = 0;
  const posted: Posted[] = [];
  const held: ServerResponse[] = [];
  const server = createServer((request, answer) => {
    if (request.method !== 'POST') {
      answer.setHeader('content-type', 'text/javascript').end(DEBIAN_CONFIG_JS);
      return;
    }
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const { method = '', url: target = '', headers } = request;
      posted.push({ method, target, headers, body });
      const say = (xml: string) => answer.setHeader('content-type', 'text/xml; charset=utf-8').end(xml);
      if (!body.includes('sid=')) {
        streams += 1;
        say(
          `<body ${XMLNS} sid='0b5a5f0e-6f8e-4a51-9a4b-${String(streams).padStart(12, '0')}' requests='2'/>`,
        );
      } else if (body.includes("type='terminate'")) {
        say(`<body ${XMLNS} type='terminate'/>`);
        for (const one of held.splice(0)) one.end(`<body ${XMLNS} type='terminate'/>`);
      } else if (/\/>$/.test(body) && !body.includes('</')) held.push(answer);
      else say(`<body ${XMLNS}><message xmlns='jabber:client'/></body>`);
      answer.on('close', () => {
        if (!answer.writableEnded) upstream.left += 1;
      });
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const upstream: BoshUpstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ posted, held, left: 0 },
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return upstream;
}
