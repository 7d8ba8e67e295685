/**
 * In front of Jitsi: what is asked for, by whom, and is it let through? What is
 * not known by name goes nowhere. One of the four places that catch.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Asked } from '../admission/arrival.ts';
import { Problem } from '../base/problem.ts';
import { shownRoom } from '../base/room.ts';
import type { Soon } from '../base/soon.ts';
import type { ProblemExtras } from '../web/problem-answer.ts';
import { toProblem } from '../web/respond.ts';
import { refuse, refuseUpgrade } from './answer.ts';
import { behindSession, through } from './assets.ts';
import { bosh } from './bosh-request.ts';
import { withoutTokens } from './carry-token.ts';
import { conferencePage } from './conference-page.ts';
import { configFile } from './config-file.ts';
import type { GatewayParts, Passage } from './parts.ts';
import { request } from './request.ts';
import { type OpenGroup, type Surface, surfaceOf } from './surface.ts';
import { isTokenService, tokenService } from './token-service.ts';
import { upgrade } from './upgrade.ts';

/** The gateway, as the sockets are handed to it. */
export interface Gateway {
  /** Answers one judged request. Never throws. */
  request(incoming: IncomingMessage, outgoing: ServerResponse, asked: Asked): void;
  /** Takes over one judged request that wants to become a WebSocket. Never throws. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, asked: Asked): void;
}

/** Makes the gateway. */
export function createGateway(parts: GatewayParts): Gateway {
  const { web } = parts;
  return {
    request: (incoming, outgoing, asked) => {
      const passage = { incoming, outgoing, asked };
      let surface: Surface | undefined;
      const failed = (thrown: unknown) =>
        void refuse(thrown, passage, { web, extras: comingAgain(thrown, { asked, surface }) });
      try {
        if (!isTokenService(asked.path, parts)) surface = surfaceOf(asked.path);
        const done = surface ? dispatch(passage, surface, parts) : tokenService(passage, parts);
        if (done instanceof Promise) done.catch(failed);
      } catch (thrown) {
        failed(thrown);
      }
    },
    upgrade: (incoming, socket, head, asked) => {
      upgrade({ incoming, socket, head, asked }, parts).catch((thrown: unknown) =>
        refuseUpgrade(thrown, { asked, socket }, web),
      );
    },
  };
}

/** What passes by itself is worth another try, at the same address. */
function comingAgain(
  thrown: unknown,
  { asked, surface }: { readonly asked: Asked; readonly surface: Surface | undefined },
): ProblemExtras {
  if (asked.method !== 'GET' || ![502, 503, 504].includes(toProblem(thrown).status)) return {};
  const query = withoutTokens(asked.query);
  return {
    retry: query === '' ? asked.path : `${asked.path}?${query}`,
    ...(surface?.kind === 'page' && { room: shownRoom(surface.room) }),
  };
}

function dispatch(passage: Passage, surface: Surface, parts: GatewayParts): Soon<void> {
  switch (surface.kind) {
    case 'page':
      return conferencePage(passage, surface, parts);
    case 'welcome':
      return behindSession(passage, parts);
    case 'asset':
    case 'socket':
      return isOpen(surface.groups, parts) ? through(passage, parts, true) : behindSession(passage, parts);
    case 'config':
      return configFile(passage, surface.tenant, parts);
    case 'xmpp-websocket':
      // The second is the client's own look whether the server is there.
      return behindSession(passage, parts);
    case 'conference-request':
    case 'room-info':
      return request(passage, { ...surface, kind: surface.kind }, parts);
    case 'bosh':
      return bosh(passage, surface.tenant, parts);
    case 'unknown':
      throw new Problem('request.not-found');
  }
}

function isOpen(groups: readonly OpenGroup[], { open }: GatewayParts): boolean {
  return groups.some((group) => open[group]);
}
