import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { pngTextBomb } from '../../test/support/images.ts';

/** Small files that unpack to very much, by what is wrong with them. */
type Bombs = Readonly<Record<string, Buffer>>;

/**
 * Makes the bomb set.
 *
 * @param side pixels of a side of those that are large: 10,000 is the largest that is accepted by default
 */
export async function bombSet(side: number): Promise<Bombs> {
  return {
    'PNG, interlaced, 16 bits, transparent': interlacedPng(side),
    'JPEG, progressive, 4:4:4': await blank(side)
      .jpeg({ progressive: true, chromaSubsampling: '4:4:4' })
      .toBuffer(),
    'JPEG, lying on its side': await blank(side).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    'WebP, lossy': await blank(side).webp({ effort: 0 }).toBuffer(),
    GIF: await blank(side).gif({ effort: 1 }).toBuffer(),
    'TIFF, in one strip': tiff(side, side, { tile: undefined }),
    'TIFF, 100 x 100 in one tile': tiff(100, 100, { tile: side - (side % 16) }),
    'PNG, 60 MB of texts': await pngTextBomb(9, 6_900_000),
    'GIF, two million frames': gifOfManyFrames(2_000_000),
    'JPEG, ten thousand scans': await jpegOfManyScans(10_000),
    'HEIC header': Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'),
    'AVIF header': Buffer.from('\0\0\0\x18ftypavif\0\0\0\0mif1avif', 'latin1'),
  };
}

const blank = (side: number) =>
  sharp({
    create: { width: side, height: side, channels: 3, background: '#334455' },
    limitInputPixels: false,
  });

/** Of 16 bits and four channels: eight bytes a pixel, none of which can be given up before the last. */
export function interlacedPng(side: number): Buffer {
  const passes = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ] as const;
  let length = 0;
  for (const [x, y, across, down] of passes) {
    const [columns, rows] = [Math.ceil((side - x) / across), Math.ceil((side - y) / down)];
    if (columns > 0 && rows > 0) length += (columns * 8 + 1) * rows;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([16, 6, 0, 0, 1], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.alloc(length), { level: 9 })),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, content: Buffer): Buffer {
  const chunk = Buffer.alloc(12 + content.length);
  chunk.writeUInt32BE(content.length, 0);
  chunk.write(type, 4, 'latin1');
  content.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + content.length)), 8 + content.length);
  return chunk;
}

/** A GIF of one pixel, over and over: fifteen bytes a frame. */
export function gifOfManyFrames(frames: number): Buffer {
  const header = Buffer.from('47494638396101000100800000000000ffffff', 'hex');
  const frame = Buffer.from('2c0000000001000100000202440100', 'hex');
  return Buffer.concat([header, Buffer.alloc(frames * frame.length, frame), Buffer.from([0x3b])]);
}

/** A progressive JPEG whose last scan stands in it again and again. */
export async function jpegOfManyScans(scans: number): Promise<Buffer> {
  const jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#334455' } })
    .jpeg({ progressive: true })
    .toBuffer();
  const last = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
  const scan = jpeg.subarray(last, -2);
  return Buffer.concat([jpeg.subarray(0, last), Buffer.alloc(scans * scan.length, scan), jpeg.subarray(-2)]);
}

/** Deflated zeros: RGB of 8 bits, in one strip or in tiles of the given side. */
function tiff(width: number, height: number, { tile }: { tile: number | undefined }): Buffer {
  const data = deflateSync(Buffer.alloc((tile ?? width) * (tile ?? height) * 3), { level: 9 });
  const depths = 8 + data.length + (data.length % 2);
  const fields: [tag: number, type: 3 | 4, count: number, value: number][] = [
    [256, 4, 1, width],
    [257, 4, 1, height],
    [258, 3, 3, depths],
    [259, 3, 1, 8],
    [262, 3, 1, 2],
    ...(tile === undefined ? [[273, 4, 1, 8] as [number, 4, number, number]] : []),
    [277, 3, 1, 3],
    ...((tile === undefined
      ? [
          [278, 4, 1, height],
          [279, 4, 1, data.length],
        ]
      : [
          [322, 4, 1, tile],
          [323, 4, 1, tile],
          [324, 4, 1, 8],
          [325, 4, 1, data.length],
        ]) as [number, 4, number, number][]),
  ];
  const directory = Buffer.alloc(6 + 2 + fields.length * 12 + 4);
  for (const at of [0, 2, 4]) directory.writeUInt16LE(8, at);
  directory.writeUInt16LE(fields.length, 6);
  for (const [index, [tag, type, count, value]] of fields.entries()) {
    const at = 8 + index * 12;
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(count, at + 4);
    if (type === 3 && count === 1) directory.writeUInt16LE(value, at + 8);
    else directory.writeUInt32LE(value, at + 8);
  }
  const header = Buffer.from('49492a0000000000', 'hex');
  header.writeUInt32LE(depths + 6, 4);
  return Buffer.concat([header, data, Buffer.alloc(data.length % 2), directory]);
}
