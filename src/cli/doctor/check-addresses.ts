/**
 * Are people told apart by where they come from, and can none of them say that they come from elsewhere?
 */
import { isIP } from 'node:net';
import { isLoopback } from '../../config/loopback.ts';
import { SEEN_HEADER, SEEN_PATH, type Seen } from '../../web/routes/seen.ts';
import type { Around } from './around.ts';
import { type DoctorCheck, green, grey, hindered, red, type Verdict } from './check.ts';

/** An address of nobody. @see RFC 5737 */
const SPOOFED = '192.0.2.77';

/** On this machine itself there are more addresses to come from, which a proxy there is not at. */
const HERE = ['127.0.0.2', '127.0.0.3'] as const;

const PROXY =
  'Let the proxy write it anew: proxy_set_header X-Forwarded-For $remote_addr; in nginx, option forwardfor with http-request del-header in HAProxy.';

type Arrived = Omit<Seen, 'named'>;

/** How a request of ours arrives; `from` is where it left. */
async function arrives(
  { ours, config, seenProof }: Around,
  { forwardedFor, localAddress }: { readonly forwardedFor?: string; readonly localAddress?: string },
): Promise<{ readonly seen: Arrived; readonly from: string } | Verdict> {
  const proof = await seenProof();
  if (typeof proof === 'object') return hindered(proof);
  const { status, text, from } = await ours.ask({
    path: `${config.prefix}${SEEN_PATH}`,
    headers: {
      accept: 'application/json',
      [SEEN_HEADER]: proof,
      ...(forwardedFor !== undefined && { 'x-forwarded-for': forwardedFor }),
    },
    ...(localAddress !== undefined && { localAddress }),
  });
  if (status !== 200)
    return grey(
      `Could not tell: ${ours.origin}${config.prefix}/ does not lead to our server with this store (${status}).`,
      'See that the server runs, and that the web server leads our prefix to it.',
    );
  return { seen: readSeen(text), from };
}

/** Whatever stands before us may answer in our place. */
function readSeen(text: string): Arrived {
  try {
    const { address = '', socket = '', forwardedFor } = JSON.parse(text);
    return {
      address: String(address),
      socket: String(socket),
      ...(forwardedFor !== undefined && { forwardedFor: String(forwardedFor) }),
    };
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return { address: '', socket: '' };
    throw thrown;
  }
}

function isHere({ ours }: Around): boolean {
  return isLoopback(new URL(ours.origin).hostname);
}

/** What makes everybody look like the proxy. */
function collapsed({ socket, forwardedFor }: Arrived): Verdict {
  if (forwardedFor === undefined)
    return red(
      `Everybody seems to come from ${socket}, the proxy, which tells us of nobody: limits by address hit all of them together.`,
      PROXY,
    );
  return red(
    `Everybody seems to come from ${socket}: it tells us who calls (X-Forwarded-For), and is not believed.`,
    `Set trustedProxies: [${socket}].`,
  );
}

/** Two of them where there are two; else one, held against where we left from. */
export const checkAddresses: DoctorCheck = {
  name: 'addresses',
  group: 'outside',
  asks: 'Do two people at two addresses stay two to us?',
  docs: 'how-to/gateway.md',
  async run(around) {
    if (!isHere(around)) return oneAddress(around);
    const [one, other] = await Promise.all([
      arrives(around, { localAddress: HERE[0] }),
      arrives(around, { localAddress: HERE[1] }),
    ]);
    if ('light' in one) return one;
    if ('light' in other) return other;
    if (one.seen.address === other.seen.address) return collapsed(one.seen);
    return green(`Two addresses arrive as two (${one.seen.address}, ${other.seen.address}).`);
  },
};

async function oneAddress(around: Around): Promise<Verdict> {
  const arrived = await arrives(around, {});
  if ('light' in arrived) return arrived;
  const { seen, from } = arrived;
  if (seen.address === from) return green(`This machine has one address (${from}), and is taken for it.`);
  if (seen.address === seen.socket && isLoopback(seen.socket)) return collapsed(seen);
  return grey(
    `Could not tell: from here there is one address. ${from} arrives as ${seen.address}${isIP(seen.address) === 0 ? '' : ', which is right where the network in between translates addresses'}.`,
    'Ask from two networks: the audit names the address of each sign-in.',
  );
}

/** What a caller writes into X-Forwarded-For must not count. */
export const checkProxyHeaders: DoctorCheck = {
  name: 'proxy-headers',
  group: 'outside',
  asks: 'Can nobody say in a header that they come from elsewhere?',
  docs: 'how-to/gateway.md',
  async run(around) {
    const localAddress = isHere(around) ? { localAddress: HERE[0] } : {};
    const arrived = await arrives(around, { forwardedFor: SPOOFED, ...localAddress });
    if ('light' in arrived) return { waitsFor: 'addresses', ...arrived };
    const { address, socket, forwardedFor } = arrived.seen;
    if (address === SPOOFED && forwardedFor === SPOOFED)
      return red(
        `The proxy hands on what a caller writes into X-Forwarded-For: whoever writes ${SPOOFED} there is taken for ${SPOOFED}, and no limit by address holds.`,
        PROXY,
      );
    if (address === SPOOFED)
      return red(
        `${SPOOFED}, written by the caller, was believed: everything that stands behind it in X-Forwarded-For (${forwardedFor}) counts as a proxy of yours.`,
        `Name the addresses of your proxies alone in trustedProxies; ${socket} and this machine are believed now.`,
      );
    return green(
      forwardedFor?.includes(SPOOFED)
        ? 'The proxy puts the real address behind what a caller wrote, and that alone counts.'
        : 'What a caller writes into X-Forwarded-For does not arrive.',
    );
  },
};

/** Where a proxy signs people in, it has to stand before the address at which it is believed. */
export const checkHeaderSignIn: DoctorCheck = {
  name: 'header-sign-in',
  group: 'outside',
  asks: 'Does the proxy that signs people in let no stranger through to where it is believed?',
  docs: 'how-to/trusted-header.md',
  async run({ config, ours }) {
    const believed = config.providers.filter(({ kind }) => kind === 'header');
    if (believed.length === 0) return grey('No proxy in front signs people in.');
    return Promise.all(
      believed.map(async ({ id, header }): Promise<Verdict> => {
        const path = `${config.prefix}/header/${id}`;
        const secret = header?.secretHeader ?? 'X-Ostiary-Secret';
        const { text, status } = await ours.ask({
          path: `${path}?state=ostiary-doctor`,
          headers: {
            accept: 'application/json',
            [secret]: 'ostiary-doctor',
            'x-ostiary-id': 'ostiary-doctor',
          },
        });
        return text.includes('urn:ostiary:problem:')
          ? red(
              `A stranger gets through to ${ours.origin}${path}, and is asked to sign in by nobody on the way.`,
              `Let the proxy ask for a sign-in at ${path}, take every header about people out of what a caller sends, and set ${secret} there alone.`,
            )
          : green(`At ${path} the proxy asks for a sign-in of its own (${status}).`);
      }),
    );
  },
};
