/**
 * How fast rules decide, against the same questions asked by predicates that were written out beforehand.
 */
import { roomFromPath, roomOf } from '../src/base/room.ts';
import { decide } from '../src/policy/decide.ts';
import type { Facts, Rule } from '../src/policy/rule.ts';
import { compare, type Figure, type Side } from './rounds.ts';

/** Milliseconds of a turn; nothing here waits for anything. */
const TURN = 25;
/** Decisions between two looks at the clock. */
const BATCH = 32;

interface Said {
  readonly prefix: string;
  readonly group: string;
}

/** So many rules of two conditions each, of which the last alone speaks. */
function saidOf(count: number): readonly Said[] {
  return Array.from({ length: count }, (_, at) => ({ prefix: `unit-${at}-`, group: `group-${at}` }));
}

const ruleOf = ({ prefix, group }: Said): Rule => ({
  name: prefix,
  when: { rooms: [`${prefix}*`], groups: [group] },
  then: 'participant',
});

/** What somebody would write who knows each rule. */
function predicateOf({ prefix, group }: Said): (facts: Facts) => boolean {
  return ({ room, person }) =>
    room.name.startsWith(prefix) && person !== undefined && person.groups.includes(group);
}

function sideOf(one: () => unknown): Side {
  return async () => {
    const started = performance.now();
    let count = 0;
    let lasted = 0;
    while (lasted < TURN) {
      for (let at = 0; at < BATCH; at += 1) one();
      count += BATCH;
      lasted = performance.now() - started;
    }
    return (count / lasted) * 1000;
  };
}

/** Decisions among so many rules, of which the last one speaks. */
export function decideFigure(count: number): Promise<Figure> {
  const said = saidOf(count);
  const last = said.at(-1);
  const person = {
    ...{ id: 'bench#1', provider: 'bench', emailVerified: false },
    groups: [last?.group ?? ''],
  };
  const facts: Facts = { room: roomOf(roomFromPath(`${last?.prefix}standup`)), person, now: 0 };
  const rules = said.map(ruleOf);
  const predicates = said.map(predicateOf);
  if (decide(facts, rules).rule !== last?.prefix || predicates.findIndex((one) => one(facts)) !== count - 1)
    throw new Error('another rule spoke');
  return compare({
    ours: sideOf(() => decide(facts, rules)),
    peer: sideOf(() => predicates.find((one) => one(facts))),
  });
}
