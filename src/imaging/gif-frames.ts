/**
 * The frames of a GIF, without decoding one. Follows only the lengths that the file states and stops where they lead
 * nowhere. Source: CompuServe, Graphics Interchange Format 89a, 18 to 26.
 */
interface GifFrames {
  frames: number;
  /** Where each of the first hundred ends in the file. */
  ends: number[];
}

const KEPT_ENDS = 100;

const EXTENSION = 0x21;
const IMAGE = 0x2c;
/** Signature, logical screen descriptor. */
const HEADER = 13;
/** Separator, position, size, flags. */
const DESCRIPTOR = 10;

/** @param most frames, behind which counting ends */
export function gifFrames(file: Buffer, most = Number.POSITIVE_INFINITY): GifFrames {
  const found: GifFrames = { frames: 0, ends: [] };
  if (file.length < HEADER) return found;
  for (let at = HEADER + colours(file[10] ?? 0); at < file.length && found.frames < most; ) {
    const kind = file[at];
    if (kind === EXTENSION) {
      at = blocksEnd(file, at + 2);
    } else if (kind === IMAGE && at + DESCRIPTOR < file.length) {
      // Behind the colour table stands the size of the codes, then the picture in blocks.
      at = blocksEnd(file, at + DESCRIPTOR + colours(file[at + 9] ?? 0) + 1);
      found.frames++;
      if (found.ends.length < KEPT_ENDS) found.ends.push(Math.min(at, file.length));
    } else {
      break;
    }
  }
  return found;
}

/** Bytes of a colour table, by the flags that say whether there is one. */
const colours = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));

/** Blocks of at most 255 bytes, each behind its length, up to one of none. */
function blocksEnd(file: Buffer, from: number): number {
  let at = from;
  while (at < file.length && file[at] !== 0) at += 1 + (file[at] as number);
  return at + 1;
}
