import type { Columns } from '../../src/database/sql.ts';
import { bucketOf } from '../../src/domain/latency-bucket.ts';
import { cardText, toCard } from '../../src/results/card.ts';
import { batchOf, categoryOf, facesOf, statusOf, tagsOf, timeOf, wordsOf, idOf as worldId } from './world.ts';

/** Of the seven of the samples these are most rows. The first one is what fails. */
export const STEPS = ['ocr', 'facedetection', 'facematch', 'generalclassification'];

/** How the images of a set are called, where they are to be found elsewhere as well. */
export interface SetIds {
  idOf(n: number): string;
  /** The numbers of all images in the order of their ids; as they come where absent. */
  order?: ArrayLike<number>;
  /** Whether an image may not be matched; none where absent. */
  mayNotBeMatched?(id: string): boolean;
}

export const WORLD_IDS: SetIds = { idOf: worldId };

/** A table of a set: columns whose values differ from row to row, and those that are the same in all, as literals of SQL. */
export interface SetTable {
  readonly name: string;
  readonly columns: Columns;
  readonly constants: Readonly<Record<string, string>>;
}

/** In the order of `columns`. */
export type SetRow = readonly (string | number | null)[];

const OUTPUT = JSON.stringify({ generalclassification: { tags: [], note: 'x'.repeat(400) } });

const image: SetTable = {
  name: 'pipeline_output',
  columns: {
    ...{ id: 'text', batch_id: 'text', '[timestamp]': 'text', status: 'text', face_count: 'int' },
    ...{ image_url: 'text', caption: 'text', '[text]': 'text', took: 'int', do_not_match: 'int' },
  },
  constants: {
    ...{ run: '0', width: '4000', height: '3000', bytes: '2000000', errors: "'{}'" },
    ...{ processing_pipeline: "'[]'", tagsJSON: "'[]'", job_output: `'${OUTPUT}'` },
  },
};
const tag: SetTable = {
  name: 'image_tag',
  columns: { image_id: 'text', name: 'text', confidence: 'float', '[timestamp]': 'text' },
  constants: {},
};
const category: SetTable = {
  name: 'image_category',
  columns: { image_id: 'text', name: 'text', '[timestamp]': 'text' },
  constants: { score: '0.5' },
};
const word: SetTable = {
  name: 'image_word',
  columns: { image_id: 'text', word: 'text', '[timestamp]': 'text' },
  constants: {},
};
const step: SetTable = {
  name: 'image_step',
  columns: {
    ...{ image_id: 'text', step: 'text', state: 'text', error_code: 'text', took: 'int' },
    '[timestamp]': 'text',
  },
  constants: { attempts: '1' },
};
const face: SetTable = {
  name: 'face',
  columns: { face_key: 'text', image_id: 'text', position: 'int' },
  constants: {
    ...{ rect_left: '10', rect_top: '10', rect_width: '200', rect_height: '200' },
    ...{ crop: "'crop.jpg'", quality: "'high'", enrolled: '1' },
  },
};
const pair: SetTable = {
  name: 'face_match',
  columns: {
    ...{ face_a: 'text', face_b: 'text', image_a: 'text', image_b: 'text' },
    ...{ confidence: 'float', first_seen: 'text', verdict: 'text' },
  },
  constants: {
    ...{ image_url_a: "'u'", image_url_b: "'u'", reported_by_a: '1', reported_by_b: '1' },
    ...Object.fromEntries(
      ['a', 'b'].flatMap((side) =>
        ['left', 'top', 'width', 'height'].map((edge) => [`rect_${side}_${edge}`, '1']),
      ),
    ),
  },
};

/** Its rows come in the order of time, as images do, and not of ids. */
export const CARDS: SetTable = {
  name: 'image_card',
  columns: { '[timestamp]': 'text', image_id: 'text', card: 'text' },
  constants: {},
};

/** Those first to whose rows others refer. */
export const SET_TABLES: readonly SetTable[] = [image, tag, category, word, step, face, pair, CARDS];

const urlOf = (n: number): string => `http://127.0.0.1:10000/store/inputimages/${batchOf(n)}/${n}.jpg`;
const confidenceOf = (n: number): number => ((n * 7) % 100) / 100;

