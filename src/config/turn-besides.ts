/**
 * What has to stand in Jitsi's own files, before the bridges and on port 443 beside a coturn: without it coturn is no
 * wall, because there are ways around it.
 *
 * Pure: the configuration in, files with lines and reasons out.
 */
import type { Config } from './finish.ts';
import type { JitsiAdvice, JitsiFile, JitsiLine } from './jitsi-lines.ts';
import type { TurnProfile } from './turn-lines.ts';

const HERE = 'PUT-THE-ADDRESS-OF-COTURN-HERE';

const WHY = {
  forced: 'Clients come by TURN alone; whoever leaves this out meets the firewall.',
  udp: 'Otherwise they take TURN by TCP and TLS alone, which is slower.',
  noP2p:
    'Two people who both come by TURN cannot reach each other: coturn lets them through to bridges alone.',
  p2p: 'Two people reach each other by TURN alone, and neither learns where the other is.',
  stunServers: "Nobody asks a STUN server of somebody else's.",
  preCall:
    'What the page before a meeting tests the way with; our answer holds credentials for that one room.',
  stunMapping:
    'A bridge names its own addresses, which are those of turn.bridges, and asks nobody else for another one.',
  port: 'The one port of a bridge that coturn has to reach.',
  input: 'Who does not come by coturn does not come to the bridge; other bridges do.',
  output:
    'The same wall a second time: what coturn relays leaves from these ports, and goes to bridges alone, whatever coturn believes.',
  split: 'By the name that TLS asks for: that of turns: goes to coturn, every other one to the web server.',
  moved: 'The web server leaves port 443 to the above; only this machine reaches it here.',
} as const;

/** Files, and what no line can say. Throws nothing. */
export function turnBesides(config: Config, profile: TurnProfile): JitsiAdvice {
  return {
    files: [
      clientFile(config, profile),
      ...(profile === 'bridges-only' ? [bridgeFile(), ...firewallFiles(config)] : []),
      ...portFiles(config),
    ],
    more: [],
    notes: notes(config, profile),
  };
}

function clientFile(config: Config, profile: TurnProfile): JitsiFile {
  const p2p: readonly JitsiLine[] =
    profile === 'bridges-only'
      ? [{ text: 'config.p2p.enabled = false;', why: WHY.noP2p }]
      : [{ text: 'config.p2p.iceTransportPolicy = "relay";', why: WHY.p2p }];
  return {
    file: `/etc/jitsi/meet/${new URL(config.jitsi.url).hostname}-config.js`,
    where: 'at the end; with docker ~/.jitsi-meet-cfg/web/custom-config.js',
    comment: '//',
    lines: [
      { text: 'config.forceTurnRelay = true;', why: WHY.forced },
      { text: 'config.useTurnUdp = true;', why: WHY.udp },
      ...p2p,
      { text: 'config.p2p.stunServers = [];', why: WHY.stunServers },
      ...(profile === 'relay' && config.publicUrl === config.jitsi.url
        ? [{ text: preCall(config.prefix), why: WHY.preCall }]
        : []),
    ],
  };
}

/** @see jitsi-meet, config.js, `prejoinConfig` */
function preCall(prefix: string): string {
  return [
    'config.prejoinConfig = Object.assign({}, config.prejoinConfig, {',
    '    preCallTestEnabled: true,',
    `    preCallTestICEUrl: '${prefix}/turn?to=' + encodeURIComponent(location.pathname)`,
    '});',
  ].join('\n');
}

/** @see ice4j, src/main/resources/reference.conf; jitsi-videobridge, jvb/src/main/resources/reference.conf */
function bridgeFile(): JitsiFile {
  return {
    file: '/etc/jitsi/videobridge/jvb.conf',
    where: 'at the end, on each bridge',
    comment: '#',
    lines: [
      {
        text: 'ice4j.harvest.mapping.stun.addresses = []\nice4j.harvest.mapping.aws.enabled = false',
        why: WHY.stunMapping,
      },
      { text: 'videobridge.ice.udp.port = 10000\nvideobridge.ice.tcp.enabled = false', why: WHY.port },
    ],
  };
}

/** @see nft(8) */
function firewallFiles({ turn }: Config): readonly JitsiFile[] {
  const { bridges } = turn;
  const relays = turn.addresses.length === 0 ? [HERE] : turn.addresses;
  return [
    {
      file: '/etc/nftables.d/ostiary-bridge.nft',
      where: 'a file of its own, on each bridge; include it in /etc/nftables.conf',
      comment: '#',
      lines: [
        {
          text: table('bridge', 'input', [
            ...byFamily([...relays, ...bridges]).map(
              ([ip, all]) => `${ip} saddr { ${all.join(', ')} } udp dport 10000 accept`,
            ),
            'udp dport 10000 drop',
          ]),
          why: WHY.input,
        },
      ],
    },
    {
      file: '/etc/nftables.d/ostiary-turn.nft',
      where: "a file of its own, on coturn's machine; include it in /etc/nftables.conf",
      comment: '#',
      lines: [
        {
          text: table('turn', 'output', [
            ...byFamily(bridges).map(
              ([ip, all]) =>
                `meta skuid turnserver udp sport 49152-65535 ${ip} daddr { ${all.join(', ')} } accept`,
            ),
            'meta skuid turnserver udp sport 49152-65535 drop',
          ]),
          why: WHY.output,
        },
      ],
    },
  ];
}

