import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { OutageError } from '../../src/domain/errors.ts';
import { jobIdOf } from '../../src/domain/job-id.ts';
import type { AnyStep, StepContext } from '../../src/domain/step.ts';
import { containers, EVENTS_QUEUE } from '../../src/storage/names.ts';
import { blobCreated } from '../support/blob-created.ts';
import { jpeg, quadrants } from '../support/images.ts';
import { openPipeline } from '../support/pipeline.ts';
import { scene } from '../support/scene.ts';

let taken: string[];
let saved: { id: string; run: number; end: string | undefined }[];
let databaseIsAway = false;

const detecting: AnyStep = {
  name: 'detecting',
  needs: [],
  schema: z.object({ bytes: z.number() }),
  summary: 'Reads the image and leaves something outside the journal.',
  run: async ({ image, job }: StepContext) => {
    taken.push(`detected ${job.id}`);
    return { bytes: (await image.bytes()).length };
  },
  retract: async ({ job }) => {
    taken.push(`retracted ${job.id}`);
  },
};
const cropping: AnyStep = {
  name: 'cropping',
  needs: ['detecting'],
  schema: z.object({ width: z.number() }),
  summary: 'Reads the image again.',
  run: async ({ image, job }: StepContext) => {
    const { width } = await image.pixels();
    taken.push(`cropped ${job.id}`);
    return { width };
  },
};
const output: AnyStep = {
  name: 'pipelineoutput',
  needs: [],
  schema: z.unknown(),
  summary: 'Writes rows, unless the database is away.',
  patient: true,
  run: async ({ job, record }: StepContext) => {
    if (databaseIsAway) throw new OutageError('The database is away.');
    saved.push({ id: job.id, run: job.run, end: record.end?.kind });
    return {};
  },
};

const pipeline = await scene((emulator) => openPipeline(emulator, [detecting, cropping, output]));
beforeEach(async () => {
  taken = [];
  saved = [];
  databaseIsAway = false;
  await pipeline.empty();
});

let images = 0;
async function admitted() {
  const image = await pipeline.upload();
  await pipeline.deliver(EVENTS_QUEUE, image.event);
  return image;
}

test('a blob overwritten between detection and crop: never two versions in one row', async () => {
  const first = await admitted();
  await pipeline.pump('detecting');
  const etag = await pipeline.drop(first.name, await jpeg(quadrants(200, 100)));
  const second = jobIdOf(containers.input, first.name, etag);
  await pipeline.deliver(EVENTS_QUEUE, { ...first.event, data: { eTag: etag } });
  await pipeline.drain();
  expect(taken).toContain(`retracted ${first.id}`);
  expect(taken).not.toContain(`cropped ${first.id}`);
  expect(taken).toContain(`cropped ${second}`);
  expect(saved.sort((a, b) => (a.id === first.id ? -1 : b.id === first.id ? 1 : 0))).toEqual([
    { id: first.id, run: 0, end: 'superseded' },
    { id: second, run: 0, end: undefined },
  ]);
});

test('the event of an overwritten version that comes late ends in a row of its own and disturbs nothing', async () => {
  images += 1;
  const name = `late-${images}/image.jpg`;
  const old = await pipeline.drop(name, await jpeg());
  const etag = await pipeline.drop(name, await jpeg(quadrants(200, 100)));
  await pipeline.deliver(EVENTS_QUEUE, blobCreated(name, etag));
  await pipeline.deliver(EVENTS_QUEUE, blobCreated(name, old));
  await pipeline.drain();
  expect(saved.map(({ id, end }) => [id, end]).sort()).toEqual(
    [
      [jobIdOf(containers.input, name, old), 'superseded'],
      [jobIdOf(containers.input, name, etag), undefined],
    ].sort(),
  );
});

test('events that arrive, doubled, after the job has ended change nothing', async () => {
  const job = await admitted();
  await pipeline.drain();
  expect(saved).toHaveLength(1);
  const before = await pipeline.journal.read(job.batch, job.id);
  await pipeline.deliver(EVENTS_QUEUE, [job.event, job.event]);
  await pipeline.deliver(EVENTS_QUEUE, Buffer.from(JSON.stringify(job.event)).toString('base64'));
  await pipeline.drain();
  expect(saved).toHaveLength(1);
  expect((await pipeline.journal.read(job.batch, job.id))?.etag).toBe(before?.etag);
});

test('SQL away at the last step for longer than any limit: the message waits and the row appears', async () => {
  const job = await admitted();
  databaseIsAway = true;
  await pipeline.pump('detecting');
  await pipeline.pump('cropping');
  for (let days = 0; days < 4; days += 1) {
    await pipeline.pump('pipelineoutput');
    pipeline.advance(24 * 3_600_000);
  }
  expect((await pipeline.journal.read(job.batch, job.id))?.job.steps.pipelineoutput).toMatchObject({
    state: 'waiting',
    error: { code: 'ServiceUnavailable' },
  });
  databaseIsAway = false;
  await pipeline.drain();
  expect(saved).toEqual([{ id: job.id, run: 0, end: undefined }]);
});

describe('defect 2 of 2017: a message that could not be sent on was swallowed, and the job lost', () => {
  test('the delivery fails, so that the host keeps the message; the next one goes on without doing the work again', async () => {
    const job = await admitted();
    const message = await pipeline.take('detecting');
    const { queues } = pipeline.storage;
    const send = queues.send.bind(queues);
    queues.send = async () => {
      throw Object.assign(new Error('Queues are away.'), { statusCode: 503 });
    };
    try {
      await expect(pipeline.deliver('detecting', message?.text)).rejects.toThrow('Queues are away.');
    } finally {
      queues.send = send;
    }
    expect(await pipeline.depth('cropping')).toBe(0);
    await pipeline.deliver('detecting', message?.text, 2);
    await pipeline.drain();
    expect(taken.filter((what) => what === `detected ${job.id}`)).toHaveLength(1);
    expect(saved).toEqual([{ id: job.id, run: 0, end: undefined }]);
  });
});
