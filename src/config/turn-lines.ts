/**
 * What coturn has to be told so that it lets the right people through to the right addresses, and nobody else to
 * anything.
 *
 * Pure: the configuration in, lines and reasons out. Secrets are never printed: where one belongs stands a line that
 * coturn does not read, so that a file with the secret forgotten lets nobody in.
 */
import { isIPv6 } from 'node:net';
import { addressRanges } from '../base/address-ranges.ts';
import { boundsOf } from '../base/bounds.ts';
import type { Config } from './finish.ts';
import type { JitsiFile, JitsiLine } from './jitsi-lines.ts';
import { isLoopback } from './loopback.ts';

/** What people may reach through coturn: the bridges alone, or whatever is no inner network. */
export type TurnProfile = 'bridges-only' | 'relay';

/** Every profile there is. */
export const TURN_PROFILES: readonly TurnProfile[] = ['bridges-only', 'relay'];

const WHY = {
  port: 'Where clients reach it.',
  realm: 'What it calls itself to clients.',
  addresses: 'Where it listens, and from where it relays.',
  external: 'What people see of it behind NAT.',
  auth: 'Credentials are a hash with a time in it; without one that holds nothing is relayed.',
  secret: 'That of turn.secret, which is never printed: put it behind the sign and take the "#" away.',
  next: 'The same for turn.otherSecret, for as long as there is one.',
  nonce: 'A nonce somebody else heard is of no use after ten minutes.',
  quota: 'So many allocations for one person in one room.',
  cli: 'No way in for whoever is on this machine.',
  cliOn:
    'By which we end what runs; on this machine alone, and off until the password of turn.cliPassword stands behind the sign and the "#" is away.',
  rows: 'Credentials are rows of its database, which we write and take out again.',
  rowQuota: 'So many allocations by one row: a session has one for each time it asked.',
  tcp: 'Media come by UDP; TCP towards others would reach web servers and databases.',
  dynamic: 'Nothing in its database may open what stands here.',
  stun: 'It answers strangers no more than it must, and says no version.',
  tls: 'No TLS but of today.',
  cert: 'For turns:, beside HTTPS on port 443 too.',
  noTls: 'There is no turn.certFile.',
  loopback: 'An address of this machine itself is named; nothing else of it is let through.',
  bridge: 'A bridge.',
  own: 'Two people who both come by it meet there.',
  everything: 'Nothing else, in IPv4; and in IPv6, where IPv4 may be written too.',
  inner: 'No inner network, nothing that is not on the internet.',
} as const;

/** All of IPv4 and all of IPv6: a mapped address is one of IPv6 to coturn, and its IPv4 list does not hold for it. @see CVE-2026-27624 */
const EVERYTHING = ['0.0.0.0/0', '::/0'];

/**
 * What is not on the internet, or is IPv4 in the clothes of IPv6.
 * @see IANA, IPv4 and IPv6 Special-Purpose Address Registries; RFC 6890
 */
export const INNER: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Around 2000::/3, of which alone addresses are given out: mapped, compatible, translated, local, multicast.
  '::/3',
  '4000::/2',
  '8000::/1',
  // And in it: protocols and Teredo, documentation, 6to4.
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
];

/** `/etc/turnserver.conf`. @see coturn, docs of `turnserver`, version 4.6.1 */
export function turnserverFile(config: Config, profile: TurnProfile): JitsiFile {
  return {
    file: '/etc/turnserver.conf',
    where: 'the whole file',
    comment: '#',
    lines: [
      ...serving(config.turn),
      ...proving(config.turn),
      ...closing(config.turn),
      ...peers(config.turn, profile),
    ],
  };
}

/** The file as it is to stand there. */
export function turnserverText(config: Config, profile: TurnProfile): string {
  const { lines } = turnserverFile(config, profile);
  return `${lines.map(({ text, why }) => `# ${why}\n${text}`).join('\n')}\n`;
}

