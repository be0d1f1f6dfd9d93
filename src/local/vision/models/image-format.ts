import type { ImageInfo } from '../analysis.ts';

const SIGNATURES: ReadonlyArray<readonly [ImageInfo['format'], readonly number[]]> = [
  ['Jpeg', [0xff, 0xd8, 0xff]],
  ['Png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['Gif', [...Buffer.from('GIF87a')]],
  ['Gif', [...Buffer.from('GIF89a')]],
  ['Bmp', [...Buffer.from('BM')]],
];

/** The format by magic number, never by name; undefined for anything the services do not take. */
export function sniffFormat(bytes: Uint8Array): ImageInfo['format'] | undefined {
  return SIGNATURES.find(([, signature]) => signature.every((byte, at) => bytes[at] === byte))?.[0];
}
