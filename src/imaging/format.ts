/** The formats that are accepted, by the names sharp gives them too. */
export const IMAGE_FORMATS = {
  jpeg: { name: 'JPEG', contentType: 'image/jpeg' },
  png: { name: 'PNG', contentType: 'image/png' },
  gif: { name: 'GIF', contentType: 'image/gif' },
  bmp: { name: 'BMP', contentType: 'image/bmp' },
  webp: { name: 'WebP', contentType: 'image/webp' },
  tiff: { name: 'TIFF', contentType: 'image/tiff' },
} as const;

export type ImageFormat = keyof typeof IMAGE_FORMATS;

/** What bytes are, judged by their first few hundred. */
type Sniffed =
  | { kind: 'accepted'; format: ImageFormat }
  /** An image, but of a format that is not accepted. */
  | { kind: 'otherImage'; name: string; advice?: string }
  | { kind: 'notAnImage'; name: string };

/** How far the head of a file is looked at: enough for an XML prologue with a comment before `<svg`. */
const HEAD = 1024;

/**
 * Names what the bytes are by their magic numbers, never by a file name.
 * Sources: the formats' specifications; `ftyp` brands from the MP4 registration authority (mp4ra.org).
 */
export function sniffFormat(bytes: Buffer): Sniffed {
  const head = bytes.subarray(0, HEAD);
  const format = acceptedFormat(head);
  if (format !== undefined) return { kind: 'accepted', format };
  const image = otherImage(head);
  if (image !== undefined) return { kind: 'otherImage', ...image };
  return { kind: 'notAnImage', name: document(head) ?? 'data of an unknown kind' };
}

function acceptedFormat(head: Buffer): ImageFormat | undefined {
  const text = head.toString('latin1', 0, 16);
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (/^GIF8[79]a/.test(text)) return 'gif';
  if (/^RIFF.{4}WEBP/s.test(text)) return 'webp';
  // Most camera raw files are TIFF inside: which picture in it is looked at, `tiffPictures` says.
  if (/^(II\*\0|MM\0\*|II\+\0|MM\0\+)/.test(text)) return 'tiff';
  // Two letters are a weak sign: ask for a known size of the header that must follow as well.
  if (
    text.startsWith('BM') &&
    head.length >= 18 &&
    [12, 16, 40, 52, 56, 64, 108, 124].includes(head.readUInt32LE(14))
  ) {
    return 'bmp';
  }
  return undefined;
}

const HEIC_ADVICE =
  'Save it as JPEG and upload that: a phone does so by itself with the camera setting "Most compatible", or when a photograph is shared by mail.';
const RAW_ADVICE =
  "Develop it with the camera's program, save it as JPEG, and upload that; many cameras write a JPEG beside it.";

function otherImage(head: Buffer): { name: string; advice?: string } | undefined {
  const text = head.toString('latin1');
  const brand = /^.{4}ftyp(.{4})/s.exec(text)?.[1];
  if (brand !== undefined && /^avi[fs]/.test(brand)) return { name: 'AVIF' };
  if (brand !== undefined && /^(hei[cxms]|hev[cxms]|mif1|msf1)/.test(brand))
    return { name: 'HEIC', advice: HEIC_ADVICE };
  if (brand === 'crx ') return { name: 'camera raw (Canon CR3)', advice: RAW_ADVICE };
  if (/^(\xff\x0a|\0\0\0\x0cJXL )/.test(text)) return { name: 'JPEG XL' };
  if (/^(\0\0\0\x0cjP {2}|\xff\x4f\xff\x51)/.test(text)) return { name: 'JPEG 2000' };
  if (/^(IIRO|IIRS|MMOR|IIU\0|FUJIFILMCCD-RAW|FOVb)/s.test(text)) {
    return { name: 'camera raw', advice: RAW_ADVICE };
  }
  if (text.startsWith('8BPS')) return { name: 'Photoshop' };
  if (/^\0\0[\x01\x02]\0[^\0]\0/.test(text)) return { name: 'icon' };
  if (/<svg[\s>]/i.test(plain(head)) && /^\s*</.test(plain(head))) return { name: 'SVG' };
  return undefined;
}

function document(head: Buffer): string | undefined {
  const text = head.toString('latin1');
  if (text.startsWith('%PDF')) return 'a PDF document';
  if (text.startsWith('%!PS')) return 'a PostScript document';
  if (/^PK(\x03\x04|\x05\x06)/.test(text)) return 'a ZIP archive or an office document';
  if (/^(\x1f\x8b|7z\xbc\xaf|Rar!|BZh|\xfd7zXZ)/.test(text)) return 'a compressed archive';
  if (/^.{4}ftyp|^RIFF.{4}AVI |^\x1a\x45\xdf\xa3/s.test(text)) return 'a video';
  if (/^(ID3|OggS|fLaC|RIFF.{4}WAVE)/s.test(text)) return 'an audio file';
  const words = plain(head);
  if (/^\s*(<!doctype html|<html|<head|<body)/i.test(words)) return 'an HTML page';
  if (/^\s*<\?xml/i.test(words)) return 'an XML document';
  if (/^\s*[{[]/.test(words) && isText(words)) return 'JSON or another text';
  if (isText(words)) return 'text';
  if (head.every((byte) => byte === 0)) return 'nothing but zero bytes';
  return undefined;
}

/** The head as text, whichever of the usual encodings it is in. */
function plain(head: Buffer): string {
  const encoding = head[0] === 0xff && head[1] === 0xfe ? 'utf-16le' : 'utf-8';
  return new TextDecoder(encoding).decode(head);
}

function isText(words: string): boolean {
  // A multi-byte character may be cut in two where the head ends.
  return /^[^\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]+\ufffd{0,3}$/.test(words);
}
