/**
 * Which machine is this: a recorder, a transcriber, a probe that passes without
 * a sign-in? By where it comes from, or by a secret that a trusted proxy
 * vouches for, never by what it calls itself.
 *
 * Pure. Does not let anybody in.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { addressRanges } from '../base/address-ranges.ts';
import type { Secret } from '../base/secret.ts';
import { plainAddress, type TrustedProxies } from '../web/origin.ts';

/** What a machine may reach. */
export type MachineReach = 'page' | 'assets' | 'xmpp' | 'sockets';

/** A machine as the operator described it. */
export interface MachineOptions {
  readonly name: string;
  readonly networks?: readonly string[];
  readonly header?: { readonly name: string; readonly value: Secret };
  readonly reaches: readonly MachineReach[];
  readonly xmppDomain?: string;
}

/** A machine that was recognised. */
export interface Machine {
  /** How the audit calls it. */
  readonly name: string;
  readonly reaches: ReadonlySet<MachineReach>;
  /** The one XMPP domain its stream may name. */
  readonly xmppDomain: string;
}

/** What is known of whoever calls. */
export interface MachineCaller {
  /** The judged address, a trusted proxy's word included. */
  readonly address: string;
  /** The socket's own. */
  readonly socket: string;
  /** A header by its name in lower case; one that came twice has both values. */
  readonly header: (name: string) => string | undefined;
}

/** All machines of an installation. */
export interface Machines {
  /** Headers that carry secrets, to be taken off before anything goes on. */
  readonly headerNames: readonly string[];
  /** The first that fits. */
  which(caller: MachineCaller): Machine | undefined;
}

/** Longer than any secret of use: nothing longer is hashed. */
const LONGEST = 4096;

/** Words of somebody in between, who is not trusted if he speaks for himself. */
const IN_BETWEEN = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'] as const;

/** Prepares machines. Where one has networks and a header, both must fit. */
export function createMachines(
  options: readonly MachineOptions[],
  { trusted, xmppDomain }: { readonly trusted: TrustedProxies; readonly xmppDomain: string },
): Machines {
  const known = options.map((machine) => ({
    machine: {
      name: machine.name,
      reaches: new Set(machine.reaches),
      xmppDomain: machine.xmppDomain ?? xmppDomain,
    },
    networks: machine.networks && addressRanges(machine.networks),
    header: machine.header && {
      name: machine.header.name.toLowerCase(),
      digest: digestOf(machine.header.value.reveal()),
    },
  }));
  return {
    headerNames: known.flatMap(({ header }) => (header === undefined ? [] : [header.name])),
    which(caller) {
      const vouched = trusted.includes(plainAddress(caller.socket));
      const placed = isPlaced(caller, { vouched, trusted });
      return known.find(({ networks, header }) => {
        // Nothing that says how it is known is known by nothing.
        if (networks === undefined && header === undefined) return false;
        if (networks !== undefined && !(placed && networks.includes(caller.address))) return false;
        return header === undefined || (vouched && holds(caller.header(header.name), header.digest));
      })?.machine;
    },
  };
}

/**
 * Is the address its own? A proxy's is nobody's: else everybody behind a proxy that says nothing of its callers, or
 * that we were not told to trust, would be the machine that stands beside it.
 */
function isPlaced(
  { address, header }: MachineCaller,
  { vouched, trusted }: { readonly vouched: boolean; readonly trusted: TrustedProxies },
): boolean {
  if (trusted.includes(address)) return false;
  return vouched || IN_BETWEEN.every((name) => header(name) === undefined);
}

/** Of one length whatever is in it, so that comparing tells nothing of the secret. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function holds(shown: string | undefined, digest: Buffer): boolean {
  if (shown === undefined || shown === '' || shown.length > LONGEST) return false;
  return timingSafeEqual(digestOf(shown), digest);
}
