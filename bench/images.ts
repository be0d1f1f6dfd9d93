import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { projectRoot } from '../test/support/project-root.ts';

/** The samples, over and over, each copy of other bytes and other pixels: no cache knows any of them. */
export class SampleCopies {
  readonly #files: string[];
  #made = 0;

  constructor() {
    const folder = join(projectRoot, 'samples');
    this.#files = readdirSync(folder)
      .filter((name) => name.endsWith('.jpg'))
      .map((name) => join(folder, name));
  }

  /** The next `count` copies; every call starts with the first sample, so that all calls make alike work. */
  async take(count: number): Promise<Buffer[]> {
    const copies: Buffer[] = [];
    for (let index = 0; index < count; index += 1) {
      this.#made += 1;
      copies.push(await marked(this.#files[index % this.#files.length] ?? '', this.#made));
    }
    return copies;
  }

  /**
   * The next copies as a telephone would have taken them: enlarged, with the noise of a sensor.
   *
   * @param orientation as EXIF has it: 1 upright, 6 stored on its side, to be turned to the right
   */
  async enlarged(count: number, megapixels: number, orientation: number): Promise<Buffer[]> {
    const copies: Buffer[] = [];
    for (const copy of await this.take(count)) {
      const { width, height } = await sharp(copy).metadata();
      const side = Math.round(width * Math.sqrt((megapixels * 1e6) / (width * height)));
      const upright = sharp(copy).resize({ width: side }).removeAlpha();
      const large = (orientation === 6 ? upright.rotate(270) : upright).raw();
      const { data, info } = await large.toBuffer({ resolveWithObject: true });
      const noise = randomBytes(65_521);
      for (let i = 0; i < data.length; i += 1) {
        const value = (data[i] ?? 0) + ((noise[i % noise.length] ?? 0) % 10) - 5;
        data[i] = Math.max(0, Math.min(255, value));
      }
      const { width: columns, height: rows, channels } = info;
      const picture = sharp(data, { raw: { width: columns, height: rows, channels } });
      copies.push(await picture.jpeg({ quality: 90 }).withMetadata({ orientation }).toBuffer());
    }
    return copies;
  }

  get samples(): number {
    return this.#files.length;
  }
}

/** Eight pixels square in a corner, of a colour of its own: more than the JPEG encoder could lose. */
async function marked(file: string, number: number): Promise<Buffer> {
  const background = { r: (number * 37) % 256, g: (number * 91) % 256, b: Math.floor(number / 4) % 256 };
  const input = { create: { width: 8, height: 8, channels: 3 as const, background } };
  return sharp(file)
    .composite([{ input, left: 0, top: 0 }])
    .jpeg({ quality: 92 })
    .toBuffer();
}
