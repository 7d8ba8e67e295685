/**
 * In front of Jitsi: what is asked for, by whom, and is it let through? What is
 * not known by name goes nowhere. One of the four places that catch.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Asked } from '../admission/arrival.ts';
import type { GateVerdict, Metrics } from '../base/metrics.ts';
import { Problem } from '../base/problem.ts';
import type { Soon } from '../base/soon.ts';
import { appSiteAnswer } from '../web/app-sites.ts';
import type { ProblemExtras } from '../web/problem-answer.ts';
import { toProblem } from '../web/respond.ts';
import { refuse, refuseUpgrade, send } from './answer.ts';
import { behindSession, through } from './assets.ts';
import { AUTH_ERROR, authError } from './auth-error.ts';
import { bosh } from './bosh-request.ts';
import { withoutTokens } from './carry-token.ts';
import { conferencePage } from './conference-page.ts';
import { configFile } from './config-file.ts';
import { openFile } from './open-file.ts';
import type { GatewayParts, Passage } from './parts.ts';
import { request } from './request.ts';
import { type OpenGroup, type Surface, surfaceOf } from './surface.ts';
import { type Reached, reaching, tokenService } from './token-service.ts';
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
  const reach = reaching(parts);
  return {
    request: (incoming, outgoing, asked) => {
      const passage = { incoming, outgoing, asked };
      judge(
        () => reach(asked.path),
        (reached) => dispatch(passage, reached, parts),
        {
          refused: (thrown, reached) =>
            refuse(thrown, passage, { web, extras: comingAgain(thrown, { asked, reached }) }),
          metrics: web.metrics,
        },
      );
    },
    upgrade: (incoming, socket, head, asked) => {
      judge(
        () => surfaceOf(asked.path),
        (surface) => upgrade({ incoming, socket, head, asked }, surface, parts),
        { refused: (thrown) => refuseUpgrade(thrown, { asked, socket }, web), metrics: web.metrics },
      );
    },
  };
}

/** What passes by itself is worth another try, at the same address. */
function comingAgain(
  thrown: unknown,
  { asked, reached }: { readonly asked: Asked; readonly reached: Reached | undefined },
): ProblemExtras {
  if (asked.method !== 'GET' || ![502, 503, 504].includes(toProblem(thrown).status)) return {};
  const query = withoutTokens(asked.query);
  return {
    retry: query === '' ? asked.path : `${asked.path}?${query}`,
    ...(reached?.kind === 'page' && { room: reached.room }),
  };
}

interface Judging {
  /** Answers what was thrown; `reached` is unknown where the path names nothing that can be. */
  readonly refused: (thrown: unknown, reached: Reached | undefined) => Promise<void>;
  readonly metrics: Metrics;
}

/** Whatever becomes of a request, it is counted once: by the word we tell the caller, if we tell them one. */
function judge<At extends Reached>(
  reach: () => At,
  go: (at: At) => Soon<GateVerdict>,
  { refused, metrics }: Judging,
): void {
  let reached: At | undefined;
  const count = (verdict: GateVerdict) =>
    // A path that cannot even be read would have been a room's.
    metrics.count('ostiary_gate_requests_total', { surface: reached?.kind ?? 'page', verdict });
  const failed = (thrown: unknown) => {
    count(toProblem(thrown).code);
    void refused(thrown, reached);
  };
  try {
    reached = reach();
    const done = go(reached);
    if (done instanceof Promise) done.then(count, failed);
    else count(done);
  } catch (thrown) {
    failed(thrown);
  }
}

function dispatch(passage: Passage, surface: Reached, parts: GatewayParts): Soon<GateVerdict> {
  switch (surface.kind) {
    case 'page':
      return conferencePage(passage, surface, parts);
    case 'welcome':
      return behindSession(passage, parts);
    case 'asset':
      if (surface.file === AUTH_ERROR) return authError(passage, parts);
      return isOpen(surface.groups, parts) || isErrorPage(surface.file, parts)
        ? (appSiteFile(passage, surface.file, parts) ?? openFile(passage, surface.file, parts))
        : behindSession(passage, parts);
    case 'socket':
      return isOpen(surface.groups, parts) ? through(passage, parts, 'open') : behindSession(passage, parts);
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
    case 'token-service':
      return tokenService(passage, parts);
    case 'unknown':
      throw new Problem('request.not-found');
  }
}

/** Which apps open links of this site, where the operator names them here and not at Jitsi's web server. */
function appSiteFile(
  { asked, outgoing }: Passage,
  file: string,
  { web }: GatewayParts,
): Soon<GateVerdict> | undefined {
  const text = file.startsWith('/.well-known/') ? web.appSites.get(file.slice(13)) : undefined;
  if (text === undefined || !['GET', 'HEAD'].includes(asked.method)) return undefined;
  return send(outgoing, appSiteAnswer(asked.method === 'HEAD' ? null : text), 'open');
}

function isOpen(groups: readonly OpenGroup[], { open }: GatewayParts): boolean {
  return groups.some((group) => open[group]);
}

/** Who is turned away must be able to read why. */
function isErrorPage(file: string, { web: { errorPage } }: GatewayParts): boolean {
  return errorPage?.kind === 'here' && errorPage.path === file;
}
