/**
 * The tables of the source as pages for docs/reference. Pure: docs.ts writes what they return.
 */
import { GATE_VERDICTS, METRICS } from '../src/base/metrics.ts';
import { type Person, personId } from '../src/base/person.ts';
import { PROBLEMS, type ProblemCode } from '../src/base/problem.ts';
import { roomFromPath, roomOf } from '../src/base/room.ts';
import { gatewayShape } from '../src/config/schema/gateway.ts';
import { OPEN_GROUPS, type OpenGroup } from '../src/gateway/surface.ts';
import { HEADER_PRESETS, type HeaderPreset } from '../src/identity/header-presets.ts';
import { type OidcPreset, PRESETS } from '../src/identity/presets.ts';
import type { ProfileMapping } from '../src/identity/profile.ts';
import { en } from '../src/pages/words/en.ts';
import { CLAIMS, toClaims } from '../src/tokens/claims.ts';
import type { WebParts } from '../src/web/parts.ts';
import { placeOf, type Route } from '../src/web/routes.ts';
import { ROUTES } from '../src/web/table.ts';
import { ADVICE, SEEN } from './advice.ts';

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heading, heading.map(() => '---'), ...rows]
    .map((row) => `| ${row.map(cell).join(' | ')} |`)
    .join('\n');
}

function page(title: string, source: string, parts: readonly string[]): string {
  return `${[`# ${title}`, `<!-- Printed from ${source} by "npm run docs". -->`, ...parts].join('\n\n')}\n`;
}

function code(text: string): string {
  return `\`${text}\``;
}

/** docs/reference/problems.md */
export function problemsReference(): string {
  const codes = Object.keys(PROBLEMS) as ProblemCode[];
  const groups = [...new Set(codes.map((name) => name.split('.')[0] ?? ''))];
  const entry = (name: ProblemCode) => {
    const { status, title } = PROBLEMS[name];
    const { happened, whatToDo } = en.problems[name];
    const { seen, mostly, do: todo } = ADVICE[name];
    return [
      `### ${code(name)}`,
      `${status} · ${title} · seen by ${SEEN[seen]}`,
      `> **${happened}.** ${whatToDo}`,
      `- **Mostly:** ${mostly}.\n- **Do:** ${todo}`,
    ].join('\n\n');
  };
  return page('Problems', 'src/base/problem.ts, src/pages/words/en.ts and tools/advice.ts', [
    'Every failure we foresee: its code, the status of HTTP, what the log and JSON say (RFC 9457: `application/problem+json` with `code`, `title`, `status` and `id`), what people read on the page – in English, German, French or Spanish –, and what you can do. By what one sees, without a code: [when something is wrong](../how-to/troubleshoot.md).',
    groups.map((group) => `[${group}](#${group})`).join(' · '),
    ...groups.map((group) =>
      [`## ${group}`, ...codes.filter((name) => name.startsWith(`${group}.`)).map(entry)].join('\n\n'),
    ),
  ]);
}

/** Routes ask their parts for nothing before somebody comes; should one begin to, it says so here. */
const NO_PARTS = new Proxy({} as WebParts, { get: () => undefined });

/** docs/reference/routes.md */
export function routesReference(): string {
  const routes = ROUTES.flatMap((of): readonly Route[] => of(NO_PARTS));
  const row = ({ method, path, outside, from, does }: Route) => [
    method,
    // The name of the stylesheet changes with its content.
    code(
      placeOf(
        { path: path.replace(/-[0-9a-f]{16}\.css$/, '-….css'), ...(outside && { outside }) },
        '/_ostiary',
      ),
    ),
    from,
    outside === undefined ? does : `${does}; only with ${code(outside)}`,
  ];
  const on = (listener: 'public' | 'inner') =>
    table(['Method', 'Path', 'From', 'Does'], routes.filter((route) => route.on.includes(listener)).map(row));
  return page('Routes', 'src/web/table.ts', [
    'Every address that answers. `/_ostiary` is the setting `prefix`. A form that comes from another site is refused (`request.cross-site`); an address that is not in this list is `request.not-found`.',
    `## Public listener\n\nFor people's browsers. Answers for \`publicUrl\` and \`aliases\` only.\n\n${on('public')}`,
    `## Inner listener\n\nFor Prosody and probes, by whatever name they use. Never for the world outside.\n\n${on('inner')}`,
  ]);
}

