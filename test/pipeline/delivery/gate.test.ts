import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ContractError } from '../../../src/domain/errors.ts';
import type { Job, StepRecord } from '../../../src/domain/job.ts';
import { readSettings } from '../../../src/domain/settings.ts';
import type { AnyStep } from '../../../src/domain/step.ts';
import { Registry } from '../../../src/pipeline/definition/registry.ts';
import { isStale, pipelineOf } from '../../../src/pipeline/delivery/gate.ts';
import { parseMessage } from '../../../src/pipeline/message/message.ts';
import { openStorage } from '../../../src/storage/account.ts';

const step = (name: string, needs: string[] = []): AnyStep => ({
  ...{ name, needs, schema: z.unknown(), summary: 'For the test.' },
  run: async () => ({}),
});
const registry = new Registry([step('one'), step('two', ['one']), step('three'), step('pipelineoutput')]);
const settings = readSettings({
  PIPELINE_DEFINITION: 'one,two,pipelineoutput',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
});
const storage = await openStorage(settings);
const deps = { registry, settings, storage };
const here = 'http://127.0.0.1:10000/devstoreaccount1/inputimages/b/a%20b.jpg';

const message = (definition: object = {}, more: object = {}) =>
  parseMessage({ job_definition: { id: 'j', input: { image_url: here }, ...definition }, ...more });
const job = (more: Partial<Job> = {}): Job => ({
  ...{ id: 'j', batchId: 'b', imageUrl: here, run: 1, seq: 0, sent: true, admittedAt: '', steps: {} },
  source: { container: 'inputimages', name: 'b/a b.jpg', etag: 'e' },
  pipeline: ['one', 'pipelineoutput'],
  ...more,
});
const record = (more: Partial<StepRecord> = {}): StepRecord => ({
  ...{ state: 'done', run: 1, seq: 2, at: '', attempts: 1 },
  ...more,
});
function refusal(work: () => unknown): { code: string; message: string } | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return { code: error.code, message: error.message };
  }
}
const codeOf = (...given: Parameters<typeof pipelineOf>) => refusal(() => pipelineOf(...given))?.code;

describe('the pipeline of a message', () => {
  test('is its own where it has no job, completed with the last step; of one that has none, that of the setting', () => {
    expect(pipelineOf(message({ processing_pipeline: ['three'] }), 'three', undefined, deps)).toEqual([
      'three',
      'pipelineoutput',
    ]);
    expect(pipelineOf(message({ processing_step: 1 }), 'two', undefined, deps)).toEqual([
      'one',
      'two',
      'pipelineoutput',
    ]);
  });

  test('is that of its job, whether it says so or nothing, and whatever the setting has become', () => {
    const of = (definition: object, run: number) =>
      pipelineOf(message(definition, { run }), 'one', job(), deps);
    expect(of({}, 1)).toEqual(['one', 'pipelineoutput']);
    expect(of({ processing_pipeline: ['one', 'pipelineoutput'] }, 1)).toEqual(['one', 'pipelineoutput']);
    expect(of({ processing_pipeline: ['one'] }, 1)).toEqual(['one', 'pipelineoutput']);
    // A step that is no longer there is met when the job comes to it.
    const old = { pipeline: ['one', 'gone', 'pipelineoutput'] };
    const asked = message({ processing_pipeline: old.pipeline }, { run: 1 });
    expect(pipelineOf(asked, 'one', job(old), deps)).toEqual(old.pipeline);
    expect(of({}, 2), 'a newer run that says nothing').toEqual(['one', 'pipelineoutput']);
  });

  test('is another one only where a newer run brings one that can be run, what is recorded being there', () => {
    const brings = (asked: string[], run: number, steps = {}) =>
      codeOf(
        message({ processing_pipeline: asked }, { run }),
        asked[0] ?? '',
        job({ steps: steps as Job['steps'] }),
        deps,
      );
    expect(brings(['three'], 1)).toBe('OtherPipeline');
    expect(brings(['three'], 2)).toBeUndefined();
    expect(brings(['two'], 2)).toBe('BadPipeline');
    expect(brings(['two'], 2, { one: record() })).toBeUndefined();
    // One that is out of date is dropped later: what it asks for is not looked at.
    expect(brings(['two'], 0)).toBeUndefined();
  });
});

describe('a message is refused', () => {
  test('in the queue of a step at which it does not stand', () => {
    const at = (processing_step: number, queue: string) =>
      refusal(() => pipelineOf(message({ processing_step }), queue, undefined, deps));
    expect(at(0, 'one')).toBeUndefined();
    expect(at(0, 'two')).toMatchObject({
      code: 'WrongQueue',
      message: expect.stringMatching(/of its pipeline is "one"/),
    });
    expect(at(3, 'two')).toMatchObject({
      code: 'WrongQueue',
      message: expect.stringMatching(/is 3, but the pipeline has 3 steps/),
    });
  });

  test('with a step that there is none of, named', () => {
    const asked = (processing_pipeline: string[], queue: string) =>
      refusal(() => pipelineOf(message({ processing_pipeline }), queue, undefined, deps));
    expect(asked(['none', 'one'], 'one')).toMatchObject({
      code: 'BadPipeline',
      message: expect.stringMatching(/no step "none"/),
    });
    expect(asked(['three', 'one'], 'one')).toMatchObject({ code: 'WrongQueue' });
    // It stands where it says: what comes later is found when it gets there.
    expect(asked(['one', 'none'], 'one')).toBeUndefined();
  });

  test('about another image; our own blobs are the same under every address of the account', () => {
    const at = (image_url: string, more: Partial<Job> = {}) =>
      codeOf(message({ input: { image_url } }, { run: 1 }), 'one', job(more), deps);
    expect(at(here)).toBeUndefined();
    expect(at('http://127.0.0.1:10000/devstoreaccount1/inputimages/b/a b.jpg')).toBeUndefined();
    expect(at('http://127.0.0.1:10000/devstoreaccount1/inputimages/b/other.jpg')).toBe('OtherImage');
    const foreign = { imageUrl: 'https://a.example/1.jpg' };
    expect(at('https://a.example/1.jpg', foreign)).toBeUndefined();
    expect(at('https://a.example/2.jpg', foreign)).toBe('OtherImage');
    // A copy of a foreign image has its bytes elsewhere: the blob of that name is another one.
    const copied = { ...foreign, source: { container: 'renditions', name: 'b/a b.jpg', etag: 'e' } };
    expect(at(here, copied)).toBe('OtherImage');
  });
});

describe('a message is out of date', () => {
  test('of an older run, whatever is recorded; never of a newer one', () => {
    expect([0, 1, 2].map((run) => isStale(message({}, { run }), 'one', job()))).toEqual([true, false, false]);
    const ahead = job({ steps: { one: record({ run: 2, seq: 9 }) } });
    expect(isStale(message({}, { run: 2 }), 'one', ahead)).toBe(false);
  });

  test('put back again since, counted step by step', () => {
    const at = (seq: number, name = 'one', run = 1) =>
      isStale(message({}, { run: 1, seq }), name, job({ steps: { one: record({ run }) } }));
    expect([1, 2, 3].map((seq) => at(seq))).toEqual([true, false, false]);
    expect(at(0, 'three'), 'another step').toBe(false);
    expect(at(0, 'one', 0), 'what an earlier run recorded').toBe(false);
  });
});
