import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { batchStatuses } from '../../src/admin/batch-status.ts';
import {
  rerun as carryOut,
  planRerun,
  type RerunPlan,
  type RerunRequest,
  type RerunSkipped,
  sendRerun,
} from '../../src/admin/rerun.ts';
import { explainImage } from '../../src/admin/why.ts';
import { getImage } from '../../src/api/handlers/image.ts';
import { foreignCode } from '../../src/domain/error-codes.ts';
import { OutageError, PermanentError, UnavailableError } from '../../src/domain/errors.ts';
import { containers } from '../../src/storage/names.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';
import { jpeg } from '../support/images.ts';
import { type Admin, openAdmin } from './support.ts';

let emulator: Emulator;
let admin: Admin;
beforeAll(async () => {
  emulator = await startEmulator();
  admin = await openAdmin(emulator);
});
afterAll(() => emulator?.stop());
beforeEach(() => admin.reset());

let batches = 0;
const ownBatch = () => `rerun-${batches++}`;

async function planned(request: RerunRequest) {
  const plans: RerunPlan[] = [];
  const skipped: RerunSkipped[] = [];
  for await (const one of planRerun(request, admin)) {
    if ('skipped' in one) skipped.push(one);
    else plans.push(one);
  }
  return { plans, skipped };
}

async function rerun(request: RerunRequest) {
  const found = await planned(request);
  for (const plan of found.plans) await sendRerun(plan, admin);
  return found;
}

test('runs a step again, with the steps that need it and no others, and writes the row anew', async () => {
  const job = await admin.finished(ownBatch());
  const { plans } = await rerun({ step: 'second', which: 'all', batch: job.batch });
  expect(plans).toMatchObject([{ job: job.id, run: 1, steps: ['second', 'third'], queue: 'second' }]);
  await admin.drain();
  expect(admin.calls).toEqual(['second', 'third']);
  expect(admin.rows.get(job.id)).toMatchObject({
    run: 1,
    outputs: { first: { run: 0 }, second: { run: 1 }, third: { run: 1 }, apart: { run: 0 } },
    steps: { first: { state: 'done' }, apart: { state: 'done' } },
  });
});

test('--failed takes those whose step failed, and what was skipped for it runs, too', async () => {
  const batch = ownBatch();
  await admin.finished(batch);
  admin.behaviour.second = async () => {
    throw new PermanentError(foreignCode('Broken'), 'Broken today.');
  };
  const failed = await admin.finished(batch);
  delete admin.behaviour.second;
  const { plans } = await rerun({ step: 'second', which: 'failed', batch });
  expect(plans.map(({ job }) => job)).toEqual([failed.id]);
  await admin.drain();
  expect(admin.calls).toEqual(['second', 'third']);
  expect(admin.rows.get(failed.id)?.steps).toMatchObject({
    second: { state: 'done' },
    third: { state: 'done' },
  });
});

describe('--missing', () => {
  test('takes skipped and unavailable; what ran and found nothing is not missing', async () => {
    const batch = ownBatch();
    admin.behaviour.second = async () => ({ found: [] });
    await admin.finished(batch);
    admin.behaviour.second = async () => {
      throw new UnavailableError('LimitedAccessRequired', 'Not approved.');
    };
    const unavailable = await admin.finished(batch);
    admin.behaviour.second = async () => {
      throw new PermanentError(foreignCode('Broken'), 'Broken today.');
    };
    const failed = await admin.finished(batch);
    const missing = async (step: string) =>
      (await planned({ step, which: 'missing', batch })).plans.map(({ job }) => job).sort();
    expect(await missing('second')).toEqual([unavailable.id]);
    expect(await missing('third')).toEqual([unavailable.id, failed.id].sort());
    expect(await missing('apart')).toEqual([]);
  });

  test('runs what the step needs first, where that has no output', async () => {
    const batch = ownBatch();
    admin.behaviour.second = async () => {
      throw new PermanentError(foreignCode('Broken'), 'Broken today.');
    };
    const job = await admin.finished(batch);
    delete admin.behaviour.second;
    const { plans } = await rerun({ step: 'third', which: 'missing', batch });
    expect(plans).toMatchObject([{ steps: ['second', 'third'], queue: 'second' }]);
    await admin.drain();
    expect(admin.rows.get(job.id)?.steps.third).toMatchObject({ state: 'done' });
  });

  test('adds a step that was in no pipeline of the image', async () => {
    const job = await admin.finished(ownBatch());
    await rerun({ step: 'extra', which: 'missing', batch: job.batch });
    await admin.drain();
    expect(admin.calls).toEqual(['extra']);
    expect(await admin.jobOf(job)).toMatchObject({
      run: 1,
      pipeline: ['first', 'second', 'third', 'apart', 'extra', 'pipelineoutput'],
    });
    expect(admin.rows.get(job.id)?.outputs).toMatchObject({ extra: { run: 1 }, third: { run: 0 } });
    expect((await planned({ step: 'extra', which: 'missing', batch: job.batch })).plans).toEqual([]);
  });
});

