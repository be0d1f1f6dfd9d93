import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { newStamp } from '../../src/local/storage/table/stamp.ts';
import { ofAdmission } from '../../src/pipeline/journal/job-days.ts';
import { jobColumns } from '../../src/pipeline/journal/journal-row.ts';
import { byJob, inImage, ofPicture } from '../../src/pipeline/journal/link-keys.ts';
import { containers, tables } from '../../src/storage/names.ts';
import { tableKey } from '../../src/storage/tables.ts';
import { STEPS } from '../api/set-rows.ts';
import { batchOf, facesOf, timeOf } from '../api/world.ts';

/** Faces that a list of the service holds. */
const IN_LIST = 1000;

export const nameOf = (n: number): string => `${batchOf(n)}/${n}.jpg`;

/** When a blob was written, in milliseconds: before today, or it would be looked at as one that has just come. */
export const writtenAt = (n: number, images: number): number =>
  Math.min(Date.parse(timeOf(n, images)), Date.now() - 2 * 24 * 3_600_000);

/** What the samples' steps put out, in size: ids and rectangles differ, the rest is the same. */
const TEXT = JSON.stringify({ ocr: { readResults: [], note: 'x'.repeat(1200) }, OCR_fullText: 'Exit' });
const ANALYSIS = JSON.stringify({ tags: [], description: { captions: [] }, note: 'x'.repeat(800) });

/**
 * Fills a storage account of our own service, that no service has open and whose containers and tables are there: a blob, a
 * journal row, what leads to it, and the rows of its faces for each image of the made-up set, each table in the order of
 * its keys. The blobs are empty.
 */
export async function fillArchive(
  folder: string,
  { ids, etags }: { ids: readonly string[]; etags: readonly string[] },
  say: (words: string) => void,
): Promise<void> {
  const images = ids.length;
  const all = [...ids.keys()];
  const database = openAccount(folder);
  try {
    await blobs(database.db, { all, etags }, say);
    const rows = rowsInto(database.db, say);
    const idOf = (n: number) => ids[n] ?? '';
    const sortedBy = (key: (n: number) => string, some: readonly number[] = all) => {
      const keyed = some.map((n) => ({ n, key: key(n) }));
      keyed.sort((one, other) => (one.key < other.key ? -1 : 1));
      return keyed.map(({ n }) => n);
    };
    const byId = sortedBy(idOf);
    const at = (n: number) => timeOf(n, images);
    const link = (n: number) => ({ jobId: idOf(n), batchId: batchOf(n) });
    const matched = byId.filter((n) => otherOf(n) !== undefined);
    const withFaces = byId.filter((n) => enrolledOf(n) > 0);

    await rows(
      tables.journal,
      sortedBy((n) => `${tableKey(batchOf(n))}\n${idOf(n)}`),
      (n) => [[tableKey(batchOf(n)), idOf(n), journalRow(n, images, idOf)]],
    );
    await rows(tables.jobIndex, byId, (n) => [[idOf(n), 'job', { batchId: batchOf(n) }]]);
    await rows(tables.jobLinks, byId, (n) => {
      const other = otherOf(n);
      const picture = { picture: nameOf(n), day: ofAdmission(at(n), idOf(n)) };
      const mentioned = other === undefined ? [] : [idOf(other)];
      return [
        ...mentioned.map(
          (id) => [byJob(idOf(n)), 'facematch-0-0', { mentioned: JSON.stringify([id]) }] as const,
        ),
        [byJob(idOf(n)), 'picture-0', picture] as const,
      ];
    });
    await rows(
      tables.jobLinks,
      sortedBy((n) => idOf(otherOf(n) ?? n), matched),
      (n) => [[inImage(idOf(otherOf(n) ?? n)), idOf(n), link(n)]],
    );
    await rows(
      tables.jobLinks,
      sortedBy((n) => ofPicture(nameOf(n))),
      (n) => [[ofPicture(nameOf(n)), idOf(n), link(n)]],
    );
    await rows(
      tables.jobLinks,
      sortedBy((n) => `${ofAdmission(at(n), idOf(n))}\n${idOf(n)}`),
      (n) => [[ofAdmission(at(n), idOf(n)), idOf(n), link(n)]],
    );
    const face = (n: number, index: number) => ({
      ...{ faceKey: `${idOf(n)}-${index}`, ...link(n), imageUrl: nameOf(n) },
      ...{ left: 10, top: 10, width: 200, height: 200 },
    });
    const listOf = (place: number) => `bench_${String(Math.floor(place / IN_LIST)).padStart(6, '0')}`;
    let place = 0;
    const placeOf = new Map<number, number>();
    await rows(tables.faceIndex, withFaces, (n) => {
      placeOf.set(n, place);
      return Array.from({ length: enrolledOf(n) }, (_, index) => {
        const freshId = persistedId(place);
        const freshList = listOf(place);
        place += 1;
        return [
          `job:${idOf(n)}`,
          `${idOf(n)}-${index}`,
          { ...face(n, index), freshList, freshId, enrolledAt: at(n) },
        ];
      });
    });
    await rows(tables.faceIndex, withFaces, (n) =>
      Array.from({ length: enrolledOf(n) }, (_, index) => {
        const own = (placeOf.get(n) ?? 0) + index;
        return [`list:${listOf(own)}`, persistedId(own), { ...face(n, index), ownedAt: at(n) }];
      }),
    );
  } finally {
    database.close();
  }
}

