import { deflateSync } from 'node:zlib';
import { quadrants, type Rgb } from './images.ts';

/** A directory of a TIFF: its tags as numbers, the bytes that its strip or its embedded JPEG has, and its SubIFDs. */
export interface TiffPage {
  tags: Readonly<Record<number, number | readonly number[]>>;
  data: Buffer;
  /** Whether `data` is named by JPEGInterchangeFormat and its length, and not as a strip. */
  interchange?: boolean;
  subIfds?: readonly TiffPage[];
}

/** A sound RGB page, deflated. */
export function rgbPage(image: Rgb = quadrants(), tags: TiffPage['tags'] = {}): TiffPage {
  const { width, height, data } = image;
  return {
    tags: {
      254: 0,
      256: width,
      257: height,
      258: [8, 8, 8],
      259: 8,
      262: 2,
      277: 3,
      278: height,
      284: 1,
      ...tags,
    },
    data: deflateSync(data),
  };
}

/** What a sensor saw, as cameras store it: a mosaic that no reader of pictures shows. */
export const sensorPage = (width: number, height: number, tags: TiffPage['tags'] = {}): TiffPage => ({
  tags: { 254: 0, 256: width, 257: height, 258: 14, 259: 1, 262: 32_803, 277: 1, ...tags },
  data: Buffer.alloc(5000, 7),
});

/** A JPEG that stands in the file as its own: a camera's preview. */
export const previewPage = (jpeg: Buffer, tags: TiffPage['tags'] = {}): TiffPage => ({
  tags: { 254: 1, 256: 16, 257: 16, 259: 6, 262: 6, ...tags },
  data: jpeg,
  interchange: true,
});

/**
 * A little-endian TIFF of these pages. Values are written as LONG; four bytes of `marker` may stand behind the header,
 * as in a CR2.
 */
export function tiffFile(pages: readonly TiffPage[], marker = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(8);
  head.write('II*\0', 'latin1');
  const pieces: Buffer[] = [head, marker];
  let length = head.length + marker.length;
  const append = (bytes: Buffer): number => {
    const at = length;
    const even = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
    pieces.push(even);
    length += even.length;
    return at;
  };
  const longs = (values: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(values.length * 4);
    for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4);
    return bytes;
  };
  /** @returns where the directory stands; its last four bytes are the offset of the next */
  const directory = ({ tags, data, interchange, subIfds = [] }: TiffPage): { at: number; end: number } => {
    const start = append(data);
    const subs = subIfds.map((page) => directory(page).at);
    const all: Record<number, readonly number[]> = {};
    for (const [tag, value] of Object.entries(tags)) all[Number(tag)] = [value].flat();
    const [offset, size] = interchange ? [513, 514] : [273, 279];
    all[offset] ??= [start];
    all[size] ??= [data.length];
    if (subs.length > 0) all[330] = subs;
    const sorted = Object.entries(all).sort(([one], [other]) => Number(one) - Number(other));
    const body = Buffer.alloc(2 + sorted.length * 12 + 4);
    body.writeUInt16LE(sorted.length, 0);
    for (const [index, [tag, values]] of sorted.entries()) {
      const entry = 2 + index * 12;
      body.writeUInt16LE(Number(tag), entry);
      body.writeUInt16LE(4, entry + 2);
      body.writeUInt32LE(values.length, entry + 4);
      body.writeUInt32LE(values.length === 1 ? (values[0] ?? 0) : append(longs(values)), entry + 8);
    }
    const at = append(body);
    return { at, end: at + body.length - 4 };
  };
  let link = 4;
  const links: [number, number][] = [];
  for (const page of pages) {
    const { at, end } = directory(page);
    links.push([link, at]);
    link = end;
  }
  const file = Buffer.concat(pieces);
  for (const [from, to] of links) file.writeUInt32LE(to, from);
  return file;
}
