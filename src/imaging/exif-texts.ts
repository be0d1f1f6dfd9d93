/** Texts of EXIF as they stand in the file, for `exif-reader` turns those of times into what they may not mean. */

const EXIF_IFD = 0x8769;
const ASCII = 2;
/** Characters of a time with all that may stand behind it. */
const MAX_TEXT = 64;
const MAX_ENTRIES = 1000;

/**
 * The texts of these tags in the first directory and in the EXIF directory.
 *
 * @param exif as it stands in the image: a TIFF structure, which `Exif\0\0` may precede
 */
export function exifTexts(exif: Buffer, tags: ReadonlySet<number>): Map<number, string> {
  const base = exif.toString('latin1', 0, 4) === 'Exif' ? 6 : 0;
  const bytes = exif.subarray(base);
  const little = bytes[0] === 0x49;
  const number = (at: number, size: 2 | 4): number => {
    if (at + size > bytes.length) return 0;
    return little ? bytes.readUIntLE(at, size) : bytes.readUIntBE(at, size);
  };
  const found = new Map<number, string>();
  const walk = (directory: number): void => {
    const count = Math.min(number(directory, 2), MAX_ENTRIES);
    for (let index = 0; index < count; index++) {
      const at = directory + 2 + index * 12;
      const tag = number(at, 2);
      if (tag === EXIF_IFD && directory === number(4, 4)) walk(number(at + 8, 4));
      if (!tags.has(tag) || number(at + 2, 2) !== ASCII || found.has(tag)) continue;
      const length = number(at + 4, 4);
      const start = length <= 4 ? at + 8 : number(at + 8, 4);
      found.set(tag, bytes.toString('latin1', start, start + Math.min(length, MAX_TEXT)));
    }
  };
  walk(number(4, 4));
  return found;
}
