/**
 * In front of Jitsi: what is asked for, by whom, and is it let through? What is
 * not known by name goes nowhere. One of the four places that catch.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Asked } from '../admission/arrival.ts';
import { Problem } from '../base/problem.ts';
import type { Soon } from '../base/soon.ts';
import { refuse, refuseUpgrade } from './answer.ts';
import { behindSession, through } from './assets.ts';
import { bosh } from './bosh-request.ts';
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
      const failed = (thrown: unknown) => void refuse(thrown, passage, { web });
      try {
        const done = isTokenService(asked.path, parts)
          ? tokenService(passage, parts)
          : dispatch(passage, surfaceOf(asked.path), parts);
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
