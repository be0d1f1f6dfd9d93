/** Luma, 0 to 255: lighter is lost on white, darker is lost on black. */
const LIGHT = 180;
const DARK = 75;

/** Shares of what borders on transparency. */
const MOST = 0.5;
const SOME = 0.2;

const OPAQUE = 128;

/**
 * The grey, 0 to 255, on which a partly transparent picture shows what is on it: white, unless most of what borders
 * on transparency is light, then black; or, where light and dark both do, the grey between them.
 *
 * @param rgba four interleaved channels, alpha not multiplied in
 */
export function chooseGround(rgba: Uint8Array, width: number, height: number): number {
  const alpha = (x: number, y: number): number => rgba[(y * width + x) * 4 + 3] ?? 0;
  let [border, light, dark] = [0, 0, 0];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      if (alpha(x, y) < OPAQUE) continue;
      const clear = Math.min(alpha(x - 1, y), alpha(x + 1, y), alpha(x, y - 1), alpha(x, y + 1));
      if (clear >= OPAQUE) continue;
      const at = (y * width + x) * 4;
      const luma = 0.299 * (rgba[at] ?? 0) + 0.587 * (rgba[at + 1] ?? 0) + 0.114 * (rgba[at + 2] ?? 0);
      border++;
      if (luma > LIGHT) light++;
      else if (luma < DARK) dark++;
    }
  }
  if (light <= SOME * border) return 255;
  if (dark > SOME * border) return 128;
  return light > MOST * border ? 0 : 255;
}

export function isOpaque(rgba: Uint8Array): boolean {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 255) return false;
  return true;
}

/** The picture as three channels, laid on an even grey. */
export function layOn(rgba: Uint8Array, ground: number): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    const alpha = (rgba[from + 3] ?? 0) / 255;
    for (let c = 0; c < 3; c++)
      rgb[to + c] = Math.round((rgba[from + c] ?? 0) * alpha + ground * (1 - alpha));
  }
  return rgb;
}
