import { sniffFormat } from './format.ts';
import { gifFrames } from './gif-frames.ts';

/** Frames of an animation that are ever looked at: see `pictureFrame`. */
export const FRAMES_LOOKED_AT = 30;

/** Texts of a PNG. libpng unpacks each as it comes, to 8 MB at most, and keeps all of them. */
const TEXTS: ReadonlySet<number> = new Set(
  ['tEXt', 'zTXt', 'iTXt'].map((type) => Buffer.from(type, 'latin1').readUInt32BE()),
);

/**
 * What of a file a decoder is given: a PNG without its texts, of an animation the frames that are looked at. Nothing of
 * the rest is ever used, and it can take any time and memory. The file itself where there is nothing to leave out.
 */
export function slim(file: Buffer): Buffer {
  const sniffed = sniffFormat(file);
  const format = sniffed.kind === 'accepted' && sniffed.format;
  if (format === 'png') return withoutTexts(file);
  if (format === 'gif') return firstFrames(file);
  return file;
}

/** PNG, 5.3: length (big-endian, of the content alone), type, content, CRC. */
function withoutTexts(file: Buffer): Buffer {
  let out: Buffer | undefined;
  let length = 0;
  let from = 0;
  for (let at = 8; at + 8 <= file.length; ) {
    const end = Math.min(at + 12 + file.readUInt32BE(at), file.length);
    if (TEXTS.has(file.readUInt32BE(at + 4))) {
      out ??= Buffer.allocUnsafe(file.length);
      length += file.copy(out, length, from, at);
      from = end;
    }
    at = end;
  }
  if (out === undefined) return file;
  length += file.copy(out, length, from);
  return out.subarray(0, length);
}

const GIF_TRAILER = Buffer.from([0x3b]);

function firstFrames(file: Buffer): Buffer {
  const { ends } = gifFrames(file, FRAMES_LOOKED_AT + 1);
  const last = ends.length > FRAMES_LOOKED_AT ? ends[FRAMES_LOOKED_AT - 1] : undefined;
  return last === undefined ? file : Buffer.concat([file.subarray(0, last), GIF_TRAILER]);
}
