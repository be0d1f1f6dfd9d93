import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { chipToImage, cutChip } from '../../../../src/local/vision/models/alignment.ts';
import { decodeImage, type Frame } from '../../../../src/local/vision/models/decode.ts';
import { type FaceNets, loadFaceNets } from '../../../../src/local/vision/models/face-nets.ts';
import { searchFaces } from '../../../../src/local/vision/models/face-search.ts';
import { faceDistance } from '../../../../src/local/vision/models/similarity.ts';
import { sample } from './support/images.ts';

/** Several passes over several pictures, on a machine that may be busy. */
const SLOW = 120_000;

/** Saving a photograph anew at quality 92 moves a print by as much: up to 0.047 of 60 (docs/benchmarks.md). */
const SAME_PRINT = 0.05;

let nets: FaceNets;
beforeAll(async () => {
  nets = await loadFaceNets();
});

const enlarged = (picture: Buffer, width: number) => sharp(picture).resize({ width }).jpeg({ quality: 90 });

/** The faces of an image in its own pixels, each with its print, and whether all its pixels were unpacked for them. */
async function facesOf({ overview, detail }: Frame) {
  let detailed = false;
  const { view, faces } = await searchFaces(nets, {
    overview,
    detail: () => {
      detailed = true;
      return detail();
    },
  });
  const { pixels, scale } = view;
  const found = [];
  for (const { box, landmarks } of faces.toSorted((a, b) => a.box.left - b.box.left))
    found.push({
      left: box.left * scale.x,
      top: box.top * scale.y,
      width: box.width * scale.x,
      print: await nets.faceprint(cutChip(pixels, chipToImage(landmarks))),
    });
  return { found, detailed };
}

/** The frame as it would be if all pixels had been unpacked at once. */
async function wholeFrame(frame: Frame): Promise<Frame> {
  const detail = await frame.detail();
  return { ...frame, overview: detail, detail: async () => detail };
}

async function bothWays(picture: Buffer) {
  const frame = await decodeImage(picture);
  expect(frame.hasMore).toBe(true);
  return { quick: await facesOf(frame), whole: await facesOf(await wholeFrame(frame)) };
}

describe('faces of a large photograph are those that all its pixels show', () => {
  test.each([
    ['person-a-1', 3200, false],
    ['person-b-2', 4400, false],
    ['group', 4200, true],
  ])('%s, %i pixels wide; unpacked whole: %s', { timeout: SLOW }, async (name, width, detailed) => {
    const { quick, whole } = await bothWays(await enlarged(sample(name), width).toBuffer());
    expect(quick.detailed).toBe(detailed);
    expect(quick.found).toHaveLength(whole.found.length);
    for (const [i, face] of quick.found.entries()) {
      const same = whole.found[i];
      if (same === undefined) throw new Error('A face is missing.');
      // A pixel of the detector's is this many of the picture's.
      const apart = Math.max(Math.abs(face.left - same.left), Math.abs(face.top - same.top)) / (width / 512);
      expect(apart).toBeLessThan(3);
      expect(faceDistance(face.print, same.print)).toBeLessThan(SAME_PRINT);
    }
  });

  test('far away they are looked for among all pixels', { timeout: SLOW }, async () => {
    const input = await sharp(sample('group')).resize({ width: 900 }).toBuffer();
    const ground = { width: 4200, height: 2800, channels: 3 as const, background: '#8a9080' };
    const picture = await sharp({ create: ground })
      .composite([{ input, left: 1500, top: 900 }])
      .jpeg({ quality: 92 })
      .toBuffer();
    const { quick, whole } = await bothWays(picture);
    expect(quick.detailed).toBe(true);
    expect(whole.found).toHaveLength(4);
    expect(quick.found).toHaveLength(4);
    for (const [i, face] of quick.found.entries())
      expect(faceDistance(face.print, whole.found[i]?.print ?? [])).toBeLessThan(0.1);
  });

  test('taken with a turned camera they are found as well', { timeout: SLOW }, async () => {
    const turned = enlarged(sample('person-c-1'), 3200).rotate(90);
    const { quick, whole } = await bothWays(await turned.toBuffer());
    expect(quick.found).toHaveLength(1);
    expect(faceDistance(quick.found[0]?.print ?? [], whole.found[0]?.print ?? [])).toBeLessThan(SAME_PRINT);
  });
});
