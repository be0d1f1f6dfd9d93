import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { type Chance, chance } from '../../../scripts/chance.ts';
import { type Block, drawPage, FONT_NAMES, tilt } from './page.ts';
import { ACCENTED, ARABIC, ENGLISH, LOOK_ALIKES, PERSIAN, RUSSIAN, SIGNS, UKRAINIAN } from './sentences.ts';

/** A picture and what stands in it, lines in reading order. */
export interface Case {
  picture: Buffer;
  expected: string;
}

/** Each kind of picture, made by code: the same pictures in every run. */
export const SETS: Readonly<Record<string, () => Promise<Case[]>>> = {
  clean: () => repeat(6, 1, (random, i) => notice(random, i, ENGLISH)),
  tilted: () =>
    Promise.all(
      [3, -5, 8, -12, 16, 20, -20].map(async (degrees, i) => {
        const { picture, expected } = await notice(chance(20 + i), i, ENGLISH);
        return { picture: await tilt(picture, degrees, PAPERS[i % PAPERS.length] as string), expected };
      }),
    ),
  'upside down': () => turned(180, 6),
  'on its side': async () => [...(await turned(90, 3)), ...(await turned(270, 3))],
  'two columns': () => repeat(5, 50, columns),
  signs: () => Promise.all(SIGNS.map((text, i) => sign(text, i))),
  accents: () => Promise.all(Object.values(ACCENTED).map((lines, i) => notice(chance(70 + i), i, lines))),
  cyrillic: async () => [
    ...(await repeat(3, 80, (random, i) => notice(random, i, RUSSIAN))),
    ...(await repeat(2, 84, (random, i) => notice(random, i, UKRAINIAN))),
    await notice(chance(88), 0, [RUSSIAN[0], LOOK_ALIKES[0], LOOK_ALIKES[1], RUSSIAN[2], LOOK_ALIKES[2]]),
  ],
  'latin and cyrillic': () =>
    repeat(3, 90, (random, i) => notice(random, i, [ENGLISH[i], RUSSIAN[i], ENGLISH[i + 3], UKRAINIAN[i]])),
  arabic: () => repeat(4, 100, (random, i) => notice(random, i * 2, ARABIC, 'right')),
  persian: () => repeat(4, 110, (random, i) => notice(random, i * 2, PERSIAN, 'right')),
  tall: () => Promise.all([3000, 5500, 8000, 9900].map((height) => tall(height))),
  wide: () => Promise.all([4000, 8000, 10_000].map((width) => wide(width))),
  transparent: () =>
    Promise.all(
      ['#ffffff', '#f4f0c0', '#000000', '#203060'].map((ink, i) =>
        notice(chance(130 + i), i, ENGLISH, 'left', ink),
      ),
    ),
  'small print': async () => [
    ...(await Promise.all([15, 18, 22].map((size) => scan(size)))),
    ...(await Promise.all(['person-a-1', 'group'].map((name) => caption(name)))),
  ],
  'no text': noText,
};

const PAPERS = ['#ffffff', '#f6f1e2', '#e8eef4'];
const SAMPLES = fileURLToPath(new URL('../../../samples/', import.meta.url));

function repeat(count: number, seed: number, make: (random: Chance, index: number) => Promise<Case>) {
  return Promise.all(Array.from({ length: count }, (_, i) => make(chance(seed + i), i)));
}

/** A notice of up to eight lines; with an ink of its own it stands on a transparent ground. */
async function notice(
  random: Chance,
  index: number,
  lines: readonly (string | undefined)[],
  align: 'left' | 'right' = 'left',
  ink?: string,
): Promise<Case> {
  const size = random.whole(24, 44);
  const first = random.whole(0, Math.max(0, lines.length - 8));
  const chosen = lines.slice(first, first + 8).filter((line) => line !== undefined);
  const width = Math.round(120 + size * 0.72 * Math.max(...chosen.map((line) => line.length)));
  const block: Block = {
    lines: chosen,
    left: align === 'left' ? 60 : width - 60,
    top: 60,
    font: FONT_NAMES[index % FONT_NAMES.length] ?? 'DejaVu Sans',
    size,
    align,
    ...(ink === undefined ? {} : { ink }),
  };
  const paper = ink === undefined ? PAPERS[index % PAPERS.length] : undefined;
  const height = Math.round(120 + chosen.length * size * 1.7);
  const picture = await drawPage({ width, height, paper, blocks: [block] });
  return { picture, expected: chosen.join('\n') };
}

async function turned(degrees: number, count: number): Promise<Case[]> {
  const pages = await repeat(count, 30 + degrees, (random, i) => notice(random, i, ENGLISH));
  return Promise.all(
    pages.map(async ({ picture, expected }) => ({
      picture: await sharp(picture).rotate(degrees).png().toBuffer(),
      expected,
    })),
  );
}

