import type { Rectangle } from '../../src/domain/rectangle.ts';
import { UnknownNodeError } from '../../src/people/errors.ts';
import { People } from '../../src/people/people.ts';
import type { FacePair } from '../../src/results/decisions.ts';
import type { Decision, Verdict } from '../../src/results/pair-view.ts';
import type { ImageResult, ResultFace, ResultMatch } from '../../src/results/rows.ts';
import type { ResultStore } from '../../src/results/store.ts';

/** Says something about a pair, as the API does. @returns undefined where nothing is known of them */
export async function decide(
  store: Pick<ResultStore, 'database'>,
  [a, b]: FacePair,
  verdict: Verdict,
  by: string,
): Promise<Decision | undefined> {
  const people = new People(store.database, { clock: Date.now });
  try {
    return await people.decidePair(a, b, verdict, { by });
  } catch (error) {
    if (error instanceof UnknownNodeError) return undefined;
    throw error;
  }
}

/** Makes somebody of a face. */
export async function nameFace(store: Pick<ResultStore, 'database'>, face: string): Promise<void> {
  await new People(store.database, { clock: Date.now }).persons.make({ fullName: 'Amal' }, { by: 'ann' }, [
    face,
  ]);
}

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