/** docs/reference/open-paths.md */
export function openPathsReference(): string {
  const preset = gatewayShape.open.parse({});
  const row = (group: OpenGroup) => {
    const { paths, reads } = OPEN_GROUPS[group];
    return [code(`open.${group}`), preset[group] ? 'open' : 'closed', paths.map(code).join('<br>'), reads];
  };
  return page('Open paths', 'src/gateway/surface.ts', [
    'What of Jitsi a stranger can read when we are its gateway ([settings](config.md): `open`). Whatever is not in this list needs a sign-in, and what we do not know is refused to everybody. `[tenant/]` may stand in front or not; `…` is one segment or more.',
    table(
      ['Setting', 'As shipped', 'Paths', 'What a stranger can then read'],
      (Object.keys(OPEN_GROUPS) as OpenGroup[]).map(row),
    ),
    'Our own pages below `/_ostiary` are open as [routes](routes.md) says, and so are the four addresses below `/Shibboleth.sso` with [`saml.shibbolethPaths`](config.md#saml). Never reached through us by anybody: `/about`, `/colibri`, `/debug`, `/metrics`, `/room-census`, `/room-size`, `/turn-credentials`, `/kick-participant`, `/end-meeting`, `/invite-jigasi`, `/send-system-chat-message` and `/_load-test`, at the root and below every tenant. No room can have such a name. `room` and `sessions` are names people give to meetings: there an answer must be a page, and whatever else stands at such an address is not passed on.',
  ]);
}

const EXAMPLE_PERSON: Person = {
  id: personId('keycloak', '5d0e'),
  provider: 'keycloak',
  name: 'Ada Lovelace',
  email: 'ada@example.org',
  emailVerified: true,
  groups: ['staff'],
};

/** docs/reference/claims.md */
export function claimsReference(): string {
  const example = toClaims(
    { person: EXAMPLE_PERSON, room: roomOf(roomFromPath('Größe')), role: 'host', lobby: false },
    {
      issuer: 'ostiary',
      audience: 'ostiary',
      xmppDomain: 'meet.example.org',
      lifetime: 21_600,
      now: 1_800_000_000,
      jti: 'pY3mJ0wq',
      email: false,
    },
  );
  return page('Claims of the token', 'src/tokens/claims.ts', [
    'What stands in the token Jitsi is handed. The header says `typ: JWT`, `alg` HS256 (shared secret) or RS256 (published keys, with `kid`).',
    table(
      ['Claim', 'What', 'Read by'],
      CLAIMS.map(({ claim, meaning, readBy }) => [code(claim), meaning, readBy]),
    ),
    `Ada, a host, in the room “Größe” of \`meet.example.org\`:\n\n\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\``,
  ]);
}

/** docs/reference/metrics.md */
export function metricsReference(): string {
  return page('Metrics', 'src/base/metrics.ts', [
    "In Prometheus' text format at `/_ostiary/metrics` of the inner listener. Labels come from fixed sets: no person, room or address is among them.",
    table(
      ['Name', 'Kind', 'What', 'Labels'],
      Object.entries(METRICS).map(([name, { kind, help, labels }]) => [
        code(name),
        kind,
        help,
        labels.map(code).join(', '),
      ]),
    ),
    'Every request at the gateway is counted once in `ostiary_gate_requests_total`, a long one when it ends. `surface` is what was asked for: `page`, `asset`, `config`, `xmpp-websocket`, `bosh`, `conference-request`, `room-info`, `socket`, `token-service`, `welcome`, `unknown`, or `unjudged` where the request itself was no good. `verdict` is what became of it:',
    table(
      ['Verdict', 'The request'],
      [
        ...Object.entries(GATE_VERDICTS).map(([word, what]) => [code(word), what]),
        ['a [code](problems.md)', 'was refused for that reason'],
      ],
    ),
    'What the gateway answers itself carries the same word in the header `X-Ostiary-Verdict`; what Jitsi answers carries none.',
  ]);
}