test('asked for twice before the first begins, it sends the same run and the work is done once', async () => {
  const job = await admin.finished(ownBatch());
  const request: RerunRequest = { step: 'first', which: 'all', batch: job.batch };
  await rerun(request);
  await rerun(request);
  await admin.drain();
  expect(admin.calls).toEqual(['first']);
  expect(await admin.jobOf(job)).toMatchObject({ run: 1 });
});

test('asked for again while the first is under way, it leaves the image alone and says so', async () => {
  const job = await admin.finished(ownBatch());
  await rerun({ step: 'second', which: 'all', batch: job.batch });
  await admin.pump('second');
  const { plans, skipped } = await rerun({ step: 'second', which: 'all', batch: job.batch });
  expect(plans).toEqual([]);
  expect(skipped).toMatchObject([{ job: job.id, skipped: { code: 'UnderWay' } }]);
});

test('an image that is stuck under way is done again when it is named', async () => {
  const job = await admin.dropped(ownBatch());
  await admin.pump('first');
  await admin.take('second');
  await rerun({ which: 'missing', image: job.id });
  await admin.drain();
  expect(admin.rows.get(job.id)).toMatchObject({ run: 1, steps: { first: { state: 'done' } } });
  expect(admin.calls).toEqual(['first', 'second', 'third', 'apart']);
});

test('two reruns of different steps at once are both in the row, in either order', async () => {
  for (const order of [
    ['first', 'apart'],
    ['apart', 'first'],
  ]) {
    const job = await admin.finished(ownBatch());
    for (const step of order) await rerun({ step, which: 'all', batch: job.batch });
    // The first goes all the way before the second begins.
    await admin.pump(order[0] ?? '');
    await admin.pump('pipelineoutput');
    await admin.drain();
    expect(admin.rows.get(job.id)?.outputs).toMatchObject({ first: { run: 1 }, apart: { run: 1 } });
  }
});

test('an unknown step is refused with the names of those that exist', async () => {
  await expect(planned({ step: 'orc', which: 'all' })).rejects.toThrow(/no step "orc".*first, second/);
});

test('an outage during the rerun delays it and loses nothing of the earlier run', async () => {
  const job = await admin.finished(ownBatch());
  let away = 2;
  admin.behaviour.second = async () => {
    if (away-- > 0) throw new OutageError('Away.');
    return { again: true };
  };
  await rerun({ step: 'second', which: 'all', batch: job.batch });
  await admin.drain();
  expect(admin.rows.get(job.id)?.outputs).toMatchObject({ first: { run: 0 }, second: { again: true } });
});

describe('a rejected image', () => {
  const small = { MAX_IMAGE_PIXELS: '2500' };

  test('is looked at again, and goes through every step once the limit that refused it is raised', async () => {
    const strict = await openAdmin(emulator, small);
    const batch = ownBatch();
    const job = await strict.finished(batch);
    expect(strict.rows.get(job.id)).toMatchObject({ end: 'rejected' });
    expect((await planned({ which: 'failed', batch })).plans).toEqual([]);
    await rerun({ which: 'all', batch });
    await admin.drain();
    expect(admin.rows.get(job.id)).toMatchObject({
      run: 1,
      steps: { first: { state: 'done' }, third: { state: 'done' } },
    });
    expect(admin.rows.get(job.id)?.end).toBeUndefined();
    const after = await admin.jobOf(job);
    expect(after.end).toBeUndefined();
    expect(after.image).toMatchObject({ contentType: 'image/jpeg' });
  });

  test('stays rejected, in a row of the new run, while it does not pass', async () => {
    const strict = await openAdmin(emulator, small);
    const job = await strict.finished(ownBatch());
    for await (const plan of planRerun({ which: 'all', batch: job.batch }, strict)) {
      if ('text' in plan) await sendRerun(plan, strict);
    }
    await strict.drain();
    expect(strict.rows.get(job.id)).toMatchObject({
      run: 1,
      end: 'rejected',
      steps: { first: { state: 'skipped', error: { code: 'ImageTooManyPixels' } } },
    });
    expect(strict.calls).toEqual([]);
  });
});

