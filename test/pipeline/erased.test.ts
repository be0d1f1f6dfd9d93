import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { OutageError } from '../../src/domain/errors.ts';
import { jobIdOf, jobKey } from '../../src/domain/job-id.ts';
import type { AnyStep, StepContext } from '../../src/domain/step.ts';
import { toSafeJson } from '../../src/pipeline/message/codec.ts';
import { containers, EVENTS_QUEUE, tables } from '../../src/storage/names.ts';
import { jpeg } from '../support/images.ts';
import { openPipeline } from '../support/pipeline.ts';
import { scene } from '../support/scene.ts';

/** What happens while the step is at work. */
let meanwhile: (job: { id: string; batchId: string }) => Promise<void>;

/** Leaves a crop and a large output behind, as facecrop and ocr do. */
const working: AnyStep = {
  name: 'working',
  needs: [],
  schema: z.object({ text: z.string() }),
  summary: 'Leaves something in two containers.',
  run: async ({ job }: StepContext) => {
    const { blobs } = pipeline.storage;
    await blobs.write(containers.faces, `${jobKey(job.id)}/face.jpg`, Buffer.from('x'), 'image/jpeg');
    await meanwhile(job);
    return { text: 'long '.repeat(10_000) };
  },
};

const pipeline = await scene((emulator) => openPipeline(emulator, [working]));
beforeEach(async () => {
  meanwhile = async () => {};
  await pipeline.empty();
});

/** What an erasure does first. */
async function entomb({ id, batchId }: { id: string; batchId: string }): Promise<void> {
  const at = new Date().toISOString();
  await pipeline.journal.tombstones.set(id, 'erasure', at);
  await pipeline.journal.markErased(batchId, id, at);
}

/** Everything of a job that can be found in the account by its id or its batch. */
async function traces({ id, batch }: { id: string; batch: string }): Promise<string[]> {
  const found: string[] = [];
  for (const container of [containers.faces, containers.largeMessages, containers.renditions]) {
    for await (const { name } of pipeline.storage.blobs.list(container))
      if (name.includes(id)) found.push(`${container}/${name}`);
  }
  for (const name of Object.values(tables)) {
    for await (const row of pipeline.storage.tables.table(name).list()) {
      const text = JSON.stringify(row);
      if (text.includes(id) || text.includes(batch)) found.push(`${name}/${row.rowKey}`);
    }
  }
  for (const queue of [EVENTS_QUEUE, ...pipeline.registry.names])
    if ((await pipeline.depth(queue)) > 0) found.push(queue);
  return found;
}

test('a worker that was at work when its job was erased deletes what it wrote', async () => {
  const image = await pipeline.upload();
  await pipeline.deliver(EVENTS_QUEUE, image.event);
  meanwhile = entomb;
  await pipeline.drain();
  expect(await traces(image)).toEqual([]);
});

test('so does one whose step fails, or is put back', async () => {
  for (const error of [new Error('unforeseen'), new OutageError('away')]) {
    const image = await pipeline.upload();
    await pipeline.deliver(EVENTS_QUEUE, image.event);
    meanwhile = async (job) => {
      await entomb(job);
      throw error;
    };
    await pipeline.drain();
    expect(await traces(image)).toEqual([]);
  }
});

test('a message of an erased job takes along what its dead worker left, and is dropped', async () => {
  const image = await pipeline.upload();
  await pipeline.deliver(EVENTS_QUEUE, image.event);
  const message = await pipeline.take('working');
  await entomb({ id: image.id, batchId: image.batch });
  await pipeline.journal.remove(image.batch, image.id);
  await pipeline.storage.blobs.write(
    containers.faces,
    `${jobKey(image.id)}/late.jpg`,
    Buffer.from('x'),
    'image/jpeg',
  );
  await pipeline.deliver('working', message?.text ?? '');
  expect(await traces(image)).toEqual([]);
  expect(pipeline.rows.size).toBe(0);
});

test('nothing brings an erased version of a blob back: event, reconciler, poison; the picture uploaded anew is new', async () => {
  const image = await pipeline.upload();
  await pipeline.journal.tombstones.set(image.id, 'erasure', new Date().toISOString());
  await pipeline.deliver(EVENTS_QUEUE, image.event);
  await pipeline.reconciler.run({ info() {}, warn() {}, error() {} });
  await pipeline.drain();
  await pipeline.poison.events({ ...image.event, deaths: 9 }, pipeline.delivery());
  expect(await traces(image)).toEqual([]);

  const etag = await pipeline.drop(image.name, await jpeg());
  await pipeline.deliver(EVENTS_QUEUE, { ...image.event, data: { eTag: etag } });
  await pipeline.drain();
  expect([...pipeline.rows.keys()]).toEqual([jobIdOf(containers.input, image.name, etag)]);
});

test('a job erased between its admission and its row is taken back', async () => {
  const image = await pipeline.upload();
  const { tombstones } = pipeline.journal;
  const has = tombstones.has.bind(tombstones);
  // The first look sees none yet.
  let looks = 0;
  tombstones.has = async (id) => {
    looks += 1;
    if (looks > 1) return has(id);
    await tombstones.set(id, 'erasure', new Date().toISOString());
    return false;
  };
  try {
    await pipeline.deliver(EVENTS_QUEUE, image.event);
  } finally {
    tombstones.has = has;
  }
  expect(looks).toBe(2);
  expect(await traces(image)).toEqual([]);
});

test('a poisoned message of an erased job is no dead letter', async () => {
  const image = await pipeline.upload();
  await pipeline.deliver(EVENTS_QUEUE, image.event);
  const { text = '' } = (await pipeline.take('working')) ?? {};
  await entomb({ id: image.id, batchId: image.batch });
  await pipeline.poison.step('working', toSafeJson({ ...JSON.parse(text), deaths: 9 }), pipeline.delivery());
  expect(await traces(image)).toEqual([]);
});

test('a message posted by hand under an erased id is dropped', async () => {
  const image = await pipeline.upload();
  await pipeline.journal.tombstones.set('by-hand', 'erasure', new Date().toISOString());
  await pipeline.deliver('working', {
    job_definition: {
      id: 'by-hand',
      batch_id: image.batch,
      input: { image_url: pipeline.storage.blobs.url(containers.input, image.name) },
      processing_step: 0,
    },
  });
  await pipeline.drain();
  expect(pipeline.rows.size).toBe(0);
  expect(await traces({ id: 'by-hand', batch: image.batch })).toEqual([]);
});
