/**
 * A room as somebody writes it at the terminal: a link, a path, or the name as people say it.
 */
import { Problem } from '../base/problem.ts';
import { parseRoomPath, type Room, roomOf, tenantFromPath } from '../base/room.ts';
import type { Config } from '../config/load.ts';
import type { Given, Option } from './command.ts';

/** Which room it is about. */
export const ROOM: Option = {
  flags: '--room <name>',
  does: 'the room, as it stands in the address line, or its whole link',
  needed: true,
};

/** Where it is, if it is in one. */
export const TENANT: Option = { flags: '--tenant <name>', does: 'the tenant, if the room has one' };

/** The room that `ROOM` and `TENANT` name. Throws the problems of `parseRoomPath`, and `room.unusable` for a link of another site. */
export function roomGiven(given: Given, { publicUrl, aliases, jitsi }: Config): Room {
  const written = given.text('room') ?? '';
  const ours = [publicUrl, ...aliases, jitsi.url].map((url) => new URL(url).host);
  if (isLink(written) && !ours.includes(new URL(written).host))
    throw new Problem('room.unusable', { why: 'a link of another site', ours: new URL(publicUrl).host });
  return roomFromTerminal(written, given.text('tenant'));
}

function isLink(written: string): boolean {
  return URL.canParse(written) && /^https?:/.test(written);
}

/**
 * The room meant. What is written is taken as an address line would take it.
 * Throws the problems of `parseRoomPath`.
 */
export function roomFromTerminal(written: string, tenant?: string): Room {
  const path = isLink(written) ? new URL(written).pathname : written.replace(/^\/+/, '');
  // As a browser does with what is typed: what is an escape already stays one.
  const escaped = encodeURI(path.toWellFormed()).replace(/%25(?=[0-9a-f]{2})/gi, '%');
  const room = parseRoomPath(escaped.startsWith('/') ? escaped : `/${escaped}`);
  return tenant === undefined ? room : roomOf(room.name, tenantFromPath(tenant));
}

/** The room as one word: `sales/standup`. */
export function roomText({ name, tenant }: { readonly name: string; readonly tenant?: string }): string {
  return tenant === undefined ? name : `${tenant}/${name}`;
}
