import sharp from 'sharp';
import type { AnalyzedLine } from '../../../src/local/vision/analysis.ts';
import { picture } from '../../local/vision/fake-analyzer.ts';

/**
 * A photograph that says in its own pixels who is in it: the first rows are black and white blocks of 8 x 8 pixels, so
 * that it survives JPEG, turning and re-encoding, as a photograph does. Two bytes of magic, a byte of flags, the number
 * of people, then three bytes for each.
 */
export interface Scene {
  /** Numbers below 2^24; the same number is the same face. At most four. */
  readonly people: readonly number[];
  /** It shows so much text that the output of `ocr` travels by claim check. */
  readonly muchText?: boolean;
}

export type SceneFormat = 'jpeg' | 'png' | 'webp' | 'turned';

const WIDTH = 512;
const HEIGHT = 200;
const BLOCK = 8;
const COLUMNS = WIDTH / BLOCK;
const ROWS = 2;
const MAGIC = 0x5cea;
const FACE_SIDE = 100;

/** The file. `turned`: a JPEG stored sideways, upright by its EXIF orientation. `webp` and `turned` need a rendition. */
export async function scenePhoto(scene: Scene, format: SceneFormat = 'jpeg'): Promise<Buffer> {
  const bytes = [MAGIC >> 8, MAGIC & 0xff, scene.muchText ? 1 : 0, scene.people.length];
  for (const person of scene.people) bytes.push((person >> 16) & 0xff, (person >> 8) & 0xff, person & 0xff);
  const data = Buffer.alloc(WIDTH * HEIGHT * 3);
  // A texture, so that the file is above the services' least size.
  for (let i = 0; i < data.length; i += 1)
    data[i] = 96 + ((((Math.floor(i / 3) % WIDTH) * Math.floor(i / 3 / WIDTH)) / 8) % 64);
  for (let block = 0; block < COLUMNS * ROWS; block += 1) {
    const lit = ((bytes[block >> 3] ?? 0) >> (7 - (block & 7))) & 1;
    const left = (block % COLUMNS) * BLOCK;
    const top = Math.floor(block / COLUMNS) * BLOCK;
    for (let y = top; y < top + BLOCK; y += 1) {
      data.fill(lit ? 255 : 0, (y * WIDTH + left) * 3, (y * WIDTH + left + BLOCK) * 3);
    }
  }
  const image = sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
  if (format === 'png') return image.png().toBuffer();
  if (format === 'webp') return image.webp({ lossless: true }).toBuffer();
  if (format === 'jpeg') return image.jpeg({ quality: 95 }).toBuffer();
  // Orientation 8: the viewer turns it by 270 degrees clockwise, so it is stored turned by 90.
  const turned = await image.rotate(90).raw().toBuffer({ resolveWithObject: true });
  const raw = { width: turned.info.width, height: turned.info.height, channels: 3 as const };
  return sharp(turned.data, { raw }).withMetadata({ orientation: 8 }).jpeg({ quality: 95 }).toBuffer();
}

/** Reads the scene back, or undefined where the image shows none. */
export async function readScene(bytes: Uint8Array): Promise<Scene | undefined> {
  const { data, info } = await sharp(bytes)
    .autoOrient()
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.width !== WIDTH || info.height !== HEIGHT) return undefined;
  const read: number[] = [];
  for (let block = 0; block < COLUMNS * ROWS; block += 1) {
    const x = (block % COLUMNS) * BLOCK + BLOCK / 2;
    const y = Math.floor(block / COLUMNS) * BLOCK + BLOCK / 2;
    const lit = (data[(y * WIDTH + x) * info.channels] ?? 0) > 127 ? 1 : 0;
    read[block >> 3] = ((read[block >> 3] ?? 0) << 1) | lit;
  }
  const [high = 0, low = 0, flags = 0, count = 0, ...rest] = read;
  if (((high << 8) | low) !== MAGIC || count > 4) return undefined;
  const people = Array.from(
    { length: count },
    (_, i) => ((rest[i * 3] ?? 0) << 16) | ((rest[i * 3 + 1] ?? 0) << 8) | (rest[i * 3 + 2] ?? 0),
  );
  return { people, ...(flags === 1 && { muchText: true }) };
}

/** The scene as the fake analyzer takes it. */
export function toPicture(scene: Scene): Buffer {
  const faces = scene.people.map((person, index) => ({
    person,
    box: {
      left: 10 + index * (FACE_SIDE + 20),
      top: 40,
      width: FACE_SIDE - index,
      height: FACE_SIDE - index,
    },
  }));
  const text = scene.muchText ? { text: { lines: manyLines(), angle: 0 } } : {};
  return picture({ width: WIDTH, height: HEIGHT, faces, ...text }, 0);
}

function manyLines(): AnalyzedLine[] {
  return Array.from({ length: 40 }, (_, line) => {
    const top = 20 + line * 4;
    const quadAt = (left: number, right: number): AnalyzedLine['quad'] => [
      { x: left, y: top },
      { x: right, y: top },
      { x: right, y: top + 3 },
      { x: left, y: top + 3 },
    ];
    const words = Array.from({ length: 8 }, (_, word) => ({
      text: `word${line}x${word}`,
      confidence: 0.9,
      quad: quadAt(word * 60, word * 60 + 50),
    }));
    return { text: words.map((word) => word.text).join(' '), confidence: 0.9, quad: quadAt(0, 480), words };
  });
}
