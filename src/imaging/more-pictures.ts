import type { ImageFormat } from './format.ts';
import { jpegSegments } from './jpeg-segments.ts';

/** Pictures of a PNG or JPEG beside the first, which is what a decoder for pictures gives. */
interface MorePictures {
  kind: 'animation' | 'scene';
  /** All of them, the first included. */
  count: number;
}

/** @returns undefined where there is but one, as in nearly every file */
export function morePictures(file: Buffer, format: ImageFormat): MorePictures | undefined {
  if (format === 'png') return several('animation', apngFrames(file));
  if (format === 'jpeg') return several('scene', mpoPictures(file));
  return undefined;
}

const several = (kind: MorePictures['kind'], count: number) => (count > 1 ? { kind, count } : undefined);

const CHUNK = { acTL: 0x6163544c, IDAT: 0x49444154 } as const;

/** Animated PNG: the chunk that says how many frames there are stands before the pixels. Source: PNG, third edition, 11.3.6. */
function apngFrames(file: Buffer): number {
  for (let at = 8; at + 12 <= file.length; ) {
    const type = file.readUInt32BE(at + 4);
    if (type === CHUNK.acTL) return file.readUInt32BE(at + 8);
    if (type === CHUNK.IDAT) return 1;
    at += 12 + file.readUInt32BE(at);
  }
  return 1;
}

/** Segments of applications. */
const [APP0, APP15] = [0xe0, 0xef];
const MPF = Buffer.from('MPF\0', 'latin1');
const MP_ENTRIES = 0xb002;
const ENTRY_BYTES = 16;
/** Kinds of a multi-picture file: panorama, stereo, several angles; 0 is not said, and 1 a larger thumbnail. */
const MULTI_FRAME = 2;
const NOT_SAID = 0;
/** By which cameras say that the second picture is no picture: how bright the first may be shown. */
const GAIN_MAP = /hdrgm:|urn:iso:std:iso:ts:21496|apdi:AuxiliaryImageType/;

/** Several pictures of one scene in one JPEG, as 3D cameras write them. Source: CIPA DC-007, 5.2. */
function mpoPictures(file: Buffer): number {
  const segments = [...jpegSegments(file)]
    .filter(({ marker }) => marker >= APP0 && marker <= APP15)
    .map(({ content }) => content);
  const index = segments.find((segment) => segment.subarray(0, 4).equals(MPF))?.subarray(4);
  if (index === undefined) return 1;
  const kinds = entryKinds(index);
  const hasGainMap = segments.some((segment) => GAIN_MAP.test(segment.toString('latin1')));
  return (
    1 + kinds.slice(1).filter((kind) => kind === MULTI_FRAME || (kind === NOT_SAID && !hasGainMap)).length
  );
}

/** What each picture of the index is, the first included; none where it cannot be read. */
function entryKinds(index: Buffer): number[] {
  const little = index.toString('latin1', 0, 2) === 'II';
  const number = (at: number, size: 2 | 4): number => {
    if (at + size > index.length) return 0;
    return little ? index.readUIntLE(at, size) : index.readUIntBE(at, size);
  };
  const directory = number(4, 4);
  for (let field = 0; field < Math.min(number(directory, 2), 64); field++) {
    const at = directory + 2 + field * 12;
    if (number(at, 2) !== MP_ENTRIES) continue;
    const count = Math.floor(number(at + 4, 4) / ENTRY_BYTES);
    const from = number(at + 8, 4);
    const inside = Math.max(0, Math.min(count, Math.floor((index.length - from) / ENTRY_BYTES)));
    return Array.from({ length: inside }, (_, n) => (number(from + n * ENTRY_BYTES, 4) >>> 16) & 0xff);
  }
  return [];
}

/** For a warning. */
export const morePicturesSentence = ({ kind, count }: MorePictures): string => {
  const number = count.toLocaleString('en');
  return kind === 'animation'
    ? `The file is an animation of ${number} frames: only the picture that programs show which play none was looked at.`
    : `The file holds ${number} pictures of one scene, as a 3D camera takes them: only the first was looked at. Save the others as files of their own and upload them, if they matter.`;
};
