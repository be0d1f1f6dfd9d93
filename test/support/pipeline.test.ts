import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { batchOf, jobIdOf } from '../../src/domain/job-id.ts';
import { containers } from '../../src/storage/names.ts';
import { startEmulator } from './emulator.ts';
import { jpeg } from './images.ts';
import { openPipeline } from './pipeline.ts';

test('the pipeline that tests pump is the app: its journal is on the clock, admission heeds what is said of batches', async () => {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.stop());
  const step = { name: 'first', needs: [], schema: z.unknown(), summary: 'Nothing.', run: async () => ({}) };
  const pipeline = await openPipeline(emulator, [step]);
  await pipeline.batches.change('camp', { doNotMatch: true }, 'gus');
  const name = 'camp/one.jpg';
  const etag = await pipeline.drop(name, await jpeg());
  await pipeline.admission.admitBlob(name, etag, pipeline.delivery().log);
  const id = jobIdOf(containers.input, name, etag);
  const entry = await pipeline.journal.read(batchOf(name), id);
  expect(entry?.job).toMatchObject({ admittedAt: '2026-01-01T00:00:00.000Z', consent: { doNotMatch: true } });

  // What this process has just written it takes for fresh, but no longer than half a minute by its clock.
  const written = entry && (await pipeline.journal.update(entry, { seq: 1 }));
  const reads: string[] = [];
  const read = pipeline.journal.read.bind(pipeline.journal);
  pipeline.journal.read = (batch, job) => {
    reads.push(job);
    return read(batch, job);
  };
  pipeline.advance(31_000);
  await pipeline.journal.readAt('camp', id, written?.etag);
  expect(reads).toEqual([id]);
});
