/** Bytes kept at most: the working images of some twenty photographs from telephones. */
const MOST_BYTES = 64_000_000;
/** After this without use a content goes: the steps of an image follow one another within seconds. */
const KEPT_MS = 60_000;

/**
 * Contents of blobs that this process has just read or written, by blob and version, so that the steps of one image do
 * not fetch it once each. Whoever uses one asks the service first whether the blob is still there and that version: what
 * was deleted is never seen again, and is not in memory for longer than a minute.
 */
export class RecentContents {
  readonly #mostBytes: number;
  readonly #contents = new Map<string, { bytes: Buffer; timer: NodeJS.Timeout }>();
  #bytes = 0;

  constructor(mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /** @param version what names the blob and its version, or a blob that never changes */
  keep(version: string, bytes: Buffer): void {
    this.drop(version);
    if (bytes.length > this.#mostBytes) return;
    const timer = setTimeout(() => this.drop(version), KEPT_MS).unref();
    this.#contents.set(version, { bytes, timer });
    this.#bytes += bytes.length;
    for (const oldest of this.#contents.keys()) {
      if (this.#bytes <= this.#mostBytes) break;
      this.drop(oldest);
    }
  }

  has(version: string): boolean {
    return this.#contents.has(version);
  }

  /** @returns a copy: what a step does to it, the next one does not see */
  get(version: string): Buffer | undefined {
    const content = this.#contents.get(version);
    if (content === undefined) return undefined;
    this.keep(version, content.bytes);
    return Buffer.from(content.bytes);
  }

  drop(version: string): void {
    const content = this.#contents.get(version);
    if (content === undefined) return;
    clearTimeout(content.timer);
    this.#contents.delete(version);
    this.#bytes -= content.bytes.length;
  }
}