/** Two columns of short lines under a heading; the gutter is from one to three ems wide. */
async function columns(random: Chance, index: number): Promise<Case> {
  const size = random.whole(22, 28);
  const words = ENGLISH.join(' ').split(' ');
  const column = (from: number) =>
    Array.from({ length: 14 }, (_, i) => words.slice(from + i * 3, from + i * 3 + 3).join(' '));
  const [left, right] = [column(0), column(45)];
  const heading = 'NOTICE TO ALL FAMILIES';
  const gutter = size * (1 + (index % 3));
  const font = FONT_NAMES[index % FONT_NAMES.length] ?? 'DejaVu Sans';
  const width = await widthOf({ lines: left, left: 0, top: 0, size, font });
  const picture = await drawPage({
    width: Math.round(160 + width * 2 + gutter + size * 6),
    height: Math.round(260 + 14 * size * 1.6),
    paper: '#ffffff',
    blocks: [
      { lines: [heading], left: 80, top: 60, size: size * 1.6, font },
      { lines: left, left: 80, top: 160, size, font },
      { lines: right, left: Math.round(80 + width + gutter), top: 160, size, font },
    ],
  });
  return { picture, expected: [heading, ...left, ...right].join('\n') };
}

async function widthOf(block: Block): Promise<number> {
  const picture = await drawPage({ width: 2000, height: 1200, paper: '#ffffff', blocks: [block] });
  const { info } = await sharp(picture).trim().toBuffer({ resolveWithObject: true });
  return info.width;
}

/** One large marking on a coloured board before a plain wall. */
async function sign(text: string, index: number): Promise<Case> {
  const [board, ink] = [
    ['#ffffff', '#101010'],
    ['#1d5fa8', '#ffffff'],
    ['#c8202a', '#ffffff'],
    ['#f2c230', '#101010'],
  ][index % 4] as [string, string];
  const size = 120 + (index % 3) * 40;
  const plate = await sharp({ create: { width: 620, height: 380, channels: 3, background: board } })
    .png()
    .toBuffer();
  const wall = await sharp({ create: { width: 1100, height: 800, channels: 3, background: '#9a938a' } })
    .composite([{ input: plate, left: 240, top: 200 }])
    .png()
    .toBuffer();
  const lettering = await drawPage({
    width: 1100,
    height: 800,
    paper: undefined,
    blocks: [{ lines: [text], left: 330, top: 300, size, font: 'DejaVu Sans Bold', ink }],
  });
  return {
    picture: await sharp(wall)
      .composite([{ input: lettering }])
      .png()
      .toBuffer(),
    expected: text,
  };
}

async function tall(height: number): Promise<Case> {
  const count = Math.floor((height - 80) / 110);
  const lines = Array.from(
    { length: count },
    (_, i) => `${i + 1}. ${ENGLISH[i % ENGLISH.length]?.slice(0, 30)}`,
  );
  const block: Block = { lines, left: 40, top: 40, size: 34, leading: 110 / 34 };
  return {
    picture: await drawPage({ width: 790, height, paper: '#ffffff', blocks: [block] }),
    expected: lines.join('\n'),
  };
}

async function wide(width: number): Promise<Case> {
  const count = Math.floor((width - 100) / 900);
  const rows = [0, 1].map((row) =>
    Array.from(
      { length: count },
      (_, i) => `${row + 1}${i + 1} ${ENGLISH[(row * 4 + i) % 12]?.slice(0, 24)}`,
    ),
  );
  const blocks = rows.flatMap((row, r) =>
    row.map((line, i) => ({ lines: [line], left: 60 + i * 900, top: 200 + r * 300, size: 40 })),
  );
  const picture = await drawPage({ width, height: 850, paper: '#ffffff', blocks });
  return { picture, expected: rows.flat().join('\n') };
}

/** A page of A4 at 200 dots per inch in small type. */
async function scan(size: number): Promise<Case> {
  const lines = Array.from({ length: 20 }, (_, i) => ENGLISH[(i * 5) % ENGLISH.length] ?? '');
  const block: Block = { lines, left: 160, top: 200, size, font: 'DejaVu Serif' };
  const picture = await drawPage({ width: 1654, height: 2339, paper: '#ffffff', blocks: [block] });
  return { picture, expected: lines.join('\n') };
}

/** A photograph with one small line in its lower margin. */
async function caption(name: string): Promise<Case> {
  const photograph = await sharp(join(SAMPLES, `${name}.jpg`))
    .resize({ width: 1800 })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = photograph.info;
  const text = 'Archive no. 4711, photographed on 3 March 2025';
  const lettering = await drawPage({
    width,
    height,
    paper: undefined,
    blocks: [{ lines: [text], left: 40, top: height - 60, size: 24, ink: '#ffffff' }],
  });
  return {
    picture: await sharp(photograph.data)
      .composite([{ input: lettering }])
      .png()
      .toBuffer(),
    expected: text,
  };
}

async function noText(): Promise<Case[]> {
  const names = (await readdir(SAMPLES)).filter((name) => name.endsWith('.jpg') && name !== 'sign.jpg');
  return Promise.all(
    names.map(async (name) => ({ picture: await readFile(join(SAMPLES, name)), expected: '' })),
  );
}
