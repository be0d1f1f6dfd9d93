import { sql, text } from '../../src/database/sql.ts';
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

/** An enquiry whose photograph, and whose candidate, is this image; with a word about it. */
export async function lookFor(store: ResultStore, imageId: string): Promise<void> {
  const [id, face, at] = [text(imageId), text(`${imageId}-0`), text('2026-11-23T12:00:00.000Z')];
  await store.database.write((session) =>
    session.run([
      sql`INSERT INTO enquiry (enquiry_id, purpose, legal_basis, minor, state, opened_by, opened_at, changed_at, version)
        VALUES ('e', 'p', 'l', 0, 'candidate', 'somebody', ${at}, ${at}, 1)`,
      sql`INSERT INTO enquiry_photo (enquiry_id, image_id, added_by, added_at) VALUES ('e', ${id}, 'somebody', ${at})`,
      sql`INSERT INTO enquiry_face (enquiry_id, face_key, image_id, left_out) VALUES ('e', ${face}, ${id}, 1)`,
      sql`INSERT INTO candidate (candidate_id, enquiry_id, standing, second_look, score, model, best_face, best_image, group_id, faces, first_seen, changed_at, version)
        VALUES ('c', 'e', 'open', 0, 0.5, 'm', ${face}, ${id}, ${face}, 1, ${at}, ${at}, 1)`,
      sql`INSERT INTO candidate_word (word_id, enquiry_id, candidate_id, word, said_by, reviewer, said_at, blind, controlled, model, lead_face, image_id)
        VALUES ('w', 'e', 'c', 'different', 'somebody', 'somebody', ${at}, 0, 0, 'm', ${face}, ${id})`,
      sql`INSERT INTO candidate_word_face (word_id, face_key, image_id) VALUES ('w', ${face}, ${id})`,
      sql`INSERT INTO enquiry_event (event_id, enquiry_id, happened_at, who, kind) VALUES ('v', 'e', ${at}, 'somebody', 'opened')`,
      sql`INSERT INTO outbox (event_id, kind, enquiry_id, candidate_id, created_at, state, sent, next_at)
        VALUES ('o', 'proposed', 'e', 'c', ${at}, 'waiting', 0, ${at})`,
    ]),
  );
}

/** A pair of faces of two images, `<id>-0` each, that was drawn for a calibration, and that a reviewer was measured by. The lower id first. */
export async function drawPair(store: Pick<ResultStore, 'database'>, a: string, b: string): Promise<void> {
  const [faceA, faceB] = [text(`${a}-0`), text(`${b}-0`)];
  await store.database.write((session) =>
    session.run([
      sql`INSERT INTO calibration_pair (face_a, face_b, image_a, image_b, draw_id, position, score, model)
        VALUES (${faceA}, ${faceB}, ${text(a)}, ${text(b)}, 'd', 1, 0.5, 'm')`,
      sql`INSERT INTO known_pair (face_a, face_b, image_a, image_b, answer, position)
        VALUES (${faceA}, ${faceB}, ${text(a)}, ${text(b)}, 'same', 1)`,
      sql`INSERT INTO known_answer (answer_id, reviewer, face_a, face_b, image_a, image_b, asked_at, word)
        VALUES ('k', 'somebody', ${faceA}, ${faceB}, ${text(a)}, ${text(b)}, '2026-11-23T12:00:00.000Z', 'same')`,
    ]),
  );
}

/** Images that are to be enrolled with another model, a pair of whose faces it has found already. The lower id first. */
export async function beginSwitch(store: Pick<ResultStore, 'database'>, a: string, b: string): Promise<void> {
  await store.database.write((session) =>
    session.run([
      sql`INSERT INTO model_todo (mark, image_id, marked_at) VALUES ('m', ${text(a)}, '2026-11-23T12:00:00.000Z')`,
      sql`INSERT INTO model_pair (face_a, face_b, image_a, image_b, image_url_a, image_url_b, rect_a_left, rect_a_top, rect_a_width,
          rect_a_height, rect_b_left, rect_b_top, rect_b_width, rect_b_height, confidence, reported_by_a, reported_by_b, first_seen, enquiry, model)
        VALUES (${text(`${a}-0`)}, ${text(`${b}-0`)}, ${text(a)}, ${text(b)}, ${text(imageUrl(a))}, ${text(imageUrl(b))}, 1, 1, 1, 1, 1, 1, 1, 1,
          0.5, 1, 0, '2026-11-23T12:00:00.000Z', 0, 'm')`,
    ]),
  );
}
