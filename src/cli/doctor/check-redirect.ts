/**
 * Does every OpenID provider know the address to which it sends people back?
 */
import { type DoctorCheck, green, grey, red, waiting } from './check.ts';

/** @see RFC 6749, section 3.1.2.4 */
export const checkRedirect: DoctorCheck = {
  name: 'redirect-uri',
  group: 'providers',
  asks: 'Does every OpenID provider know the address to which it sends people back?',
  docs: 'how-to/providers.md',
  async run({ providers }) {
    const asked = (await providers()).providers.filter(({ kind }) => kind === 'oidc');
    if (asked.length === 0) return grey('No OpenID provider is configured.');
    return asked.map(({ id, back, finding }) => {
      if (back?.sends === true) return green(`${id} sends people back to us.`);
      if (back?.sends === false)
        return red(
          `${id} does not know ${back.to} as an address of ours.`,
          `Register ${back.to} there as redirect URI, to the letter.`,
        );
      if (finding.complaints.length > 0)
        return waiting(`Could not tell: ${id} could not be asked.`, 'providers');
      return grey(
        `${id} does not show it without a person.`,
        'Sign in once: its own page says what is wrong.',
      );
    });
  },
};
