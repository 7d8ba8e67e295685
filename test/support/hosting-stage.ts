/**
 * A stage with a room that somebody leads: hosts, guests who wait, and others, each in a browser of their own.
 */
import type { Answer, Stage, StageOptions } from './server-stage.ts';
import { PREFIX, startStage } from './server-stage.ts';
import type { Visitor } from './visitor.ts';

/** Whoever signs in: Ada leads `standup` and the rooms `b-*`, nobody else leads anything. */
export const PEOPLE = {
  ada: {},
  grace: { sub: 'grace', name: 'Grace Hopper', email: 'grace@example.org', email_verified: true },
} as const;

/** One who signs in. */
export type Somebody = keyof typeof PEOPLE;

/** The stage, and who comes there. */
export interface HostingStage {
  readonly stage: Stage;
  /** A browser at an address of its own. */
  somebody(): Visitor;
  signedIn(who: Somebody, room?: string): Promise<Visitor>;
  /** Somebody who gave a name before this room. */
  guest(name?: string, room?: string): Promise<Visitor>;
  /** The room as its host sees it. */
  seen(host: Visitor, room?: string): Promise<Seen>;
  /** Presses a button of its page. */
  does(host: Visitor, fields: Readonly<Record<string, string>>, room?: string): Promise<Answer>;
  joins(visitor: Visitor, room?: string): Promise<Answer>;
  /** The person of this name who waits before the room. */
  waitingId(host: Visitor, name: string, room?: string): Promise<string>;
}

/** The room as JSON, as far as tests look at it. */
export interface Seen {
  readonly waiting: readonly { readonly person: string; readonly name: string; readonly standing: string }[];
  readonly invitations: readonly {
    readonly id: string;
    readonly role: string;
    readonly until: string;
    readonly about?: string;
    readonly by?: string;
  }[];
  readonly out: readonly { readonly person: string; readonly by?: string; readonly until: string }[];
  readonly lately: readonly { readonly person: string; readonly name: string }[];
}

/** Where a room's page is; `room` as it stands in a path. */
export function pageOf(room = 'standup'): string {
  return `${PREFIX}/room/${room}`;
}

/** Rules under which strangers wait, members take part, and Ada leads. */
export const HOSTING_RULES: readonly Readonly<Record<string, unknown>>[] = [
  {
    name: 'leads',
    when: { rooms: ['standup', 'b-*'], tenants: [''], emails: ['ada@example.org'] },
    then: 'host',
  },
  {
    name: 'leads abroad',
    when: { rooms: ['größe'], tenants: ['sales'], emails: ['ada@example.org'] },
    then: 'host',
  },
  { name: 'closed', when: { rooms: ['board'], signedIn: true }, then: 'refuse' },
  { name: 'strangers wait', when: { signedIn: false, invited: false }, then: 'wait' },
];

let addresses = 0;

/** Starts it. */
export async function startHostingStage({ config, ...options }: StageOptions = {}): Promise<HostingStage> {
  const stage = await startStage({
    ...options,
    config: { trustedProxies: ['127.0.0.1'], access: 'members', rules: HOSTING_RULES, ...config },
  });
  const somebody = () => {
    addresses += 1;
    return stage.visitor({
      'x-forwarded-for': `203.0.${Math.floor(addresses / 200)}.${1 + (addresses % 200)}`,
    });
  };
  const seen: HostingStage['seen'] = async (host, room) => {
    const { text } = await host.get(pageOf(room), { accept: 'application/json' });
    return JSON.parse(text);
  };
  return {
    ...{ stage, somebody, seen },
    signedIn: async (who, room = 'standup') => {
      const visitor = somebody();
      stage.op.bend.claims = (claims) => ({ ...claims, ...PEOPLE[who] });
      await visitor.signIn(`/${room}`);
      return visitor;
    },
    guest: async (name = 'Linus', room = 'standup') => {
      const visitor = somebody();
      await visitor.get(`${PREFIX}/sign-in?to=%2F${encodeURIComponent(room)}`);
      await visitor.post(`${PREFIX}/guest`, { to: `/${room}`, name });
      await visitor.get(`${PREFIX}/join?to=%2F${encodeURIComponent(room)}`);
      return visitor;
    },
    does: (host, fields, room) => host.post(pageOf(room), fields),
    joins: (visitor, room = 'standup') => visitor.get(`${PREFIX}/join?to=%2F${encodeURIComponent(room)}`),
    waitingId: async (host, name, room) => {
      const found = (await seen(host, room)).waiting.find((one) => one.name === name);
      if (found === undefined) throw new Error(`${name} does not wait`);
      return found.person;
    },
  };
}
