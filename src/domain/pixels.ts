/** Decoded pixels of the upright image: 8-bit sRGB, transparent parts flattened on white. */
export interface Pixels {
  /** Row-major RGB, three bytes per pixel, `width * height * 3` long. */
  data: Buffer;
  width: number;
  height: number;
}
