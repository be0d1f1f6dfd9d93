import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from '../../src/domain/job.ts';
import { jobIdOf, jobKey } from '../../src/domain/job-id.ts';
import type { ErasureParts } from '../../src/erasure/place.ts';
import { containers } from '../../src/storage/names.ts';
import type { WhichFaces } from '../../src/vision/gallery/face-index.ts';
import { image } from '../results/fixtures.ts';
import { startEmulator } from '../support/emulator.ts';
import { openPipeline } from '../support/pipeline.ts';

/** Faces in a gallery that can be away; the gallery itself has tests of its own. */
interface TestGallery {
  faces: Map<string, number>;
  /** Faces that were read, in that order. */
  read: string[];
  away: Error | undefined;
}

/** What an erasure works with: a storage account, a database, and jobs that are written there without being worked on. */
export async function openParts(env: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'imaginem-erasure-'));
  const emulator = await startEmulator();
  const pipeline = await openPipeline(emulator, [], { SQLITE_PATH: join(folder, 'results.db'), ...env });
  const gallery: TestGallery = { faces: new Map(), read: [], away: undefined };
  const faces = (keys: ReadonlySet<string>) =>
    [...gallery.faces.keys()].filter((key) => keys.has(key.replace(/-\d+$/, '')));
  const parts = {
    ...pipeline,
    gallery: () => ({
      traces: async (keys: ReadonlySet<string>) => {
        if (gallery.away) throw gallery.away;
        return { persisted: faces(keys).length, rows: faces(keys).length };
      },
      erase: async (keys: ReadonlySet<string>) => {
        if (gallery.away) throw gallery.away;
        for (const key of faces(keys)) gallery.faces.delete(key);
      },
      // Nothing but what the jobs' own rows lead to: looking through everything has tests of its own.
      look: () => ({ rows: async () => ({ rows: [] }), persisted: async () => ({ faces: [] }) }),
      enrolled: async function* ({ jobs, until = Number.POSITIVE_INFINITY }: WhichFaces = {}) {
        for (const [key, at] of [...gallery.faces].sort(([one], [other]) => (one < other ? -1 : 1))) {
          if (jobs && (key < jobs.from || (jobs.below !== undefined && key >= jobs.below))) continue;
          if (at > until) continue;
          gallery.read.push(key);
          yield { key, at };
        }
      },
      enrolledOf: async (job: string) =>
        faces(new Set([job])).map((key) => {
          gallery.read.push(key);
          return { key, at: gallery.faces.get(key) };
        }),
      removeFaces: async (_: string, keys: readonly string[]) => {
        for (const key of keys) gallery.faces.delete(key);
      },
    }),
  } as unknown as ErasureParts;

  /** A photograph with its job and its row. @returns the job */
  async function add(name: string, more: Partial<Job> & { row?: boolean; job?: boolean } = {}): Promise<Job> {
    const { row = true, job: isThere = true, ...given } = more;
    const etag = await pipeline.drop(name, Buffer.from(name));
    const batchId = name.includes('/') ? (name.split('/')[0] ?? '') : 'default';
    const job: Job = {
      id: jobIdOf(containers.input, name, etag),
      ...{ batchId, imageUrl: pipeline.storage.blobs.url(containers.input, name), run: 0, seq: 0 },
      source: { container: containers.input, name, etag },
      ...{ pipeline: ['pipelineoutput'], sent: true, steps: {} },
      admittedAt: new Date(pipeline.clock()).toISOString(),
      ...given,
    };
    if (isThere) {
      await pipeline.journal.claim(job.id, job.batchId);
      await pipeline.journal.insert(job);
    }
    if (row)
      await (await pipeline.results()).save(
        image(job.id, { batchId: job.batchId, imageUrl: job.imageUrl, finishedAt: job.admittedAt }),
      );
    gallery.faces.set(`${jobKey(job.id)}-0`, pipeline.clock());
    return job;
  }

  return {
    ...{ pipeline, parts, gallery, add },
    close: async () => {
      await pipeline.close();
      await emulator.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
export type Parts = Awaited<ReturnType<typeof openParts>>;