/** Faces of one image that are enrolled: of a crowd in the made-up set only the first two, as in the samples. */
const enrolledOf = (n: number): number => Math.min(2, facesOf(n));

const persistedId = (place: number): string => `00000000-0000-4000-8000-${String(place).padStart(12, '0')}`;

/** Every fifth image matches the one before it, as in the set of results. */
const otherOf = (n: number): number | undefined => (n % 5 === 0 && n > 0 ? n - 1 : undefined);

async function blobs(
  db: DatabaseSync,
  { all, etags }: { all: readonly number[]; etags: readonly string[] },
  say: (words: string) => void,
): Promise<void> {
  const container = Number(
    db.prepare('SELECT number FROM container WHERE name = ?').get(containers.input)?.number,
  );
  const names = all.map((n) => ({ n, name: nameOf(n) }));
  names.sort((one, other) => (one.name < other.name ? -1 : 1));
  const insert = db.prepare(
    "INSERT INTO blob (container, name, etag, created, modified, size, properties, metadata, parts) VALUES (?, ?, ?, ?, ?, 0, '{}', '{}', '[]')",
  );
  db.exec('BEGIN');
  for (const { n, name } of names) {
    const at = writtenAt(n, all.length);
    insert.run(container, name, etags[n] ?? '', at, at);
  }
  db.exec('COMMIT');
  say(`${all.length.toLocaleString('en')} blobs`);
}

/** Without a log, and with its index made at the end: through the service's own parts a million takes half an hour. */
function openAccount(folder: string): { db: DatabaseSync; close(): void } {
  const db = new DatabaseSync(join(folder, 'storage.db'));
  db.exec(
    'PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; PRAGMA temp_store = MEMORY',
  );
  const index = db.prepare("SELECT sql FROM sqlite_master WHERE name = 'entity_key'").get()?.sql;
  db.exec('DROP INDEX entity_key');
  return {
    db,
    close() {
      db.exec(String(index));
      db.exec('PRAGMA journal_mode = WAL');
      db.close();
    },
  };
}

type NewRow = readonly [partitionKey: string, rowKey: string, columns: object];

function rowsInto(db: DatabaseSync, say: (words: string) => void) {
  const numberOf = db.prepare('SELECT number FROM entity_table WHERE name = ?');
  const insert = db.prepare('INSERT INTO entity (owner, pk, rk, stamp, properties) VALUES (?, ?, ?, ?, ?)');
  return async (table: string, some: readonly number[], rowsOf: (n: number) => readonly NewRow[]) => {
    const owner = Number(numberOf.get(table)?.number);
    const now = Date.now();
    let written = 0;
    db.exec('BEGIN');
    for (const n of some)
      for (const [partitionKey, rowKey, columns] of rowsOf(n)) {
        insert.run(owner, partitionKey, rowKey, newStamp(now), JSON.stringify(columns));
        written += 1;
      }
    db.exec('COMMIT');
    await nextTurn();
    say(`${written.toLocaleString('en')} rows of ${table}`);
  };
}

function journalRow(n: number, images: number, idOf: (n: number) => string): object {
  const [id, at, other] = [idOf(n), timeOf(n, images), otherOf(n)];
  const step = (output: unknown) =>
    ({ state: 'done', run: 0, seq: 0, at, attempts: 1, ms: 100, output }) as const;
  const columns = jobColumns({
    ...{ id, batchId: batchOf(n), imageUrl: `http://127.0.0.1:10000/bench/inputimages/${nameOf(n)}` },
    ...{ source: { container: containers.input, name: nameOf(n), etag: '' }, run: 0, seq: 0, sent: true },
    ...{ pipeline: [...STEPS, 'pipelineoutput'], admittedAt: at, steps: {} },
  });
  const outputs: Record<string, string> = {
    ocr: TEXT,
    generalclassification: ANALYSIS,
    facedetection: JSON.stringify({
      faces: Array.from({ length: facesOf(n) }, () => ({ left: 10, top: 10 })),
    }),
    facematch: JSON.stringify({ matches: other === undefined ? [] : [{ id: idOf(other), confidence: 0.7 }] }),
  };
  for (const name of [...STEPS, 'pipelineoutput']) {
    const { output: _, ...record } = step(undefined);
    Object.assign(columns, {
      ...{ [name]: record.state, [`${name}_at`]: at, [`${name}_run`]: 0, [`${name}_seq`]: 0 },
      ...{ [`${name}_attempts`]: 1, [`${name}_ms`]: 100 },
      ...(outputs[name] !== undefined && { [`${name}_output`]: outputs[name] }),
    });
  }
  return Object.fromEntries(
    Object.entries(columns).filter(([, value]) => value !== null && value !== undefined),
  );
}
