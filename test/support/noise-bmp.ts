const HEADER = 54;

/** A valid BMP of 24 bits of noise a pixel: large, and nothing makes it smaller. `width` is a multiple of four. */
export function noiseBmp(width: number, height: number, seed: number): Buffer {
  const pixels = width * height * 3;
  const bytes = Buffer.alloc(HEADER + pixels);
  bytes.write('BM', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(HEADER, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  bytes.writeUInt32LE(pixels, 34);
  // Xorshift: the same seed, the same picture.
  let state = seed * 2_654_435_761 || 1;
  for (let at = HEADER; at < bytes.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state & 255;
  }
  return bytes;
}
