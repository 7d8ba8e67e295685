/**
 * What the gateway is handed by the composition root: small options, the ports
 * of its two adapters, and what our own routes have already.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Asked } from '../admission/arrival.ts';
import type { ShownAt } from '../admission/link-ticket.ts';
import type { NoTicket, TicketProof } from '../admission/ticket.ts';
import type { Random } from '../base/random.ts';
import type { Secret } from '../base/secret.ts';
import type { WebParts } from '../web/parts.ts';
import type { Bosh } from './bosh.ts';
import type { Brake } from './brake.ts';
import type { Front } from './headers.ts';
import type { JitsiLook } from './jitsi-look.ts';
import type { Machines } from './machines.ts';
import type { NoToken } from './no-token.ts';
import type { OpenFiles } from './open-files.ts';
import type { Sockets } from './sockets.ts';
import type { OpenGroup } from './surface.ts';
import type { UpstreamHttp } from './upstream-http.ts';
import type { UpstreamSocket } from './upstream-socket.ts';

/** How Jitsi behind us is spoken to. */
export interface UpstreamOptions {
  /** Prosody is reached itself, past Jitsi's web server: path and prefix are ours to make. */
  readonly xmpp: boolean;
  readonly carry: 'header' | 'query';
  readonly visitors: boolean;
}

/** Everything the gateway needs. */
export interface GatewayParts {
  readonly web: WebParts;
  readonly random: Random;
  readonly upstream: UpstreamHttp;
  readonly upstreamSocket: UpstreamSocket;
  readonly options: UpstreamOptions;
  /** Who we are to Jitsi. */
  readonly front: Front;
  /** The one host an XMPP stream may be opened to. */
  readonly xmppDomain: string;
  /** What a stranger may reach. */
  readonly open: Readonly<Record<OpenGroup, boolean>>;
  /** Of which there is one for all of them. */
  readonly openFiles: OpenFiles;
  /** Paths below which the real token is put in place of the page's. */
  readonly tokenServices: readonly string[];
  readonly machines: Machines;
  /** The Jitsi behind us, as far as it is to be known. */
  readonly jitsi: JitsiLook;
  readonly readTicket: (token: string, at: ShownAt) => Promise<TicketProof | NoTicket>;
  /** For a session that only holds open connections: is the person still there? */
  readonly lookAgain: (sessionId: Secret) => Promise<void>;
  readonly sockets: Sockets;
  readonly bosh: Bosh;
  readonly noToken: NoToken;
  readonly brake: Brake;
}

/** One request at the gateway, with the sockets it came by. */
export interface Passage {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly asked: Asked;
}
