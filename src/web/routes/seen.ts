/**
 * How a request arrives here, for the doctor alone: whose address it is taken for, and what a proxy made of
 * `X-Forwarded-For` on the way, and whether a header in it says, believed, who somebody is.
 *
 * Whoever cannot read our store finds nothing at this address. Nothing is kept of it.
 */
import type { Person } from '../../base/person.ts';
import { Problem } from '../../base/problem.ts';
import { open } from '../../keys/jwt.ts';
import type { WebParts } from '../parts.ts';
import { data } from '../respond.ts';
import type { Route } from '../routes.ts';

/** What the doctor's proof is sealed for. */
export const SEEN_PURPOSE = 'doctor';

/** The header in which it comes. */
export const SEEN_HEADER = 'x-ostiary-doctor';

/** The address, below our prefix. */
export const SEEN_PATH = '/seen';

/** Whoever is named is somebody else. */
const NOBODY: Person = { id: 'doctor#', provider: 'doctor', emailVerified: false, groups: [] };

/** How a request was seen. */
export interface Seen {
  /** Whose it is taken for. */
  readonly address: string;
  /** Whose connection it came by. */
  readonly socket: string;
  /** What stood in `X-Forwarded-For` when it arrived. */
  readonly forwardedFor?: string;
  /** The providers of kind header that take this request for somebody's. */
  readonly named: readonly string[];
}

/** The route of the doctor. */
export function seenRoutes({ attempts, providers }: WebParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: SEEN_PATH,
      on: ['public'],
      from: 'the machine room',
      does: 'how this very request arrived, for `ostiary doctor`, which proves by a sealed header that it reads our store; nothing for anybody else',
      handle: async ({ asked }) => {
        const { keys, clock } = attempts;
        const proof = asked.header(SEEN_HEADER);
        const opened =
          proof === undefined
            ? undefined
            : await open(proof, { keys: await keys.sealing(), purpose: SEEN_PURPOSE, clock });
        if (opened === undefined) throw new Problem('request.not-found');
        const { address, socket, raw } = asked;
        const forwardedFor = asked.header('x-forwarded-for');
        const judged = await Promise.all(
          [...providers.values()].map(async ({ id, contradicts }) =>
            (await contradicts?.({ socket, raw }, NOBODY)) ? [id] : [],
          ),
        );
        const seen: Seen = {
          ...{ address, socket, named: judged.flat() },
          ...(forwardedFor !== undefined && { forwardedFor }),
        };
        return data({ ...seen });
      },
    },
  ];
}
