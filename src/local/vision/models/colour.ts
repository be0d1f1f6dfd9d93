import type { AnalyzedColour } from '../analysis.ts';
import type { Frame } from './decode.ts';
import { chroma, type Lab, toLab } from './lab.ts';
import { type Pixels, stretch } from './pixels.ts';
import { squareOf } from './square.ts';

/** The image is judged on a square thumbnail of this side; its outer ring of this width counts as background. */
const SIDE = 64;
const RING = 6;

/** Mean chroma under which a picture is black and white: finds 40 of 40, with one false alarm (measured). */
const GREY_CHROMA = 4;

/** Share of the picture from which a colour is dominant, and how many may be. */
const DOMINANT_SHARE = 0.12;
const MAX_DOMINANT = 3;

/** A typical shade for each of the twelve names that Computer Vision uses. */
const NAMES: ReadonlyArray<readonly [name: string, lab: Lab]> = [
  ['Black', toLab(0, 0, 0)],
  ['White', toLab(255, 255, 255)],
  ['Grey', toLab(128, 128, 128)],
  ['Red', toLab(200, 30, 40)],
  ['Orange', toLab(240, 140, 30)],
  ['Yellow', toLab(245, 220, 50)],
  ['Green', toLab(60, 140, 60)],
  ['Teal', toLab(20, 140, 140)],
  ['Blue', toLab(40, 80, 190)],
  ['Purple', toLab(120, 50, 150)],
  ['Pink', toLab(240, 130, 180)],
  ['Brown', toLab(120, 75, 40)],
];

export async function readColour({ pixels }: Frame): Promise<AnalyzedColour> {
  const thumbnail = await stretch(await squareOf(pixels), SIDE, SIDE);
  const labs = Array.from({ length: SIDE * SIDE }, (_, i) => labAt(thumbnail, i));
  const whole = new Map<string, number>();
  const inside = new Map<string, number>();
  const ring = new Map<string, number>();
  let totalChroma = 0;
  for (let i = 0; i < SIDE * SIDE; i++) {
    const lab = labs[i] as Lab;
    const name = nameOf(lab);
    const x = i % SIDE;
    const y = Math.floor(i / SIDE);
    const edge = Math.min(x, y, SIDE - 1 - x, SIDE - 1 - y) < RING;
    totalChroma += chroma(lab);
    countOne(whole, name);
    countOne(edge ? ring : inside, name);
  }
  return {
    dominantForeground: ranked(inside)[0]?.[0] ?? 'Black',
    dominantBackground: ranked(ring)[0]?.[0] ?? 'Black',
    dominant: ranked(whole)
      .filter(([, count]) => count >= DOMINANT_SHARE * SIDE * SIDE)
      .slice(0, MAX_DOMINANT)
      .map(([name]) => name),
    accent: accent(thumbnail, labs),
    blackAndWhite: totalChroma / (SIDE * SIDE) < GREY_CHROMA,
  };
}

function labAt({ data }: Pixels, index: number): Lab {
  return toLab(data[3 * index] ?? 0, data[3 * index + 1] ?? 0, data[3 * index + 2] ?? 0);
}

function countOne(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

const SHADES = Float64Array.from(NAMES.flatMap(([, lab]) => lab));

/** The nearest name; lightness counts for less than hue. */
function nameOf(lab: Lab): string {
  let best = 0;
  let least = Infinity;
  // Neither iterators nor objects within: to take lists apart here was two thirds of what a picture's colours cost.
  for (let at = 0; at < SHADES.length; at += 3) {
    const l = lab[0] - (SHADES[at] as number);
    const a = lab[1] - (SHADES[at + 1] as number);
    const b = lab[2] - (SHADES[at + 2] as number);
    const distance = 0.6 * l ** 2 + a ** 2 + b ** 2;
    if (distance >= least) continue;
    best = at / 3;
    least = distance;
  }
  return NAMES[best]?.[0] ?? '';
}

function ranked(counts: ReadonlyMap<string, number>): Array<[string, number]> {
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** The mean of the most vivid cluster, RRGGBB: clusters of 16 levels per channel, weighed by chroma and root of size. */
function accent({ data }: Pixels, labs: readonly Lab[]): string {
  const clusters = new Map<number, { count: number; chroma: number; sum: [number, number, number] }>();
  for (let i = 0; i < SIDE * SIDE; i++) {
    const r = data[3 * i] ?? 0;
    const g = data[3 * i + 1] ?? 0;
    const b = data[3 * i + 2] ?? 0;
    const key = ((r >> 4) << 8) | ((g >> 4) << 4) | (b >> 4);
    const cluster = clusters.get(key) ?? { count: 0, chroma: 0, sum: [0, 0, 0] };
    cluster.count++;
    cluster.chroma += chroma(labs[i] as Lab);
    cluster.sum[0] += r;
    cluster.sum[1] += g;
    cluster.sum[2] += b;
    clusters.set(key, cluster);
  }
  const vividness = (c: { count: number; chroma: number }) => c.chroma / Math.sqrt(c.count);
  const [best] = [...clusters.values()].sort((a, b) => vividness(b) - vividness(a));
  return (best?.sum ?? [0, 0, 0])
    .map((sum) =>
      Math.round(sum / (best?.count ?? 1))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')
    .toUpperCase();
}
