import type { Pixels } from '../../../../../src/local/vision/models/pixels.ts';

export interface BmpOptions {
  depth: 24 | 32 | 8;
  topDown?: boolean;
}

/** Writes an uncompressed Windows bitmap; with 8 bits, at most 256 colours. */
export function encodeBmp({ data, width, height }: Pixels, { depth, topDown = false }: BmpOptions): Buffer {
  const palette: string[] = [];
  const stride = Math.ceil((width * depth) / 32) * 4;
  const rows = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const row = (topDown ? y : height - 1 - y) * stride;
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 3;
      const bgr = [data[from + 2] ?? 0, data[from + 1] ?? 0, data[from] ?? 0];
      if (depth === 8) {
        if (!palette.includes(bgr.join())) palette.push(bgr.join());
        rows[row + x] = palette.indexOf(bgr.join());
      } else rows.set(bgr, row + (x * depth) / 8);
    }
  }
  const colours = Buffer.from(palette.flatMap((entry) => [...entry.split(',').map(Number), 0]));
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(54 + colours.length + rows.length, 2);
  header.writeUInt32LE(54 + colours.length, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(topDown ? -height : height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(depth, 28);
  header.writeUInt32LE(palette.length, 46);
  return Buffer.concat([header, colours, rows]);
}
