import { UndecodableImageError } from '../analysis.ts';
import type { Pixels } from './pixels.ts';

/**
 * Decodes an uncompressed Windows bitmap (libvips reads none): 24 and 32 bits per pixel, and palettes of 1, 4 and 8
 * bits. Layout after Microsoft's BITMAPFILEHEADER and BITMAPINFOHEADER: little-endian, rows padded to 4 bytes and
 * stored from the bottom unless the height is negative. The fourth byte of a 32-bit pixel is unused padding there.
 *
 * @param maxPixels the area above which nothing is allocated
 * @throws {UndecodableImageError} for another flavour, a header that contradicts itself, or missing pixel data
 */
export function decodeBmp(bytes: Uint8Array, maxPixels: number): Pixels {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 54 || view.getUint32(14, true) < 40) {
    throw new UndecodableImageError('The BMP header is cut off or of a kind older than Windows 3.');
  }
  const dataOffset = view.getUint32(10, true);
  const paletteOffset = 14 + view.getUint32(14, true);
  const width = view.getInt32(18, true);
  const signedHeight = view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  const depth = view.getUint16(28, true);
  if (width < 1 || height < 1 || width * height > maxPixels) {
    throw new UndecodableImageError(`A BMP of ${width} x ${height} pixels is not accepted.`);
  }
  if (view.getUint32(30, true) !== 0 || ![1, 4, 8, 24, 32].includes(depth)) {
    throw new UndecodableImageError(
      'Only uncompressed BMP images of 1, 4, 8, 24 or 32 bits per pixel are accepted.',
    );
  }
  const stride = Math.ceil((width * depth) / 32) * 4;
  const palette = depth <= 8 ? readPalette(bytes, view, paletteOffset, dataOffset, depth) : undefined;
  if (dataOffset < paletteOffset || dataOffset + stride * height > bytes.length) {
    throw new UndecodableImageError('The BMP ends before its last row of pixels.');
  }

  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = dataOffset + (signedHeight < 0 ? y : height - 1 - y) * stride;
    for (let x = 0; x < width; x++) {
      const source = palette ?? bytes;
      const at = palette ? paletteIndex(bytes, row, x, depth, palette) * 4 : row + (x * depth) / 8;
      const to = (y * width + x) * 3;
      data[to] = source[at + 2] ?? 0;
      data[to + 1] = source[at + 1] ?? 0;
      data[to + 2] = source[at] ?? 0;
    }
  }
  return { data, width, height };
}

/** Entries of blue, green, red and one unused byte. */
function readPalette(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  dataOffset: number,
  depth: number,
): Uint8Array {
  const colours = view.getUint32(46, true) || 2 ** depth;
  const end = offset + colours * 4;
  if (colours > 2 ** depth || end > dataOffset || end > bytes.length) {
    throw new UndecodableImageError('The palette of the BMP does not fit into its file.');
  }
  return bytes.subarray(offset, end);
}

function paletteIndex(bytes: Uint8Array, row: number, x: number, depth: number, palette: Uint8Array): number {
  const bit = x * depth;
  const byte = bytes[row + (bit >> 3)] ?? 0;
  const index = (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  if (index * 4 >= palette.length) {
    throw new UndecodableImageError('A pixel of the BMP points outside its palette.');
  }
  return index;
}
