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
