import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { batchStatuses } from '../../src/admin/batch-status.ts';
import { queueStandings } from '../../src/admin/queue-states.ts';
import { takeCensus } from '../../src/admin/standing/census.ts';
import { statsOf } from '../../src/admin/stats.ts';
import { explainImage } from '../../src/admin/why.ts';
import { type App, openApp } from '../../src/app.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { Eraser } from '../../src/erasure/eraser.ts';
import { eraseExpired } from '../../src/erasure/expired.ts';
import { eraseOldFaceprints } from '../../src/erasure/faceprint-retention.ts';
import { tables } from '../../src/storage/names.ts';
import { batchOf, facesOf } from '../api/world.ts';
import { CallCounter, storageCalls } from '../call-counter.ts';
import { startService } from '../storage/server.ts';
import { nameOf } from './archive.ts';
import type { Filled } from './filled.ts';
import type { Operation, Side } from './measure.ts';
import type { Place } from './place.ts';

const { signal } = new AbortController();
const DAY_MS = 24 * 3_600_000;
/** When the made-up set ends: see `timeOf`. */
const END_OF_SET = Date.UTC(2027, 0, 1);

/** In place of the Face service, which is not what is measured: it takes out whatever it is told to. */
async function startFaceService() {
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

const settingsOf = (connectionString: string, results: Place, face: string): Record<string, string> => ({
  ...('file' in results
    ? { SQLITE_PATH: results.file }
    : { SQL_CONNECTION_STRING: results.connectionString }),
  ...{ AzureWebJobsStorage: connectionString },
  ...{ COMPUTER_VISION_ENDPOINT: face, FACE_ENDPOINT: face, FACE_KEY: 'bench', COMPUTER_VISION_KEY: 'bench' },
  ...{ RETENTION_DAYS: '10000', FACEPRINT_RETENTION_DAYS: '10000' },
});

/**
 * What the app does with its storage, and with both together.
 *
 * @param results where they are; in the file that was filled with the storage where absent
 */
export async function openArchive({ storage, file, ids }: Filled, results: Place = { file }): Promise<Side> {
  const [service, face] = await Promise.all([startService(storage), startFaceService()]);
  const app = await openApp(settingsOf(service.connectionString, results, face.url));
  await (await app.results()).migrate();
  const [, blob = '', queue = '', table = ''] =
    /BlobEndpoint=http:\/\/([^;/]+).*QueueEndpoint=http:\/\/([^;/]+).*TableEndpoint=http:\/\/([^;/]+)/.exec(
      service.connectionString,
    ) ?? [];
  const counter = new CallCounter({ blob, queue, table, engine: new URL(face.url).host });
  return {
    operations: operationsOn(app, ids),
    requests: () => storageCalls(counter.take()),
    async close() {
      counter.close();
      await app.close();
      await service.stop();
      face.close();
    },
  };
}

function operationsOn(app: App, ids: readonly string[]): Operation[] {
  const eraser = new Eraser({ app, log: silentLog });
  const idOf = (n: number) => ids[n] ?? '';
  const now = Date.now();
  // With one face, and another image that matches it.
  const usual = [...ids.keys()].filter((n) => n > 100 && n % 5 === 4 && facesOf(n) === 1);
  const reconciler = app.reconciler(10 * 60_000, 180_000);
  return [
    {
      name: 'census of what waits and is under way',
      readsAll: true,
      most: 1,
      run: () => takeCensus(app, signal),
    },
    { name: 'status of all batches', most: 3, run: () => batchStatuses(app) },
    { name: 'status of one batch', most: 5, run: (round) => batchStatuses(app, batchOf(round)) },
    // The hour before the last image of the set, of which there are none later.
    { name: 'stats', most: 5, run: () => statsOf({ ...app, clock: () => END_OF_SET }) },
    { name: 'queues', most: 3, run: () => queueStandings(app) },
    { name: 'why, by name', most: 10, run: (round) => explainImage(nameOf(50 + round), app) },
    {
      name: 'why, of a name that no image has',
      most: 3,
      run: (round) => explainImage(`${batchOf(round)}/nosuch${round}.jpg`, app),
    },
    {
      name: 'nightly look for images too old, nothing to do',
      most: 5,
      run: () =>
        eraser.plan(
          { kind: 'retention', now: new Date(now).toISOString(), rules: { days: 10_000, byBatch: [] } },
          signal,
        ),
    },
    { name: 'nightly look for what has expired', most: 5, run: () => eraseExpired(app, eraser, now, signal) },
    {
      name: 'first look for faceprints too old',
      readsAll: true,
      most: 1,
      async run() {
        await eraseOldFaceprints(app, eraser, now, signal);
        // As once everything has come due that was enrolled before there were notes.
        await app.storage.tables.table(tables.reconcile).upsert('faceprints', 'due', { since: '0' });
      },
    },
    {
      name: 'nightly look for faceprints too old, nothing to do',
      most: 3,
      run: (round) => eraseOldFaceprints(app, eraser, now + round * DAY_MS, signal),
    },
    {
      name: 'first look for lost events',
      readsAll: true,
      most: 1,
      run: () => reconciler.run(silentLog),
    },
    {
      name: 'look for lost events: one listing',
      readsAll: true,
      most: 1,
      run: () => reconciler.run(silentLog),
    },
    {
      name: 'dry run of an erasure',
      most: 10,
      run: (round) => eraser.plan({ kind: 'image', image: idOf(usual[round] ?? 0) }, signal),
    },
    {
      name: 'erase one image, first pass',
      most: 10,
      run: (round) => eraser.erase({ kind: 'image', image: idOf(usual[20 + round] ?? 0) }, 'bench', signal),
    },
  ];
}
