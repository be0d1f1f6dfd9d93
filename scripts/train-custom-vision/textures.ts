import sharp from 'sharp';
import { type Chance, chance } from '../chance.ts';

/** What the sample model tells apart, in the order of its output. */
export const TEXTURES = ['stripes', 'checks', 'dots', 'rings', 'gradient', 'noise'] as const;
type Texture = (typeof TEXTURES)[number];

interface TexturePicture {
  texture: Texture;
  /** 96 x 96 RGB. */
  data: Buffer;
}

const SIDE = 96;

/**
 * One picture of a texture, made by code: any two colours, size, angle and place, unevenly lit, blurred and grained, so
 * that colour and brightness say nothing about what it is.
 */
export function texture(kind: Texture, seed: number): TexturePicture {
  const c = chance(seed);
  const [one, other] = twoColours(c);
  const value = pattern(kind, c);
  const [lightX, lightY] = [c.between(-0.35, 0.35), c.between(-0.35, 0.35)];
  const grain = c.between(2, 22);
  const data = Buffer.alloc(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const share = value(x, y);
      const light = 1 + lightX * (x / SIDE - 0.5) + lightY * (y / SIDE - 0.5);
      for (let channel = 0; channel < 3; channel++) {
        const colour = (one[channel] ?? 0) * share + (other[channel] ?? 0) * (1 - share);
        const seen = colour * light + c.between(-grain, grain);
        data[(y * SIDE + x) * 3 + channel] = Math.max(0, Math.min(255, Math.round(seen)));
      }
    }
  }
  return { texture: kind, data };
}

/** The picture as a file. */
export const toJpeg = ({ data }: TexturePicture): Promise<Buffer> =>
  sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();

/** Far enough apart to be seen. */
function twoColours(c: Chance): [number[], number[]] {
  for (;;) {
    const [one, other] = [0, 1].map(() => [c.whole(0, 255), c.whole(0, 255), c.whole(0, 255)]);
    if (!one || !other) continue;
    const apart = one.reduce((sum, value, channel) => sum + Math.abs(value - (other[channel] ?? 0)), 0);
    if (apart > 150) return [one, other];
  }
}

/** How much of the first colour is at a point, 0 to 1. */
function pattern(kind: Texture, c: Chance): (x: number, y: number) => number {
  const angle = c.between(0, Math.PI);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const period = c.between(7, 22);
  const phase = c.between(0, period);
  const soft = c.between(0.15, 0.6);
  const edge = (wave: number) => Math.max(0, Math.min(1, 0.5 + wave / soft / 2));
  const along = (x: number, y: number) => Math.sin(((x * cos + y * sin + phase) * 2 * Math.PI) / period);
  const across = (x: number, y: number) => Math.sin(((y * cos - x * sin + phase) * 2 * Math.PI) / period);
  switch (kind) {
    case 'stripes':
      return (x, y) => edge(along(x, y));
    case 'checks':
      return (x, y) => edge(along(x, y) * across(x, y) * 2);
    case 'dots': {
      const threshold = c.between(0.9, 1.4);
      return (x, y) => edge(along(x, y) + across(x, y) - threshold);
    }
    case 'rings': {
      const [centreX, centreY] = [c.between(20, 76), c.between(20, 76)];
      return (x, y) =>
        edge(Math.sin(((Math.hypot(x - centreX, y - centreY) + phase) * 2 * Math.PI) / period));
    }
    case 'gradient': {
      const bend = c.between(0.6, 1.6);
      return (x, y) => Math.max(0, Math.min(1, 0.5 + ((x - 48) * cos + (y - 48) * sin) / 110)) ** bend;
    }
    case 'noise': {
      const cell = c.between(2, 6);
      const values = Array.from({ length: 64 * 64 }, () => c.next());
      return (x, y) => values[Math.floor(y / cell) * 64 + Math.floor(x / cell)] ?? 0;
    }
  }
}

/** Pictures of all textures in turn; `seed` 0 is what the model was trained on, any other is held out. */
export function textureSet(count: number, seed: number): TexturePicture[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = TEXTURES[index % TEXTURES.length] ?? 'noise';
    return texture(kind, seed * 1_000_003 + index);
  });
}
