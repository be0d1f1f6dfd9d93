import sharp from 'sharp';
import { once } from '../../../domain/once.ts';
import type { Analysis, AnalysisPart } from '../analysis.ts';
import { createAdultReader } from './adult.ts';
import { readColour } from './colour.ts';
import type { Frame } from './decode.ts';
import { loadFaceNets } from './face-nets.ts';
import { createFaceReader, mirroredPrint, plainPrint } from './faces.ts';
import { createObjectReader } from './objects.ts';
import { createTextReader } from './text.ts';

type Readers = { [P in AnalysisPart]: (frame: Frame) => Promise<Analysis[P]> };

/** One reader per part of an analysis; a part's models are loaded when it is first asked for. Worker threads only. */
export function createReaders(): Readers {
  // The worker is the unit of parallelism, and no image is decoded twice in a row.
  sharp.concurrency(1);
  sharp.cache(false);
  const text = once(createTextReader);
  const faceNets = once(loadFaceNets);
  return {
    info: async ({ info }) => info,
    colour: readColour,
    faces: lazy(async () => createFaceReader(await faceNets(), plainPrint)),
    mirroredFaces: lazy(async () => createFaceReader(await faceNets(), mirroredPrint)),
    text: async (frame) => (await text())(frame, false),
    page: async (frame) => (await text())(frame, true),
    objects: lazy(createObjectReader),
    adult: lazy(createAdultReader),
  };
}

function lazy<T>(create: () => Promise<(frame: Frame) => Promise<T>>): (frame: Frame) => Promise<T> {
  const created = once(create);
  return async (frame) => (await created())(frame);
}
