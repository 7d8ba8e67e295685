/**
 * The organisation's colour, made readable: what stands on it, and how it
 * looks as a link on a light and on a dark card. Pure arithmetic.
 */

/** An organisation's colour as the stylesheet uses it, each `#rrggbb`. */
export interface BrandColours {
  /** The colour itself, under a button. */
  readonly brand: string;
  /** Black or white, whichever reads better on it. */
  readonly onBrand: string;
  /** The colour as text on the light card and its wells. */
  readonly inkLight: string;
  /** The colour as text on the dark card and its wells. */
  readonly inkDark: string;
}

/** What text stands on: the card, and the wells in it. */
export const SURFACES = {
  light: { card: '#ffffff', well: '#f2f4f6' },
  dark: { card: '#1d2127', well: '#14171c' },
} as const;

type Rgb = readonly [number, number, number];

const READABLE = 4.6; // WCAG 2.2 asks for 4.5; a little more for rounding

/** The colours for `#rrggbb`, or nothing if it is not one. */
export function brandColours(colour: string | undefined): BrandColours | undefined {
  if (colour === undefined || !/^#[0-9a-f]{6}$/i.test(colour)) return undefined;
  const brand = colour.toLowerCase();
  return {
    brand,
    onBrand: contrast(brand, '#ffffff') >= contrast(brand, '#000000') ? '#ffffff' : '#000000',
    inkLight: readableOn(brand, SURFACES.light.well, '#000000'),
    inkDark: readableOn(brand, SURFACES.dark.card, '#ffffff'),
  };
}

/** The colours for `#rrggbb` as the stylesheet's variables; nothing if it is not one. */
export function brandVariables(colour: string | undefined): string {
  const found = brandColours(colour);
  if (found === undefined) return '';
  const { brand, onBrand, inkLight, inkDark } = found;
  return `:root{--brand:${brand};--on-brand:${onBrand};--ink-light:${inkLight};--ink-dark:${inkDark}}`;
}

/**
 * How far two colours are apart, 1 to 21.
 *
 * @see WCAG 2.2, contrast ratio
 */
export function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function readableOn(colour: string, ground: string, towards: string): string {
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = mix(colour, towards, share);
    if (contrast(mixed, ground) >= READABLE) return mixed;
  }
  return towards;
}

function mix(from: string, to: string, share: number): string {
  const target = rgb(to);
  const parts = rgb(from).map((part, at) => Math.round(part + ((target[at] ?? 0) - part) * share));
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function luminance(colour: string): number {
  const [red, green, blue] = rgb(colour).map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function rgb(colour: string): Rgb {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
