import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chance } from '../../scripts/chance.ts';
import { faceDistance } from '../../src/local/vision/models/similarity.ts';
import { SERVICE_LIMITS } from '../../src/local/vision/options.ts';
import { fromBlob, inTransaction, openDatabase, toBlob } from '../../src/local/vision/store/database.ts';
import { type FaceList, FaceLists } from '../../src/local/vision/store/face-lists.ts';
import type { Part } from '../part.ts';
import { readProcess } from '../processes.ts';
import { spread } from '../stats.ts';

const SEARCH = { limit: 20, maxDistance: Number.POSITIVE_INFINITY, upTo: Number.MAX_SAFE_INTEGER };

/** A LargeFaceList of a million faces: how long a search takes, what it holds in memory, how fast it loads, recall. */
export const faces: Part = async ({ quick, say }) => {
  const count = quick ? 50_000 : SERVICE_LIMITS.facesPerLargeFaceList;
  const folder = await mkdtemp(join(tmpdir(), 'imaginem-bench-'));
  const db = openDatabase(folder);
  try {
    const made = new FaceLists(db, { dataDir: folder });
    made.create('largeFaceList', {
      id: 'all',
      name: 'all',
      userData: null,
      recognitionModel: 'recognition_04',
    });
    const list = made.find('largeFaceList', 'all') as FaceList;
    say('enrolling');
    const insert = db.prepare('INSERT INTO persisted_face (list, id, faceprint) VALUES (?, ?, ?)');
    const random = chance(1);
    const print = () =>
      Float32Array.from({ length: 128 }, () => (random.between(-1, 1) + random.between(-1, 1)) * 0.15);
    const queries: Float32Array[] = [];
    for (let from = 0; from < count; from += 10_000) {
      inTransaction(db, () => {
        for (let n = from; n < from + 10_000; n++) {
          const one = print();
          if (n % (count / 20) === 0) queries.push(one.map((value) => value + random.between(-0.02, 0.02)));
          insert.run(list.key, `face-${n}`, toBlob(one));
        }
      });
    }
    const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
      const started = performance.now();
      const result = await work();
      return [result, performance.now() - started];
    };
    const query = queries[0] as Float32Array;
    say('building the index');
    const [, buildMs] = await timed(() => made.nearest(list, query, SEARCH));
    await made.close();
    const before = readProcess(process.pid)?.residentMb ?? 0;
    const lists = new FaceLists(db, { dataDir: folder });
    const [, loadMs] = await timed(() => lists.nearest(list, query, SEARCH));
    say('searching');
    const times: number[] = [];
    let [hits, wanted] = [0, 0];
    for (const one of queries) {
      const [found, ms] = await timed(() => lists.nearest(list, one, SEARCH));
      times.push(ms);
      if (times.length > 3) continue;
      const ids = new Set(found.map(({ id }) => id));
      for (const id of nearestByHand(db, one)) {
        wanted++;
        if (ids.has(id)) hits++;
      }
    }
    const memory = (readProcess(process.pid)?.residentMb ?? 0) - before;
    await lists.close();
    return {
      part: 'faces',
      aims: [
        {
          text: `a search among ${count} faces`,
          measured: spread(times).median,
          limit: 30,
          sense: 'at most',
          unit: ' ms',
        },
        { text: 'memory it takes', measured: memory, limit: 300, sense: 'at most', unit: ' MB' },
        { text: 'recall of the 20 nearest', measured: hits / wanted, limit: 1, sense: 'at least' },
      ],
      tables: [
        {
          title: 'Milliseconds',
          columns: [
            'index built from the database, first search',
            'index loaded, first search',
            'search',
            'range',
          ],
          rows: [
            [
              buildMs,
              loadMs,
              spread(times).median,
              `${spread(times).low.toFixed(1)} - ${spread(times).high.toFixed(1)}`,
            ],
          ],
        },
      ],
      notes: [
        'Faceprints by chance, each query near one of them. Recall: against every faceprint of the database.',
      ],
    };
  } finally {
    db.close();
    await rm(folder, { recursive: true, force: true });
  }
};

function nearestByHand(db: ReturnType<typeof openDatabase>, query: Float32Array): string[] {
  const best: { id: string; distance: number }[] = [];
  for (const row of db.prepare('SELECT id, faceprint FROM persisted_face').iterate()) {
    const distance = faceDistance(fromBlob(row.faceprint as Uint8Array), query);
    if (best.length === 20 && distance >= (best.at(-1)?.distance ?? 0)) continue;
    best.push({ id: row.id as string, distance });
    best.sort((a, b) => a.distance - b.distance);
    if (best.length > 20) best.pop();
  }
  return best.map(({ id }) => id);
}
