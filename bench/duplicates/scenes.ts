import sharp from 'sharp';
import { type Chance, chance } from '../../scripts/chance.ts';

const colour = (c: Chance) => `rgb(${c.whole(0, 255)},${c.whole(0, 255)},${c.whole(0, 255)})`;

/** A picture that exists nowhere: a sky and a ground, hills, and things of all sizes, lit and grained like a photograph. */
export function scene(seed: number): Promise<Buffer> {
  const c = chance(seed);
  const [width, height] = c.next() < 0.5 ? [640, 480] : [480, 640];
  const horizon = c.between(0.2, 0.8) * height;
  const parts = [
    `<defs><linearGradient id="g" x1="${c.next()}" y1="0" x2="${c.next()}" y2="1"><stop offset="0" stop-color="${colour(c)}"/><stop offset="1" stop-color="${colour(c)}"/></linearGradient></defs>`,
    `<rect width="${width}" height="${height}" fill="url(#g)"/>`,
    `<rect y="${horizon}" width="${width}" height="${height}" fill="${colour(c)}" opacity="${c.between(0.5, 1)}"/>`,
  ];
  const things = c.whole(6, 22);
  for (let i = 0; i < things; i++) {
    const [x, y] = [c.between(-0.1, 1.1) * width, c.between(-0.1, 1.1) * height];
    const size = c.between(0.04, 0.35) * width;
    const look = `fill="${colour(c)}" opacity="${c.between(0.6, 1)}" transform="rotate(${c.whole(0, 360)} ${x} ${y})"`;
    const kind = c.whole(0, 2);
    if (kind === 0)
      parts.push(`<ellipse cx="${x}" cy="${y}" rx="${size}" ry="${size * c.between(0.3, 1)}" ${look}/>`);
    else if (kind === 1) {
      parts.push(`<rect x="${x}" y="${y}" width="${size}" height="${size * c.between(0.3, 2)}" ${look}/>`);
    } else {
      const corner = () => `${x + c.between(-1, 1) * size},${y + c.between(-1, 1) * size}`;
      parts.push(`<polygon points="${corner()} ${corner()} ${corner()} ${corner()}" ${look}/>`);
    }
  }
  return photographed(svg(width, height, parts), c);
}

/** A page of typed lines: different pages of one layout, which is what perceptual hashes confuse. */
export function page(seed: number): Promise<Buffer> {
  const c = chance(seed);
  const [width, height] = [480, 640];
  const parts = [`<rect width="${width}" height="${height}" fill="#f4f2ec"/>`];
  for (let line = 0; line < 24; line++) {
    let x = 48;
    const end = width - (c.next() < 0.25 ? c.between(60, 280) : c.between(44, 60));
    while (x < end) {
      const word = Math.min(c.between(12, 60), end - x);
      parts.push(`<rect x="${x}" y="${56 + line * 23}" width="${word}" height="9" fill="#222"/>`);
      x += word + 7;
    }
  }
  return photographed(svg(width, height, parts), c);
}

const svg = (width: number, height: number, parts: readonly string[]) =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${parts.join('')}</svg>`,
  );

async function photographed(drawing: Buffer, c: Chance): Promise<Buffer> {
  const { data, info } = await sharp(drawing)
    .flatten()
    .blur(c.between(0.6, 1.6))
    .raw()
    .toBuffer({ resolveWithObject: true });
  for (let i = 0; i < data.length; i++)
    data[i] = Math.max(0, Math.min(255, (data[i] ?? 0) + c.between(-6, 6)));
  const { width, height } = info;
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer();
}
