import type { ImageResult } from '../../src/results/rows.ts';
import { STEPS } from '../api/set-rows.ts';
import { batchOf, tagsOf } from '../api/world.ts';

/** An image that no set has, with one face. @param other the image that its face matches */
export function newImage(round: number, other?: string): ImageResult {
  const id = `f${round.toString(16).padStart(31, '0')}`;
  const rectangle = { left: 10, top: 10, width: 200, height: 200 };
  return {
    id,
    batchId: batchOf(round),
    imageUrl: `http://127.0.0.1:10000/store/inputimages/${id}.jpg`,
    run: 0,
    status: 'done',
    pipeline: [...STEPS, 'pipelineoutput'],
    jobOutput: {},
    steps: Object.fromEntries(
      STEPS.map((step, place) => [step, { state: 'done', attempts: 1, ms: 60 + place * 100 + round }]),
    ),
    latencyMs: 3000 + round,
    tags: tagsOf(round).map((name) => ({ name, confidence: 0.9 })),
    faces: [{ key: `${id}-0`, rectangle, enrolled: true }],
    matches: other
      ? [
          {
            face: `${id}-0`,
            otherFace: `${other}-0`,
            otherImage: other,
            otherImageUrl: 'u',
            otherRectangle: rectangle,
            confidence: 0.7,
          },
        ]
      : [],
    finishedAt: new Date(Date.UTC(2027, 0, 1) + round * 1000).toISOString(),
  };
}