function table(name: string, hook: 'input' | 'output', rules: readonly string[]): string {
  return [
    `table inet ostiary_${name} {`,
    `    chain ${hook} {`,
    `        type filter hook ${hook} priority filter - 1; policy accept;`,
    ...rules.map((rule) => `        ${rule}`),
    '    }',
    '}',
  ].join('\n');
}

function byFamily(ranges: readonly string[]): readonly (readonly ['ip' | 'ip6', readonly string[]])[] {
  const six = ranges.filter((range) => range.includes(':'));
  const four = ranges.filter((range) => !range.includes(':'));
  return (
    [
      ['ip', four],
      ['ip6', six],
    ] as const
  ).filter(([, all]) => all.length > 0);
}

/** Where clients find coturn by TLS on the port of HTTPS. */
function nameOn443(urls: readonly string[]): string | undefined {
  return urls
    .map((url) => /^turns:([a-z0-9.-]+)(?::443)(?:\?|$)/i.exec(url)?.[1])
    .find((host) => host !== undefined);
}

/** One of its own addresses: what comes to it by loopback it would relay from there. */
function placeOf({ addresses: [address = HERE], tlsPort }: Config['turn']): string {
  return `${address.includes(':') ? `[${address}]` : address}:${tlsPort}`;
}

/** @see nginx, ngx_stream_ssl_preread_module */
function portFiles({ turn, jitsi }: Config): readonly JitsiFile[] {
  const name = nameOn443(turn.urls);
  const host = new URL(jitsi.url).hostname;
  if (name === undefined || name === host) return [];
  return [
    {
      file: '/etc/nginx/modules-enabled/90-ostiary-turn.conf',
      where: 'a file of its own; Debian has the module in libnginx-mod-stream',
      comment: '#',
      lines: [
        {
          text: [
            'stream {',
            '    map $ssl_preread_server_name $ostiary_behind {',
            `        ${name} ${placeOf(turn)};`,
            '        default 127.0.0.1:4444;',
            '    }',
            '    server {',
            '        listen 443;',
            '        listen [::]:443;',
            '        ssl_preread on;',
            '        proxy_pass $ostiary_behind;',
            '        proxy_timeout 12h;',
            '    }',
            '}',
          ].join('\n'),
          why: WHY.split,
        },
      ],
    },
    {
      file: `/etc/nginx/sites-available/${host}.conf`,
      where: 'in place of its lines "listen 443 ssl" and "listen [::]:443 ssl"',
      comment: '#',
      lines: [{ text: 'listen 127.0.0.1:4444 ssl;', why: WHY.moved }],
    },
  ];
}

function notes({ turn, publicUrl, jitsi, prosodyModule }: Config, profile: TurnProfile): readonly string[] {
  const name = nameOn443(turn.urls);
  const all: (string | false)[] = [
    profile === 'bridges-only' &&
      'Leave preCallTestEnabled off: that test sends from one place at the TURN server to another, which is what this profile forbids.',
    profile === 'bridges-only' &&
      'If /etc/jitsi/videobridge/sip-communicator.properties speaks of STUN_MAPPING_HARVESTER_ADDRESSES, take that line out: it goes before jvb.conf.',
    profile === 'relay' &&
      publicUrl !== jitsi.url &&
      'Our pages are on another host than the meetings: a page there gets no credentials for its test before a meeting.',
    name !== undefined &&
      name === new URL(jitsi.url).hostname &&
      `${name} is the host of the meetings too: port 443 can be shared by name alone. Give coturn a name of its own.`,
    name !== undefined &&
      turn.addresses.length === 0 &&
      'Say turn.addresses: coturn relays from the address it was reached at, and through port 443 that could be one of this machine alone.',
    name !== undefined &&
      turn.certFile === undefined &&
      'turn.urls speaks of turns:, and there is no turn.certFile: coturn would speak no TLS.',
    prosodyModule.secret === undefined
      ? 'Prosody hands out credentials too (external_services, turncredentials_http): to whoever is connected, guests included. With our module there (prosodyModule.secret) it does so to those alone who showed a token.'
      : turn.database === undefined
        ? 'Prosody hands out credentials too: external_service_secret there is turn.secret here. Do not load turncredentials_http, which answers anybody.'
        : 'Do not load turncredentials_http in Prosody, which answers anybody.',
    turn.database !== undefined &&
      (prosodyModule.secret === undefined
        ? 'What Prosody makes of a secret is nothing to a coturn with turn.database: stock clients get nothing that opens it, until Prosody has our module (prosodyModule.secret), which asks us.'
        : 'What Prosody makes of a secret is nothing to a coturn with turn.database: our module there asks us in its place. In external_services the hosts of turn.urls stand by the same name, with "restricted = true" and no secret.'),
    'Whoever runs a TURN server of their own goes by that, and not by yours: what counts is who reaches the bridges, and coturn and the firewall say that.',
  ];
  return all.filter((note) => note !== false);
}