/** The row of `CARDS` of image `n` of a set of so many. */
export function cardRowOf(n: number, images: number, { idOf }: SetIds): SetRow {
  const [id, time, faces] = [idOf(n), timeOf(n, images), facesOf(n)];
  const card = toCard({
    row: {
      ...{
        id,
        batch_id: batchOf(n),
        timestamp: time,
        status: statusOf(n),
        face_count: faces,
        image_url: urlOf(n),
      },
      ...{ width: 4000, height: 3000, reason_code: null, caption: wordsOf(n).slice(0, 3).join(' ') },
    },
    tags: tagsOf(n).map((name) => ({ name, confidence: confidenceOf(n) })),
    warnings: [],
    lookedForFaces: true,
    faces: faces === 0 ? undefined : { first_x: 10, last_x: 210, first_y: 10, last_y: 210 },
  });
  return [time, id, cardText(card)];
}

/** The rows of image `n` of a set of so many, in all tables. */
export function rowsOf(
  n: number,
  images: number,
  ids: SetIds,
  put: (table: SetTable, row: SetRow) => void,
): void {
  const { idOf, mayNotBeMatched } = ids;
  const [id, time, faces] = [idOf(n), timeOf(n, images), facesOf(n)];
  const [words, status] = [wordsOf(n), statusOf(n)];
  put(image, [
    ...[id, batchOf(n), time, status, faces],
    urlOf(n),
    ...[words.slice(0, 3).join(' '), words.slice(3).join(' ')],
    ...[bucketOf(2000 + ((n * 37) % 60_000)), mayNotBeMatched?.(id) ? 1 : 0],
  ]);
  for (const name of tagsOf(n).sort()) put(tag, [id, name, confidenceOf(n), time]);
  put(category, [id, categoryOf(n), time]);
  for (const one of [...new Set(words)].sort()) put(word, [id, one, time]);
  for (const [place, name] of STEPS.entries()) {
    const isFailed = status === 'partial' && place === 0;
    const took = isFailed ? -1 : bucketOf(50 + ((n * (31 + place)) % 2000));
    const wrong = isFailed
      ? (['failed', `Code${n % 3}`, took, time] as const)
      : (['done', null, took, null] as const);
    put(step, [id, name, ...wrong]);
  }
  for (let index = 0; index < faces; index++) put(face, [`${id}-${index}`, id, index]);
  if (n % 5 === 0 && n > 0) {
    const verdict = n % 3 === 0 ? 'confirmed' : n % 7 === 0 ? 'notSame' : null;
    const confidence = 0.5 + ((n * 31) % 5000) / 10_000;
    const [a = '', b = ''] = [idOf(n - 1), id].sort();
    put(pair, [`${a}-0`, `${b}-0`, a, b, confidence, time, verdict]);
  }
  put(CARDS, cardRowOf(n, images, ids));
}

/** What follows from the rows: decisions, and counts as a migration makes them. Portable. */
export const FOLLOWING: readonly string[] = [
  `INSERT INTO match_decision (face_a, face_b, image_a, image_b, verdict, decided_by, decided_at)
    SELECT face_a, face_b, image_a, image_b, verdict, 'someone', first_seen FROM face_match WHERE verdict IS NOT NULL`,
  ...['batch_id', "''"].map(
    (scope) => `INSERT INTO batch_count (batch_id, status, images, faces, changes, latest)
      SELECT ${scope}, status, COUNT(*), SUM(face_count), COUNT(*), MAX([timestamp])
      FROM pipeline_output GROUP BY ${scope === 'batch_id' ? 'batch_id, ' : ''}status`,
  ),
  ...["''", 'o.batch_id'].flatMap((scope) => {
    const group = scope === "''" ? '' : 'o.batch_id, ';
    const into = 'INSERT INTO step_count (batch_id, step, state, code, took, images, attempts, retries)';
    return [
      `${into} SELECT ${scope}, s.step, s.state, COALESCE(s.error_code, ''), s.took, COUNT(*), SUM(s.attempts), 0
        FROM image_step s JOIN pipeline_output o ON o.id = s.image_id GROUP BY ${group}s.step, s.state, COALESCE(s.error_code, ''), s.took`,
      `${into} SELECT ${scope}, '', o.status, '', o.took, COUNT(*), 0, 0 FROM pipeline_output o GROUP BY ${group}o.status, o.took`,
    ];
  }),
  ...['tag', 'category'].map(
    (kind) =>
      `INSERT INTO tag_count (kind, name, images) SELECT '${kind}', name, COUNT(*) FROM image_${kind} GROUP BY name`,
  ),
];
