/**
 * Who would have been locked out while not everything was guarded, and which setting would let each of them in.
 */
import { type ObservedKind, readObserved, type SeenAs } from '../admission/observed.ts';
import { stagesIn } from '../app/stages.ts';
import { parseSpan } from '../base/duration.ts';
import { CONFIG, type Command, complain, JSON_OUT } from './command.ts';
import { withParts } from './open.ts';
import { adviceFor, GROUPS, type ReportGroup } from './report-words.ts';
import { roomText } from './room.ts';
import { counted, hour, iso, json, plain } from './text.ts';

/** `ostiary report` */
export const report: Command = {
  name: 'report',
  does: 'tell who would have been locked out while not everything is guarded, and what would let them in',
  about:
    'What was written down while insecureObserveOnly or rollout held (docs/how-to/in-stages.md): counted by day, without persons. Days are those of UTC, and whole. People are counted by how often they came; files and other paths by themselves, request by request.',
  options: [
    { flags: '--since <span>', does: 'how far back, as 24h or 7d', otherwise: '7d' },
    CONFIG,
    JSON_OUT,
  ],
  run: async (io, given) => {
    const span = parseSpan(given.text('since') ?? '7d');
    if (span === undefined || span <= 0)
      return complain(io, 'Since when?', 'Write a number with h, d or w behind it, as --since 7d.');
    return withParts(io, given, async ({ store, config }) => {
      const since = io.now() - span * 1000;
      const from = Date.parse(new Date(since).toISOString().slice(0, 10));
      const kinds = await readObserved(store, since);
      const groups = grouped(kinds);
      const stages = stagesIn(config);
      const guarded = stages?.standing(io.now()) ?? 'all-guarded';
      if (given.flag('json'))
        io.out(json({ since: iso(from / 1000), until: iso(io.now() / 1000), guarded, groups }));
      else io.out(asText(groups, { from, guarded, until: stages?.until }).join('\n'));
      return 0;
    });
  },
};

/** One line of the report: what is alike, over all days. */
export interface ReportLine {
  readonly what: string;
  readonly code: string;
  readonly count: number;
  /** RFC 3339. */
  readonly first: string;
  readonly last: string;
  readonly rooms: readonly string[];
  readonly addresses: readonly string[];
  readonly setting: string;
}

/** Everybody of one kind. */
export interface ReportedGroup {
  readonly group: ReportGroup;
  readonly title: string;
  readonly count: number;
  readonly lines: readonly ReportLine[];
}

const GROUP_OF: Readonly<Record<SeenAs, ReportGroup>> = {
  app: 'apps',
  recorder: 'recorders',
  link: 'links',
  site: 'sites',
  page: 'guests',
  guest: 'guests',
  person: 'people',
  path: 'paths',
};

/** So many rooms are named; how many more there are is said. */
const MOST_ROOMS = 5;

function grouped(kinds: readonly ObservedKind[]): readonly ReportedGroup[] {
  return (Object.keys(GROUPS) as ReportGroup[]).flatMap((group) => {
    const mine = kinds.filter(({ seenAs }) => GROUP_OF[seenAs] === group);
    if (mine.length === 0) return [];
    const lines = [...Map.groupBy(mine, sameLine).values()].map(lineOf).toSorted((a, b) => b.count - a.count);
    return [{ group, title: GROUPS[group], count: sum(lines), lines }];
  });
}

function sum(all: readonly { readonly count: number }[]): number {
  return all.reduce((before, { count }) => before + count, 0);
}

function sameLine({ seenAs, code, rule, issuer, host, path }: ObservedKind): string {
  return JSON.stringify([seenAs, code, rule, issuer, host, path]);
}

function lineOf(alike: readonly ObservedKind[]): ReportLine {
  const [one] = alike as readonly [ObservedKind, ...ObservedKind[]];
  const rooms = alike.flatMap(({ room, tenant }) =>
    room === undefined ? [] : [roomText({ name: room, ...(tenant !== undefined && { tenant }) })],
  );
  const addresses = [...new Set(alike.flatMap((kind) => kind.addresses ?? []))];
  return {
    ...adviceFor(one, addresses),
    code: one.code,
    count: sum(alike),
    first: iso(Math.min(...alike.map(({ first }) => first)) / 1000),
    last: iso(Math.max(...alike.map(({ last }) => last)) / 1000),
    rooms: [...new Set(rooms)].toSorted(),
    addresses,
  };
}

function asText(
  groups: readonly ReportedGroup[],
  {
    from,
    guarded,
    until,
  }: { readonly from: number; readonly guarded: string; readonly until: number | undefined },
): string[] {
  const stands =
    guarded === 'nothing-guarded'
      ? `NOTHING is guarded until ${hour((until ?? 0) / 1000)}.`
      : guarded === 'part-guarded'
        ? 'A part is guarded (rollout).'
        : 'Everything is guarded.';
  if (groups.length === 0)
    return [`Since ${hour(from / 1000)} nobody passed who would have been locked out. ${stands}`];
  // One page brings a hundred files along: they are no people, and are counted by themselves.
  const [paths, people] = [true, false].map((are) =>
    sum(groups.filter(({ group }) => (group === 'paths') === are)),
  );
  const said = [
    ...(people ? [`somebody passed ${counted(people, 'time')} who would have been locked out`] : []),
    ...(paths ? [`${counted(paths, 'request')} for files and other paths would have been refused`] : []),
  ];
  const head = `Since ${hour(from / 1000)} ${said.join('; ')}. ${stands}`;
  return [head, ...groups.flatMap((group) => ['', ...groupText(group)])];
}

function groupText({ group, title, count, lines }: ReportedGroup): string[] {
  const unit = group === 'paths' ? 'request' : 'time';
  return [
    `${title}: ${counted(count, unit)}`,
    ...lines.flatMap(({ what, code, count: times, first, last, rooms, addresses, setting }) => {
      const said = [
        `${counted(times, unit)}, ${first.slice(0, 16).replace('T', ' ')}Z to ${last.slice(0, 16).replace('T', ' ')}Z`,
        ...(rooms.length > 0 ? [`rooms: ${some(rooms)}`] : []),
        ...(addresses.length > 0 ? [`from: ${some(addresses)}`] : []),
        `lets them in: ${setting}`,
      ];
      return [`  ${plain(what)} (${plain(code)})`, ...said.map((line) => `    ${plain(line)}`)];
    }),
  ];
}

function some(all: readonly string[]): string {
  const more = all.length - MOST_ROOMS;
  return `${all.slice(0, MOST_ROOMS).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}
