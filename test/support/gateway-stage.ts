/**
 * The whole server in front of an upstream that writes down every byte, and
 * somebody who has signed in there.
 */
import type { TestContext } from 'node:test';
import { type RawUpstream, type Say, startRawUpstream } from './raw-upstream.ts';
import { ORIGIN, type Stage, type StageOptions, startStage } from './server-stage.ts';
import type { Visitor } from './visitor.ts';

/** A stage with its upstream. */
export interface GatewayStage {
  readonly stage: Stage;
  readonly upstream: RawUpstream;
  /** Signed in. */
  readonly ada: Visitor;
  close(): Promise<void>;
}

/** Starts one. */
export async function startGatewayStage(
  options: StageOptions & { readonly say?: Say } = {},
): Promise<GatewayStage> {
  const upstream = await startRawUpstream(options.say);
  const { upstream: more, ...config } = (options.config ?? {}) as { upstream?: object };
  const stage = await startStage({
    ...options,
    config: { ...config, upstream: { url: upstream.url, ...more } },
  });
  const ada = stage.visitor();
  await ada.signIn();
  return {
    stage,
    upstream,
    ada,
    close: async () => {
      await upstream.close();
      await stage.close();
    },
  };
}

/** The same for one test. */
export async function gatewayStageFor(
  t: TestContext,
  options: StageOptions & { readonly say?: Say } = {},
): Promise<GatewayStage> {
  const started = await startGatewayStage(options);
  t.after(() => started.close());
  return started;
}

/** The bytes of a request; the connection ends with its answer. */
export function requestBytes(
  line: string,
  headers: readonly string[],
  { host = new URL(ORIGIN).host, body = '', close = true } = {},
): string {
  const all = [`Host: ${host}`, ...headers, ...(close ? ['Connection: close'] : [])];
  return `${line} HTTP/1.1\r\n${all.join('\r\n')}\r\n\r\n${body}`;
}

/** What begins an XMPP connection in a browser, without its cookies. */
export const XMPP_HANDSHAKE: readonly string[] = [
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: xmpp',
  `Origin: ${ORIGIN}`,
];
