import { stored } from '../../live/stored.ts';

export const DENSITIES = ['large', 'medium', 'small'] as const;
/** How large photographs are shown. */
export type Density = (typeof DENSITIES)[number];

export const DENSITY_KEY = 'imaginem-density';
export const firstDensity = (): Density => stored(DENSITY_KEY, DENSITIES, 'medium');

/** CSS pixels: the narrowest tile, and the room for its words; a phone shows so many columns. */
export const SHAPES = {
  large: { tile: 320, words: 64, phone: 1 },
  medium: { tile: 232, words: 64, phone: 2 },
  small: { tile: 120, words: 0, phone: 4 },
} as const satisfies Record<Density, { tile: number; words: number; phone: number }>;

/** Width of a photograph by its height. */
export const BOX = 1.25;