describe('never more than was asked for', () => {
  test('a rejected image is done again through the pipeline it was submitted with, and no other step', async () => {
    // As a host that was started before the step was built has it: the row says the default pipeline, nobody asked for.
    const old = await openAdmin(emulator, { PIPELINE_DEFINITION: 'first,pipelineoutput' });
    const batch = ownBatch();
    const job = await old.finished(batch, { pipeline: 'built' });
    expect(old.rows.get(job.id)).toMatchObject({ end: 'rejected' });
    expect((await planned({ which: 'all', batch })).skipped).toMatchObject([
      { skipped: { code: 'BadPipeline', message: /no step "built"/ } },
    ]);
    const other = await old.finished(batch, { pipeline: 'apart,print' });
    expect(old.rows.get(other.id)).toMatchObject({ end: 'rejected' });
    const again = await old.finished(batch, { pipeline: ' extra , second' });
    const { plans, skipped } = await planned({ which: 'all', batch });
    expect(plans).toEqual([]);
    expect(skipped.map(({ job: id }) => id).sort()).toEqual([job.id, other.id, again.id].sort());
  });

  test('a rejected image is done again by what it was submitted for, once the limit is raised', async () => {
    const strict = await openAdmin(emulator, { MAX_IMAGE_PIXELS: '2500' });
    const job = await strict.finished(ownBatch(), { pipeline: 'apart' });
    expect(strict.rows.get(job.id)).toMatchObject({ end: 'rejected' });
    const { plans } = await rerun({ which: 'all', image: job.id });
    expect(plans).toMatchObject([{ steps: ['apart'], added: [], biometric: [] }]);
    await admin.drain();
    expect(admin.calls).toEqual(['apart']);
    expect((await admin.jobOf(job)).pipeline).toEqual(['apart', 'pipelineoutput']);
  });

  test('a biometric step is added only where somebody said yes, and nothing is written down of what was refused', async () => {
    const job = await admin.finished(ownBatch());
    const entries: unknown[] = [];
    const deps = { ...admin, audit: { record: async (entry: unknown) => void entries.push(entry) } };
    const asked = { step: 'print', which: 'all', image: job.id } as const;
    const told = [];
    for await (const one of carryOut(asked, 'A. Person', deps as never)) told.push(one);
    expect(told).toMatchObject([{ skipped: { code: 'BiometricNotConfirmed' } }]);
    expect(entries).toEqual([]);
    await admin.drain();
    expect(admin.calls).toEqual([]);
    for await (const one of carryOut({ ...asked, biometric: true }, 'A. Person', deps as never))
      told.push(one);
    expect(told.at(-1)).toMatchObject({ added: ['extra', 'print'], biometric: ['print'] });
    expect(entries).toMatchObject([{ action: 'image.rerun', detail: { biometric: true } }]);
    await admin.drain();
    expect(admin.calls).toEqual(['extra', 'print']);
    // Once it is the image's own it is done again like any other.
    for await (const one of carryOut(asked, 'A. Person', deps as never)) told.push(one);
    expect(told.at(-1)).toMatchObject({ steps: ['print'], added: [] });
    await admin.drain();
  });
});

test('an image that was deleted is left alone, with the reason', async () => {
  const batch = ownBatch();
  const job = await admin.dropped(batch);
  admin.behaviour.first = async ({ image }) => image.bytes();
  await admin.storage.blobs.delete(containers.input, job.name);
  await admin.drain();
  const { plans, skipped } = await planned({ which: 'all', batch });
  expect(plans).toEqual([]);
  expect(skipped).toMatchObject([{ skipped: { code: 'Gone', message: expect.stringMatching(/deleted/) } }]);
  await admin.drop(job.name, await jpeg());
});

test('while the second of two reruns of one run is under way, page, why and status say so alike', async () => {
  const job = await admin.finished(ownBatch());
  const [one, other] = [
    await planned({ step: 'first', which: 'all', image: job.id }),
    await planned({ step: 'apart', which: 'all', image: job.id }),
  ];
  for (const { plans } of [one, other]) for (const plan of plans) await sendRerun(plan, admin);
  expect([...one.plans, ...other.plans].map(({ run }) => run)).toEqual([1, 1]);
  await admin.pump('first');
  while (await admin.pump('pipelineoutput'));
  await admin.pump('apart');

  const results = async () => ({ get: async () => undefined });
  const page = await getImage({ app: { ...admin, results }, params: { id: job.id } } as never);
  expect(page).toMatchObject({ underWay: true });
  expect(await explainImage(job.id, admin)).toMatchObject({ state: 'queued', step: 'pipelineoutput' });
  expect(await batchStatuses(admin, job.batch)).toMatchObject([
    { running: { pipelineoutput: 1 }, finished: {} },
  ]);
  await admin.drain();
  expect(await batchStatuses(admin, job.batch)).toMatchObject([{ running: {}, finished: { done: 1 } }]);
});
