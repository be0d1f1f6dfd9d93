import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { chance } from '../../scripts/chance.ts';
import { drawSign } from '../../test/local/vision/models/support/sign.ts';
import { projectRoot } from '../../test/support/project-root.ts';

/** Pictures of one kind, whose figures are given together. */
export interface Kind {
  name: string;
  pictures: readonly Buffer[];
}

/** Words of the drawn alphabet, which is the same on machines with and without fonts. */
const WORDS =
  'THE FIRST TENT IS FOR WATER AND FOOD AND THE SECOND IS FOR CHILDREN WHO LOST A PARENT ASK AT THE CENTRE FOR A LETTER TO THE MINISTER WHEN A NAME IS ON THE LIST COME INSIDE AND SHOW A CARD TO THE OFFICER'
    .split(' ')
    .filter((word) => /^[ACDEFHILMNOPRSTUWX247]+$/.test(word));

/** The samples by what they show, pages of text drawn by code, and samples enlarged to what telephones send. */
export async function pictures(): Promise<Kind[]> {
  const folder = join(projectRoot, 'samples');
  const samples = readdirSync(folder).filter((name) => name.endsWith('.jpg'));
  const of = (wanted: RegExp) =>
    samples.filter((name) => wanted.test(name)).map((name) => readFileSync(join(folder, name)));
  return [
    { name: 'portrait', pictures: of(/^person-/) },
    { name: 'group', pictures: of(/^group/) },
    { name: 'sign', pictures: of(/^sign/) },
    { name: 'page', pictures: [await page(38, 7), await page(38, 8)] },
    { name: 'two columns', pictures: [await columns(30)] },
    { name: 'large photograph', pictures: await Promise.all(of(LARGE).map(enlarged)) },
  ];
}

/** Which samples stand for what telephones send: two portraits, whose faces are large, and a group, whose faces are not. */
const LARGE = /^(person-a-1|person-b-1|group)\.jpg$/;

/** Pixels of a telephone's photograph, and the grain of its sensor: grey levels up and down. */
const TELEPHONE_PIXELS = 12_000_000;
const GRAIN = 5;

/** A sample as large as a telephone takes photographs. Every run makes the same ones. */
async function enlarged(picture: Buffer, number: number): Promise<Buffer> {
  const { width, height } = await sharp(picture).metadata();
  const factor = Math.sqrt(TELEPHONE_PIXELS / (width * height));
  const { data, info } = await sharp(picture)
    .resize({ width: Math.round(width * factor) })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const random = chance(number);
  for (let at = 0; at < data.length; at++) {
    const grainy = (data[at] as number) + random.whole(-GRAIN, GRAIN);
    data[at] = Math.min(255, Math.max(0, grainy));
  }
  return sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } })
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** Every copy has other pixels, so that no cache knows it: eight pixels square in a corner, of a colour of its own. */
export async function copyOf(picture: Buffer, number: number): Promise<Buffer> {
  const background = { r: (number * 37) % 256, g: (number * 91) % 256, b: Math.floor(number / 4) % 256 };
  const input = { create: { width: 8, height: 8, channels: 3 as const, background } };
  return sharp(picture)
    .composite([{ input, left: 0, top: 0 }])
    .jpeg({ quality: 92 })
    .toBuffer();
}

/** A typed page, A4 at 150 dots per inch: 1240 x 1754. */
async function page(lines: number, words: number): Promise<Buffer> {
  const text = Array.from({ length: lines }, (_, line) => lineOf(line, words));
  return shrunk(text, 3100, 4385);
}

async function columns(lines: number): Promise<Buffer> {
  const text = Array.from(
    { length: lines },
    (_, line) => `${lineOf(line, 4).slice(0, 24).padEnd(30)}${lineOf(line + 50, 4).slice(0, 24)}`,
  );
  return shrunk(text, 3600, 3740);
}

function lineOf(line: number, words: number): string {
  return Array.from({ length: words }, (_, at) => WORDS[(line * 5 + at) % WORDS.length]).join(' ');
}

async function shrunk(lines: readonly string[], width: number, height: number): Promise<Buffer> {
  const large = await drawSign(lines, { width, height, left: 100, top: 80 }).png().toBuffer();
  return sharp(large).resize({ width: 1240 }).jpeg({ quality: 92 }).toBuffer();
}
