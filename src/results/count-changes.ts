import { randomUUID } from 'node:crypto';
import type { Dialect, Row, Session } from '../database/database.ts';
import { type Columns, insertRows, join, type Sql, sql, text } from '../database/sql.ts';

/** How a step of an image ended, or with step '' the image itself: see `schema-v17.ts`. */
interface Outcome {
  step: string;
  state: string;
  code: string;
  took: number;
  attempts: number;
}

/** What the counts know of an image. */
export interface Counted {
  batchId: string;
  status: string;
  faces: number;
  tags: readonly string[];
  categories: readonly string[];
  outcomes: readonly Outcome[];
}

/** The batch under which all images are counted. */
export const ALL = '';

/** The kinds of things that have a name and are counted by it. */
export const NAMED = ['tag', 'category'] as const;

/** What the counts hold of an image, and the run its row is of. */
type CountedRow = Counted & { run: number };

/**
 * Locks the rows of images, so that of two writers the second waits here, and reads what the counts hold of them.
 *
 * @returns by id; those without a row are left out
 */
export async function lockCounted(
  session: Session,
  ids: readonly string[],
): Promise<Map<string, CountedRow>> {
  const list = join(ids.map(text), ', ');
  if ((await session.run([sql`UPDATE pipeline_output SET run = run WHERE id IN (${list})`])) === 0)
    return new Map();
  const [rows = [], tags = [], categories = [], steps = []] = await session.read([
    sql`SELECT id, batch_id, status, face_count, run, reason_code, took FROM pipeline_output WHERE id IN (${list})`,
    sql`SELECT image_id, name FROM image_tag WHERE image_id IN (${list})`,
    sql`SELECT image_id, name FROM image_category WHERE image_id IN (${list})`,
    sql`SELECT image_id, step, state, error_code, took, attempts FROM image_step WHERE image_id IN (${list})`,
  ]);
  const [tagsOf, categoriesOf, stepsOf] = [tags, categories, steps].map((found) =>
    Map.groupBy(found, ({ image_id }) => image_id as string),
  );
  const names = (found: Row[] | undefined) => (found ?? []).map(({ name }) => name as string);
  return new Map(
    rows.map((row) => {
      const id = row.id as string;
      const counted = {
        batchId: row.batch_id as string,
        status: row.status as string,
        faces: row.face_count as number,
        run: row.run as number,
        tags: names(tagsOf?.get(id)),
        categories: names(categoriesOf?.get(id)),
        outcomes: [
          ofImage(row.status as string, row.reason_code as string | null, row.took as number),
          ...(stepsOf?.get(id) ?? []).map((one) => ({
            step: one.step as string,
            state: one.state as string,
            code: (one.error_code as string | null) ?? '',
            took: one.took as number,
            attempts: one.attempts as number,
          })),
        ],
      };
      return [id, counted];
    }),
  );
}

export const ofImage = (status: string, code: string | null | undefined, took: number): Outcome => ({
  ...{ step: '', state: status, code: code ?? '', took, attempts: 0 },
});

interface Change {
  kind: 'batch' | 'step' | (typeof NAMED)[number];
  name: string;
  status: string;
  images: number;
  faces: number;
  changes: number;
}

/** `status` is how the step ended. */
export interface StepChange extends Change, Omit<Outcome, 'state'> {
  kind: 'step';
  retries: number;
}

/**
 * Statements that append what changes of the counts from one state of an image to the next; either may be absent. They
 * touch rows of their own only: nobody waits for them, and they for nobody.
 *
 * @param at when the image changed: ISO 8601 in UTC with milliseconds
 */
export function countChange(
  before: Counted | undefined,
  after: Counted | undefined,
  at: string,
  dialect: Dialect,
): Sql[] {
  const batches = new Map<string, Change>();
  const add = (counted: Counted | undefined, sign: 1 | -1) => {
    if (counted === undefined) return;
    const { batchId: name, status, faces } = counted;
    const key = JSON.stringify([name, status]);
    const change = batches.get(key) ?? { kind: 'batch', name, status, images: 0, faces: 0, changes: 1 };
    batches.set(key, { ...change, images: change.images + sign, faces: change.faces + sign * faces });
  };
  add(before, -1);
  add(after, 1);
  return append(
    [
      ...batches.values(),
      ...stepChanges(before, after),
      ...nameChange('tag', before?.tags, after?.tags),
      ...nameChange('category', before?.categories, after?.categories),
    ],
    at,
    dialect,
  );
}

/** How many attempts of a step followed a failed one. */
const retriesIn = (attempts: number): number => Math.max(0, attempts - 1);

function stepChanges(before: Counted | undefined, after: Counted | undefined): StepChange[] {
  const changes = new Map<string, StepChange>();
  const add = (counted: Counted | undefined, sign: 1 | -1) => {
    if (counted === undefined) return;
    const { batchId: name, outcomes } = counted;
    for (const { attempts, state: status, step, code, took } of outcomes) {
      const about = { name, status, step, code, took };
      const key = JSON.stringify(about);
      const sums = changes.get(key) ?? { images: 0, attempts: 0, retries: 0 };
      changes.set(key, {
        ...{ kind: 'step', faces: 0, changes: 0, ...about },
        images: sums.images + sign,
        attempts: sums.attempts + sign * attempts,
        retries: sums.retries + sign * retriesIn(attempts),
      });
    }
  };
  add(before, -1);
  add(after, 1);
  return [...changes.values()].filter(
    ({ images, attempts, retries }) => images !== 0 || attempts !== 0 || retries !== 0,
  );
}

/** Marks a change that no count shows, so that whoever keeps the stamp of the totals looks again. */
export const uncountedChange = (at: string, dialect: Dialect): Sql[] =>
  append([{ kind: 'batch', name: ALL, status: '', images: 0, faces: 0, changes: 1 }], at, dialect);

function nameChange(kind: Change['kind'], before: readonly string[] = [], after: readonly string[] = []) {
  const had = new Set(before);
  const has = new Set(after);
  const change = (name: string, images: 1 | -1): Change => ({
    kind,
    name,
    status: '',
    images,
    faces: 0,
    changes: 0,
  });
  return [
    ...[...has].filter((name) => !had.has(name)).map((name) => change(name, 1)),
    ...[...had].filter((name) => !has.has(name)).map((name) => change(name, -1)),
  ];
}

const COLUMNS = {
  ...{ change_id: 'text', part: 'int', kind: 'text', name: 'text', status: 'text' },
  ...{ images: 'int', faces: 'int', changes: 'int', latest: 'text' },
  ...{ step: 'text', code: 'text', took: 'int', attempts: 'int', retries: 'int' },
} as const satisfies Columns;

/** @param latest ISO 8601 in UTC with milliseconds */
export function append(changes: readonly (Change | StepChange)[], latest: string, dialect: Dialect): Sql[] {
  const change_id = randomUUID();
  const ofSteps = { step: null, code: null, took: null, attempts: null, retries: null };
  const rows = changes.map((change, part) => ({ change_id, part, ...ofSteps, ...change, latest }));
  return insertRows('count_change', COLUMNS, rows, dialect);
}
