/**
 * Asking a discovery service which identity provider somebody belongs to. Pure.
 *
 * @see Identity Provider Discovery Service Protocol and Profile, section 2.4
 */

/** The address to send the browser to. What its operator put into the query stays. */
export function discoveryAddress(
  service: string,
  { entityId, returnTo }: { readonly entityId: string; readonly returnTo: string },
): string {
  const url = new URL(service);
  url.hash = '';
  url.searchParams.set('entityID', entityId);
  url.searchParams.set('return', returnTo);
  url.searchParams.set('returnIDParam', 'entityID');
  return url.href;
}
