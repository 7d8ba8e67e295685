/**
 * Which sign-in services somebody is offered: by the tenant of the room, by what the link says, by the domain of an
 * e-mail address. Pure. It opens and closes no door: who may enter is the rules' alone.
 */
import { type Room, tenantClaim } from '../base/room.ts';
import type { Provider } from '../identity/provider.ts';
import { fitsGlob } from '../policy/glob.ts';

/** For whom a provider is, as the operator said. */
export interface Audience {
  readonly id: string;
  /** Domains of e-mail addresses, in lower case. */
  readonly domains?: readonly string[];
  /** Globs over the names of tenants. */
  readonly tenants?: readonly string[];
}

/** The choice of an installation. */
export interface Choices {
  /** What is offered on the way to this room, or to none, in the order of the configuration. Never empty. */
  offered(room: Room | undefined): readonly Provider[];
  /** Whose addresses these are, among the offered. */
  byEmail(address: string, offered: readonly Provider[]): Provider | undefined;
  /** Does any of them know domains? */
  asksForEmail(offered: readonly Provider[]): boolean;
}

/** Makes it. Audiences of providers that are not there say nothing. */
export function createChoices(
  audiences: readonly Audience[],
  providers: ReadonlyMap<string, Provider>,
): Choices {
  const known = new Map(audiences.map((audience) => [audience.id, audience]));
  const all = [...providers.values()];
  const domainsOf = ({ id }: Provider) => known.get(id)?.domains ?? [];
  const isFor = ({ id }: Provider, tenant: string) =>
    known.get(id)?.tenants?.some((glob) => fitsGlob(tenantClaim(glob), tenantClaim(tenant))) === true;
  return {
    offered: (room) => {
      // Nobody knows yet which tenant it will be.
      if (room === undefined) return all;
      const own = room.tenant === undefined ? [] : all.filter((one) => isFor(one, room.tenant as string));
      const others = all.filter(({ id }) => known.get(id)?.tenants === undefined);
      return [own, others, all].find((some) => some.length > 0) ?? all;
    },
    byEmail: (address, offered) => {
      const domain = address.split('@')[1] ?? '';
      return offered.find((provider) => domainsOf(provider).includes(domain));
    },
    asksForEmail: (offered) => offered.length > 1 && offered.some((one) => domainsOf(one).length > 0),
  };
}