function serving(turn: Config['turn']): readonly JitsiLine[] {
  const { port, tlsPort, addresses, externalAddress, certFile, keyFile, realm } = turn;
  return [
    { text: `listening-port=${port}`, why: WHY.port },
    ...(addresses.length === 0
      ? []
      : [
          {
            text: addresses
              .flatMap((address) => [`listening-ip=${address}`, `relay-ip=${address}`])
              .join('\n'),
            why: WHY.addresses,
          },
        ]),
    ...(externalAddress === undefined
      ? []
      : [{ text: seenAs(externalAddress, addresses).join('\n'), why: WHY.external }]),
    { text: `realm=${realm}`, why: WHY.realm },
    ...(certFile === undefined || keyFile === undefined
      ? [{ text: 'no-tls\nno-dtls', why: WHY.noTls }]
      : [
          { text: `tls-listening-port=${tlsPort}\ncert=${certFile}\npkey=${keyFile}`, why: WHY.cert },
          { text: 'no-tlsv1\nno-tlsv1_1', why: WHY.tls },
        ]),
  ];
}

/**
 * Behind NAT one address stands for one inside, of the same family. Said without the inner one it would stand for all,
 * of both families.
 * @see coturn, docs of `turnserver`, `-X`
 */
function seenAs(external: string, addresses: readonly string[]): readonly string[] {
  const inside = addresses.filter((address) => isIPv6(address) === isIPv6(external));
  return inside.length === 0
    ? [`external-ip=${external}`]
    : inside.map((address) => `external-ip=${external}/${address}`);
}

function proving({ database, otherSecret, allocationsPerPerson }: Config['turn']): readonly JitsiLine[] {
  const nonce = { text: 'stale-nonce=600\nfingerprint', why: WHY.nonce };
  const quota = `user-quota=${allocationsPerPerson}`;
  if (database !== undefined)
    return [
      { text: `lt-cred-mech\nuserdb=${database}`, why: WHY.rows },
      nonce,
      { text: quota, why: WHY.rowQuota },
    ];
  return [
    { text: 'use-auth-secret', why: WHY.auth },
    { text: '#static-auth-secret=', why: WHY.secret },
    ...(otherSecret === undefined ? [] : [{ text: '#static-auth-secret=', why: WHY.next }]),
    nonce,
    { text: quota, why: WHY.quota },
  ];
}

function closing({ cliPassword, cliPort }: Config['turn']): readonly JitsiLine[] {
  return [
    cliPassword === undefined
      ? { text: 'no-cli', why: WHY.cli }
      : { text: `cli-ip=127.0.0.1\ncli-port=${cliPort}\n#cli-password=`, why: WHY.cliOn },
    { text: 'no-tcp-relay', why: WHY.tcp },
    { text: 'no-dynamic-ip-list\nno-dynamic-realms', why: WHY.dynamic },
    {
      text: 'no-rfc5780\nno-stun-backward-compatibility\nresponse-origin-only-with-rfc5780\nno-software-attribute',
      why: WHY.stun,
    },
  ];
}

function peers({ bridges, addresses }: Config['turn'], profile: TurnProfile): readonly JitsiLine[] {
  const [named, denied] =
    profile === 'bridges-only' ? [bridges, EVERYTHING] : [[...bridges, ...addresses].filter(isInner), INNER];
  const allowed = [...new Set(named)];
  return [
    ...(allowed.some(isHere) ? [{ text: 'allow-loopback-peers', why: WHY.loopback }] : []),
    { text: 'no-multicast-peers', why: WHY.inner },
    ...allowed.map((range) => ({
      text: `allowed-peer-ip=${inWords(range)}`,
      why: bridges.includes(range) ? WHY.bridge : WHY.own,
    })),
    {
      text: denied
        .map(
          (range) => `denied-peer-ip=${profile === 'relay' ? behindAny(range) : boundsOf(range).join('-')}`,
        )
        .join('\n'),
      why: profile === 'bridges-only' ? WHY.everything : WHY.inner,
    },
  ];
}

/**
 * A range that begins at `0.0.0.0` or `::` is everything to coturn, in both families; those two it refuses in any case.
 * @see coturn, src/client/ns_turn_ioaddr.c, `ioa_addr_in_range`
 */
function behindAny(range: string): string {
  return boundsOf(range)
    .join('-')
    .replace(/^0\.0\.0\.0-/, '0.0.0.1-')
    .replace(/^0(?::0){7}-/, '0:0:0:0:0:0:0:1-');
}

function isInner(range: string): boolean {
  const isSix = (one: string) => one.includes(':');
  return addressRanges(INNER.filter((one) => isSix(one) === isSix(range))).includes(
    range.split('/')[0] ?? '',
  );
}

function isHere(range: string): boolean {
  return isLoopback(range.split('/')[0] ?? '');
}

function inWords(range: string): string {
  const [first, last] = boundsOf(range);
  return first === last ? first : `${first}-${last}`;
}
