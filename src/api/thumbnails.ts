import { openUpright } from '../imaging/decode.ts';
import { decodeBudget } from '../imaging/decode-budget.ts';
import { imageHeader } from '../imaging/image-header.ts';

/** Longer side, in pixels. */
const SIDE = 320;
const QUALITY = 78;
/** Kept in memory, in bytes: some two thousand thumbnails, several screens of a grid. */
const KEPT_BYTES = 32_000_000;
/** A working image has at most this many pixels. */
const MAX_PIXELS = 100_000_000;

/** Small JPEGs of working images, the latest ones kept in memory and never elsewhere. */
export class Thumbnails {
  readonly #kept = new Map<string, Buffer>();
  readonly #most: number;
  #bytes = 0;

  /** @param most bytes that are kept */
  constructor(most = KEPT_BYTES) {
    this.#most = most;
  }

  /** @param version changes with the image's content */
  async of(version: string, read: () => Promise<Buffer>): Promise<Buffer> {
    const kept = this.#kept.get(version);
    if (kept) {
      this.#kept.delete(version);
      this.#kept.set(version, kept);
      return kept;
    }
    const made = await makeThumbnail(await read());
    this.#keep(version, made);
    return made;
  }

  #keep(version: string, bytes: Buffer): void {
    if (this.#kept.has(version)) return;
    this.#kept.set(version, bytes);
    this.#bytes += bytes.length;
    for (const [oldest, content] of this.#kept) {
      if (this.#bytes <= this.#most) break;
      this.#kept.delete(oldest);
      this.#bytes -= content.length;
    }
  }
}

/** Upright, without metadata; never enlarged. @throws {PermanentError} when it does not decode */
async function makeThumbnail(bytes: Buffer): Promise<Buffer> {
  const { load, turn } = (await imageHeader(bytes)).cost;
  return decodeBudget.within(load + turn, async () => {
    const image = await openUpright(bytes, MAX_PIXELS);
    return image
      .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality: QUALITY })
      .toBuffer();
  });
}
