/** So much text is gathered, in characters, before it becomes bytes: small enough for the memory that is tidied up often. */
const PIECE = 32 * 1024;

/**
 * A long text as bytes, made a piece at a time: as one string, with the strings it was made of, it would take several
 * times its size and stay for long.
 */
export class TextPieces {
  readonly #pieces: Buffer[] = [];
  #text: string;

  /** @param text its beginning */
  constructor(text: string) {
    this.#text = text;
  }

  add(text: string): void {
    this.#text += text;
    if (this.#text.length >= PIECE) this.#cut();
  }

  /** All of it, in UTF-8. */
  bytes(): Buffer {
    this.#cut();
    return Buffer.concat(this.#pieces);
  }

  #cut(): void {
    this.#pieces.push(Buffer.from(this.#text));
    this.#text = '';
  }
}