const USERINFO = {
  always: 'always asked',
  'if-needed': 'asked where the ID token lacks something',
  never: 'never asked',
} as const;

function verifiedWords({ emailVerified }: ProfileMapping): string {
  if (typeof emailVerified === 'string') return emailVerified;
  return `when ${code(emailVerified.claim)} says so`;
}

function presetRows(preset: OidcPreset): readonly (readonly string[])[] {
  const { mapping, tokenEndpointAuth } = preset;
  const { groups } = mapping;
  return [
    ['Issuer looks like', code(preset.issuerExample)],
    ['`scopes`', preset.scopes.map(code).join(', ')],
    ['`subject` (what the id is made of)', mapping.id.map(code).join(' and ')],
    ['Name', (mapping.name ?? []).map(code).join(', else ')],
    ['E-mail address', mapping.email === undefined ? 'none' : code(mapping.email)],
    ['`emailVerified`', verifiedWords(mapping)],
    ['Picture', mapping.avatar === undefined ? 'none' : code(mapping.avatar)],
    ['`groups.claim`', groups === undefined ? 'none' : code(groups.claim)],
    [
      '`groups.required`',
      groups?.required ? 'where a rule or `hosts` speaks of groups' : groups === undefined ? '–' : 'no',
    ],
    ['`userinfo`', USERINFO[preset.userinfo]],
    [
      '`tokenEndpointAuth`',
      tokenEndpointAuth === undefined ? 'what the service offers' : code(tokenEndpointAuth),
    ],
    ['Sign-out there too', preset.signOutThere ? 'where the service offers it' : 'no: it takes no form'],
  ];
}

function headerRows(preset: HeaderPreset): readonly (readonly string[])[] {
  const { names, carrier, verify } = preset;
  const code = (list: readonly (string | undefined)[]) =>
    list.flatMap((name) => (name === undefined ? [] : [`\`${name}\``])).join(', ') || '–';
  return [
    ...(carrier === undefined ? [] : [['Read out of', code([carrier])]]),
    ...(verify === undefined ? [] : [['Verified, if it says `SUCCESS`', code([verify])]]),
    ['Id', code(names.id)],
    ['Name', code(names.name ?? [])],
    ['E-mail address', code([names.email])],
    ['Verified address', names.emailVerified === undefined ? 'never' : code([names.emailVerified])],
    ['Groups', code([names.groups])],
    ...(preset.reads === 'headers'
      ? [
          [
            'Between groups',
            `\`${preset.separator}\`${preset.escaped ? ', inside one with a backslash' : ''}`,
          ],
        ]
      : []),
  ];
}

/** docs/reference/presets.md */
export function presetsReference(): string {
  const sections = Object.entries<OidcPreset>(PRESETS).map(
    ([name, preset]) =>
      `## ${preset.title} (\`preset: ${name}\`)\n\n${table(['', ''], presetRows(preset))}\n\n${preset.groupsHint}`,
  );
  const fronts = Object.entries<HeaderPreset>(HEADER_PRESETS).map(
    ([name, preset]) =>
      `### ${preset.title} (\`preset: ${name}\`)\n\n${table(['', ''], headerRows(preset))}\n\n${preset.hint}`,
  );
  return page('Presets', 'src/identity/presets.ts', [
    'Where a preset starts from. Each value can be set otherwise under `providers[]` ([settings](config.md)); how to register us at each service: [providers](../how-to/providers.md).',
    ...sections,
    '## Proxies in front\n\nFor `kind: header`, under `providers[].header`: which headers each writes. From `src/identity/header-presets.ts`; what to write into each proxy: [trusted headers](../how-to/trusted-header.md).',
    ...fronts,
  ]);
}
