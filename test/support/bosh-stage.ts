/**
 * BOSH at some nodes before one store, and a Prosody that counts requests as the real one does.
 */
import assert from 'node:assert/strict';
import { fixedClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { roomFromPath, roomOf, tenantFromPath } from '../../src/base/room.ts';
import type { Store } from '../../src/base/store.ts';
import { type BoshCaller, type BoshDecision, createBosh } from '../../src/gateway/bosh.ts';
import { ended } from '../../src/gateway/bosh-body.ts';
import { createBoshStreams } from '../../src/gateway/bosh-streams.ts';
import { createSockets } from '../../src/gateway/sockets.ts';
import { createFickleStore } from './fickle-store.ts';

/** The host streams are for. */
export const DOMAIN = 'meet.example.org';
/** Where everybody is. */
export const ROOM = roomOf(roomFromPath('stand-up'), tenantFromPath('acme'));
/** The namespace of every body. */
export const XMLNS = "xmlns='http://jabber.org/protocol/httpbind'";
/** How a stream is spoken to. */
export const WAY = { path: '/acme/http-bind?room=stand-up', address: '203.0.113.9' };
/** Who opens streams. */
export const ADA: BoshCaller = { ...WAY, owner: { session: 'ada' }, room: ROOM };
/** Who learns of them. */
export const MALLORY: BoshCaller = { ...WAY, owner: { session: 'mallory' }, room: ROOM };
/** A text as it comes by HTTP. */
export const bytes = (text: string) => Buffer.from(text);
/** The first request of a stream. */
export const start = bytes(`<body ${XMLNS} rid='100' to='${DOMAIN}' wait='60' hold='1'/>`);
/** A name as Prosody gives streams. */
export const sidOf = (number: number) => `0b5a5f0e-6f8e-4a51-9a4b-${String(number).padStart(12, '0')}`;
/** Prosody’s answer to a first request. */
export const begun = (sid: string) => bytes(`<body ${XMLNS} sid='${sid}' requests='2'/>`);
/** A later request. */
export const on = (sid: string, rid: number, more = '') =>
  bytes(`<body ${XMLNS} rid='${rid}' sid='${sid}' ${more}/>`);
/** A decision in one word. */
export const told = (decision: BoshDecision) =>
  'why' in decision ? decision.why : 'problem' in decision ? decision.problem.code : decision.kind;

/**
 * Prosody's count of requests: what is next is taken, what comes one too early waits, the rest is answered alone.
 * @see prosody, plugins/mod_bosh.lua, `streamopened`
 */
function createProsody(rid: number) {
  const prosody = {
    rid,
    waits: undefined as { rid: number; ends: boolean } | undefined,
    over: false,
    asked: [] as number[],
    async say(xml: string): Promise<Buffer> {
      const turn = Number(/rid='(\d+)'/.exec(xml)?.[1]);
      const ends = xml.includes("type='terminate'");
      prosody.asked.push(turn);
      if (prosody.over) return bytes(ended('item-not-found'));
      const ahead = turn - prosody.rid;
      if (ahead === 2) prosody.waits = { rid: turn, ends };
      if (ahead === 2 || ahead === 0) return new Promise(() => {});
      if (ahead !== 1) return bytes(ended('item-not-found'));
      prosody.rid = prosody.waits?.rid ?? turn;
      prosody.over = ends || prosody.waits?.ends === true;
      prosody.waits = undefined;
      return prosody.over ? bytes(ended()) : bytes(`<body ${XMLNS}/>`);
    },
  };
  return prosody;
}

/** Some nodes before one store. */
export function stage() {
  const clock = fixedClock();
  const fickle = createFickleStore(clock);
  const gone = new Set<string>();
  const written: string[] = [];
  const store: Store = {
    ...fickle.store,
    put: (key, ...rest) => {
      written.push(key);
      return fickle.store.put(key, ...rest);
    },
  };
  const said: { xml: string; path: string }[] = [];
  const scene = { prosody: createProsody(100) };
  const node = () => {
    const sockets = createSockets({
      ...{ clock, log: silentLog, store: fickle.store },
      metrics: { count: () => {}, observe: () => {} },
      standing: async (sessions) => new Map(sessions.map((id) => [id, gone.has(id) ? 'gone' : 'live'])),
      touch: () => {},
      options: { perSession: 3, meetingGrace: 3600, strict: false },
    });
    const streams = createBoshStreams({ clock, log: silentLog, store, sockets, patience: 20 });
    streams.speakBy(async (xml, { path }) => {
      said.push({ xml, path });
      return scene.prosody.say(xml);
    });
    const bosh = createBosh({ clock, store, streams, xmppDomain: DOMAIN, stands: sockets.stands });
    return { sockets, bosh };
  };
  const first = node();
  let streams = 0;
  /** Opens a stream for somebody, as the gateway does. */
  async function opened(caller: BoshCaller = ADA, { bosh } = first): Promise<string> {
    streams += 1;
    const sid = sidOf(streams);
    const decision = await bosh.judge(start, caller);
    assert.ok(decision.kind === 'start' && caller.owner !== undefined);
    const { owner, room = ROOM } = caller;
    await decision.opens({ ...WAY, owner, room }).answered(begun(sid));
    return sid;
  }
  return { clock, fickle, written, gone, said, scene, node, opened, ...first };
}
