import { expect, test } from 'vitest';
import { z } from 'zod';
import { jobIdOf } from '../../src/domain/job-id.ts';
import type { AnyStep } from '../../src/domain/step.ts';
import { containers } from '../../src/storage/names.ts';
import { jpeg } from '../support/images.ts';
import { openPipeline } from '../support/pipeline.ts';
import { scene } from '../support/scene.ts';

const step = (name: string, needs: string[] = []): AnyStep => ({
  name,
  needs,
  schema: z.unknown(),
  summary: 'Says its name.',
  run: async () => ({ from: name }),
});

const pipeline = await scene((emulator) =>
  openPipeline(emulator, [step('first'), step('second'), step('third', ['second'])]),
);

/** Drops an image with that metadata, lets every event be sent twice, and works all queues off. */
async function rowOf(name: string, metadata: Record<string, string>) {
  const etag = await pipeline.storage.blobs.write(
    containers.input,
    name,
    await jpeg(),
    'image/jpeg',
    metadata,
  );
  const { log } = pipeline.delivery();
  await pipeline.reconciler.run(log);
  pipeline.reconciler.forget();
  await pipeline.reconciler.run(log);
  await pipeline.drain();
  const id = jobIdOf(containers.input, name, etag);
  return { row: pipeline.rows.get(id), entry: await pipeline.journal.read('asked', id) };
}

test('a blob whose metadata name a pipeline goes through that one, whichever event admits it', async () => {
  const { row, entry } = await rowOf('asked/short.jpg', { pipeline: 'first' });
  expect(Object.keys(row?.steps ?? {})).toEqual(['first']);
  expect(row?.outputs).toEqual({ first: { from: 'first' } });
  expect(entry?.job.pipeline).toEqual(['first', 'pipelineoutput']);
});

test('a blob without such metadata goes through PIPELINE_DEFINITION', async () => {
  const { entry } = await rowOf('asked/usual.jpg', { author: 'somebody' });
  expect(entry?.job.pipeline).toEqual(['first', 'second', 'third', 'pipelineoutput']);
});

test('a pipeline that cannot run ends in a rejected row that says what to change', async () => {
  const { row, entry } = await rowOf('asked/wrong.jpg', { pipeline: 'third,nonsense' });
  expect(row?.end).toBe('rejected');
  expect(entry?.job.end?.reason.code).toBe('BadPipeline');
  expect(entry?.job.end?.reason.message).toMatch(/third.*needs.*second/);
  expect(entry?.job.end?.reason.message).toMatch(/no step "nonsense"/);
});
