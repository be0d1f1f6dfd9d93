import type { Rectangle } from '../../src/domain/rectangle.ts';
import type { ImageResult, ResultFace, ResultMatch } from '../../src/results/rows.ts';

export const box = (left: number): Rectangle => ({ left, top: 2.5, width: 30, height: 40 });

export const imageUrl = (id: string): string => `http://127.0.0.1:10000/store/inputimages/batch/${id}.jpg`;

/** A small result; what a test is about is given. */
export const image = (id: string, given: Partial<ImageResult> = {}): ImageResult => ({
  id,
  batchId: 'batch',
  imageUrl: imageUrl(id),
  run: 0,
  status: 'done',
  pipeline: ['ocr', 'pipelineoutput'],
  steps: { ocr: { state: 'done', attempts: 1 }, pipelineoutput: { state: 'done', attempts: 1 } },
  jobOutput: { ocr: { OCR_fullText: '' } },
  tags: [],
  faces: [],
  matches: [],
  finishedAt: '2026-11-23T12:00:00.000Z',
  ...given,
});

export const face = (key: string, left = 10): ResultFace => ({ key, rectangle: box(left), enrolled: true });

/** Face `<id>-0` of one image reported as possibly the same as `<other>-0` of another. */
export const match = (id: string, other: string, confidence: number, margin?: number): ResultMatch => ({
  face: `${id}-0`,
  otherFace: `${other}-0`,
  otherImage: other,
  otherImageUrl: imageUrl(other),
  otherRectangle: box(99),
  confidence,
  ...(margin === undefined ? {} : { margin }),
});

/** An image with one face that looks like the faces of the others. */
export const matching = (
  id: string,
  others: readonly string[],
  given: Partial<ImageResult> = {},
): ImageResult =>
  image(id, {
    faces: [face(`${id}-0`)],
    matches: others.map((other) => match(id, other, 0.7)),
    ...given,
  });
