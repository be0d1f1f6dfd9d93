import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ContractError } from '../../../src/domain/errors.ts';
import type { Job, StepRecord } from '../../../src/domain/job.ts';
import { jobIdOf } from '../../../src/domain/job-id.ts';
import { silentLog } from '../../../src/domain/ports.ts';
import { readSettings } from '../../../src/domain/settings.ts';
import type { AnyStep } from '../../../src/domain/step.ts';
import { Admission } from '../../../src/pipeline/admission/admission.ts';
import { pipelineAskedIn, pipelineNamedIn } from '../../../src/pipeline/admission/asked-pipeline.ts';
import { Registry } from '../../../src/pipeline/definition/registry.ts';
import type { JobChange } from '../../../src/pipeline/journal/journal-row.ts';
import { parseMessage } from '../../../src/pipeline/message/message.ts';
import { RecentContents } from '../../../src/storage/recent-contents.ts';
import { jpeg, noise } from '../../support/images.ts';

/** How an image becomes a job, with storage and journal in memory: what is done, and in which order. */
const NOW = Date.parse('2026-01-01T00:00:00.000Z');
const picture = await jpeg(noise(96, 64));
const step = (name: string, needs: string[] = []): AnyStep => ({
  ...{ name, needs, schema: z.unknown(), summary: 'For the test.', run: async () => ({}) },
});
const registry = new Registry([step('one'), step('two', ['one']), step('pipelineoutput')]);
const settings = readSettings({ PIPELINE_DEFINITION: 'one,two,pipelineoutput' });
const whole = ['one', 'two', 'pipelineoutput'];
const NAME = 'b/a.jpg';
const HERE = `https://x/inputimages/${NAME}`;
const ID = jobIdOf('inputimages', NAME, 'e');
const record = (more: Partial<StepRecord> = {}): StepRecord => ({
  ...{ state: 'done', run: 0, seq: 0, at: '', attempts: 1 },
  ...more,
});

function world({
  row = undefined as Job | undefined,
  metadata = {},
  bytes = picture,
  isThere = true,
  tombstones = [] as boolean[],
  claim = undefined as 'again' | 'taken' | undefined,
  wins = true,
  consent = undefined as object | undefined,
} = {}) {
  const calls: string[] = [];
  const sent: ReturnType<typeof parseMessage>[] = [];
  const state = { row, changes: [] as object[], fetched: 0 };
  const note = (call: string) => void calls.push(call);
  const blobs = {
    recent: new RecentContents(),
    head: async (container: string) => (isThere && container === 'inputimages' ? { etag: 'e' } : undefined),
    read: async (_: string, __: string, { ifMatch }: { ifMatch?: string }) => {
      note(`look at ${ifMatch}`);
      return !isThere ? undefined : { bytes, metadata, etag: ifMatch };
    },
    write: async (container: string) => {
      note(`write ${container}`);
      return 'copied';
    },
    url: (container: string, name: string) => `https://x/${container}/${name}`,
    nameIn: (container: string, url: string) =>
      url.startsWith(`https://x/${container}/`) ? url.slice(`https://x/${container}/`.length) : undefined,
    async *list() {},
  };
  const journal = {
    read: async () => {
      const { row: now } = state;
      return now && { job: now, etag: 'r' };
    },
    claim: async (id: string, batch: string) => {
      note(`claim ${id === ID ? 'ID' : id} ${batch}`);
      return claim ?? (row ? 'again' : 'new');
    },
    insert: async (job: Job) => {
      note('insert');
      if (wins) state.row = job;
    },
    update: async ({ job }: { job: Job }, change: JobChange) => {
      note(change.sent ? 'mark' : 'change');
      state.row = { ...job, ...change } as Job;
      return { job: state.row, etag: 's' };
    },
    reexamined: async (_: object, found: object) => {
      note('reexamined');
      state.changes.push(found);
      return wins;
    },
    tombstones: { has: async () => tombstones.shift() ?? false },
    links: { remove: async () => {}, noteMentions: async () => {} },
    remove: async () => note('remove'),
  };
  const admission = new Admission({
    storage: {
      blobs,
      queues: {
        send: async (queue: string, text: string) => {
          note(`send ${queue}`);
          sent.push(parseMessage(text));
        },
      },
    },
    claimCheck: {
      inlineOrStore: async (_: string, slot: string, value: unknown) =>
        slot === 'image_parameters' ? { kept: value } : value,
      encode: async (_: string, message: object) => JSON.stringify(message),
    },
    ...{ journal, registry, settings, clock: () => NOW },
    batches: { get: async () => consent && { consent } },
    fetchImage: async () => {
      state.fetched += 1;
      return picture;
    },
  } as never);
  return { admission, calls, sent, state };
}
const log = silentLog;
const known = (more: Partial<Job> = {}): Job => ({
  ...{
    id: ID,
    batchId: 'b',
    imageUrl: HERE,
    source: { container: 'inputimages', name: NAME, etag: 'e' },
    steps: {},
  },
  ...{ pipeline: whole, run: 0, seq: 0, sent: false, admittedAt: '' },
  ...more,
});
const said = (more: object = {}, definition: object = {}) =>
  parseMessage({
    job_definition: { id: 'j', batch_id: 'b', input: { image_url: HERE }, ...definition },
    ...more,
  });
const thrown = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error as ContractError,
  );

describe('a blob', () => {
  const anew = [`claim ID b`, 'look at e', 'insert', 'send one', 'mark'];

  test('is claimed, looked at, written down, and then its first message sent and marked as sent', async () => {
    const { admission, calls, sent, state } = world();
    await admission.admitBlob(NAME, 'e', log);
    expect(calls).toEqual(anew);
    expect(state.row).toMatchObject({
      ...{ id: ID, batchId: 'b', imageUrl: HERE, pipeline: whole, run: 0, seq: 0, sent: true, steps: {} },
      ...{ source: { container: 'inputimages', name: NAME, etag: 'e' }, image: { width: 96, height: 64 } },
      admittedAt: new Date(NOW).toISOString(),
    });
    for (const absent of ['parameters', 'consent', 'end']) expect(state.row).not.toHaveProperty(absent);
    expect(sent).toMatchObject([{ job_definition: { id: ID, batch_id: 'b', processing_step: 0 }, run: 0 }]);
  });

  test('of which the event names no version is the one that is there; where none is, there is nothing to do', async () => {
    const current = world();
    await current.admission.admitBlob(NAME, undefined, log);
    expect(current.calls).toEqual(anew);
    const gone = world({ isThere: false });
    await gone.admission.admitBlob(NAME, undefined, log);
    expect(gone.calls).toEqual([]);
    await gone.admission.admitBlob(NAME, 'e', log);
    expect(gone.state.row?.end?.kind).toBe('gone');
    expect(gone.calls.slice(-2)).toEqual(['send pipelineoutput', 'mark']);
  });

  test('goes on where an earlier try of its admission ended', async () => {
    // Whoever erases it has seen it: nothing is looked at any more.
    const done = world({ row: known({ sent: true }), tombstones: [true] });
    await done.admission.admitBlob(NAME, 'e', log);
    const begun = world({ row: known() });
    await begun.admission.admitBlob(NAME, 'e', log);
    const underWay = world({ row: known({ steps: { one: record() } }) });
    await underWay.admission.admitBlob(NAME, 'e', log);
    const rerun = world({ row: known({ run: 1 }) });
    await rerun.admission.admitBlob(NAME, 'e', log);
    const claimed = world({ claim: 'again' });
    await claimed.admission.admitBlob(NAME, 'e', log);
    const sent = world({ row: known({ sent: true }) });
    await sent.admission.admitBlob(NAME, 'e', log);
    expect([done.calls, begun.calls, underWay.calls, rerun.calls, claimed.calls, sent.calls]).toEqual([
      [],
      ['claim ID b', 'send one', 'mark'],
      ['claim ID b', 'mark'],
      ['claim ID b', 'mark'],
      anew,
      ['claim ID b'],
    ]);
    const faster = world({ wins: false });
    // Another delivery has written it, and sent its message.
    const reads: (Job | undefined)[] = [known({ sent: true })];
    Object.defineProperty(faster.state, 'row', { get: () => reads.shift(), set: () => {} });
    await faster.admission.admitBlob(NAME, 'e', log);
    expect(faster.calls).toEqual(['claim ID b', 'look at e', 'insert']);
  });

  test('that is erased is not admitted, and what there is of it goes: before, or while it is written', async () => {
    const before = world({ tombstones: [true] });
    await before.admission.admitBlob(NAME, 'e', log);
    expect(before.calls).toEqual(['remove']);
    const meanwhile = world({ tombstones: [false, true] });
    await meanwhile.admission.admitBlob(NAME, 'e', log);
    expect(meanwhile.calls).toEqual(['claim ID b', 'look at e', 'insert', 'remove']);
    const again = world({ row: known(), tombstones: [false, true] });
    await again.admission.admitBlob(NAME, 'e', log);
    expect(again.calls, 'asked once of one that was there').toEqual([...['claim ID b', 'send one', 'mark']]);
  });

  test('says its pipeline in its metadata; a wrong one ends it, with its name', async () => {
    const asks = world({ metadata: { pipeline: 'one' } });
    await asks.admission.admitBlob(NAME, 'e', log);
    expect(asks.state.row?.pipeline).toEqual(['one', 'pipelineoutput']);
    const wrong = world({ metadata: { pipeline: 'two' } });
    await wrong.admission.admitBlob(NAME, 'e', log);
    expect(wrong.state.row?.end).toMatchObject({ kind: 'rejected', reason: { code: 'BadPipeline' } });
    expect(wrong.state.row?.pipeline).toEqual(whole);
  });

  test('can be refused unseen', async () => {
    const reason = { code: 'ProcessDied', message: 'x' };
    const { admission, calls, state } = world();
    await admission.refuseBlob(NAME, 'e', reason, log);
    expect(calls).toEqual(['claim ID b', 'insert', 'send pipelineoutput', 'mark']);
    expect(state.row?.end).toEqual({ kind: 'rejected', reason });
  });

  test('whose id another batch has is refused; a row that vanishes is told of', async () => {
    const taken = world({ claim: 'taken' });
    expect(await thrown(taken.admission.admitBlob(NAME, 'e', log))).toMatchObject({ code: 'JobIdTaken' });
    expect(taken.calls).toEqual(['claim ID b']);
    const lost = world({ wins: false });
    expect(String(await thrown(lost.admission.admitBlob(NAME, 'e', log)))).toContain('vanished');
  });
});

describe('a message', () => {
  test('is a job of its own, whose first message has been sent: with what it brings, and on which terms', async () => {
    const { admission, calls, sent, state } = world({
      metadata: { pipeline: 'one' },
      consent: { doNotMatch: true },
    });
    const message = said(
      { run: 2, seq: 3, job_output: { one: 1, two: 2 } },
      {
        ...{ processing_step: 1, processing_pipeline: ['one', 'two'], image_parameters: { a: 1 } },
        consent: { purpose: 'p' },
      },
    );
    const { job } = await admission.admitMessage(message, log);
    expect(calls).toEqual(['claim j b', 'look at e', 'insert']);
    expect(job).toMatchObject({
      ...{
        id: 'j',
        batchId: 'b',
        pipeline: whole,
        run: 2,
        seq: 3,
        sent: true,
        parameters: { kept: { a: 1 } },
      },
      consent: { purpose: 'p', doNotMatch: true },
    });
    expect(Object.keys(job.steps), 'what lies behind it').toEqual(['one']);
    expect(job).not.toHaveProperty('erasedAt');
    expect([sent, state.fetched]).toEqual([[], 0]);
  });

  test('of an erased job is answered so, and leaves nothing', async () => {
    const { admission, calls } = world({ tombstones: [true] });
    expect((await admission.admitMessage(said(), log)).job.erasedAt).toBe(new Date(NOW).toISOString());
    expect(calls.at(-1)).toBe('remove');
  });

  test('may name an image of another host, which is copied in, or one that is not there', async () => {
    const foreign = world();
    const { job } = await foreign.admission.admitMessage(
      said({}, { input: { image_url: 'https://a.example/1.jpg' } }),
      log,
    );
    expect(job.source).toEqual({ container: 'renditions', name: 'j.original', etag: 'copied' });
    expect(foreign.state.fetched).toBe(1);
    expect(foreign.calls.slice(0, 2), 'before anything is written under its name').toEqual([
      ...['claim j b', 'write renditions'],
    ]);
    const gone = world({ isThere: false });
    const { job: without } = await gone.admission.admitMessage(said(), log);
    expect(without).toMatchObject({ source: { name: NAME, etag: '' }, end: { kind: 'gone' } });
  });

  test('puts no photograph among those of an enquiry, but for one in its folder', async () => {
    const codeOf = async (batch: string, name: string) => {
      const input = { image_url: `https://x/inputimages/${name}` };
      return (await thrown(world().admission.admitMessage(said({}, { batch_id: batch, input }), log)))?.code;
    };
    expect(await codeOf('_enquiry/x', 'b/a.jpg')).toBe('BatchReserved');
    expect(await codeOf('b', '_enquiry/x/a.jpg')).toBeUndefined();
    expect(await codeOf('_enquiry/x', '_enquiry/x/a.jpg')).toBeUndefined();
    const outside = said({}, { batch_id: '_enquiry/x', input: { image_url: 'https://a.example/1.jpg' } });
    expect((await thrown(world().admission.admitMessage(outside, log)))?.code).toBe('BatchReserved');
  });

  test('asks for a pipeline that can be run, or for that of the setting', () => {
    const deps = { registry, settings };
    expect(pipelineAskedIn(said(), new Set(), deps)).toEqual(whole);
    expect(pipelineAskedIn(said({}, { processing_pipeline: ['one'] }), new Set(), deps)).toEqual([
      'one',
      'pipelineoutput',
    ]);
    const two = said({}, { processing_pipeline: ['two'] });
    expect(() => pipelineAskedIn(two, new Set(), deps)).toThrow(ContractError);
    expect(pipelineAskedIn(two, new Set(['one']), deps)).toEqual(['two', 'pipelineoutput']);
    expect(pipelineNamedIn(' one , two', registry)).toEqual({ pipeline: whole });
    expect(pipelineNamedIn('none,two', registry)).toMatchObject({
      end: {
        kind: 'rejected',
        reason: { code: 'BadPipeline', message: expect.stringMatching(/"pipeline" of the blob: .* Also, /) },
      },
    });
  });
});

describe('a rejected image that is looked at again', () => {
  const rejected = known({ end: { kind: 'rejected', reason: { code: 'X', message: 'x' } } });
  const again = async (more: Parameters<typeof world>[0] = {}, source = rejected.source) => {
    const w = world({ row: rejected, ...more });
    const entry = await w.admission.reexamine(
      { job: { ...rejected, source }, etag: 'r' },
      said({ run: 1 }),
      log,
    );
    return {
      ...w,
      entry,
      change: w.state.changes[0] as {
        end?: { kind: string; reason: object };
        image?: object;
        source: object;
      },
    };
  };

  test('is whatever it is seen to be now, at the place where it was, or where it was fetched to', async () => {
    const fine = await again();
    expect(fine.change).toMatchObject({ image: { width: 96 }, source: rejected.source });
    expect(fine.change).not.toHaveProperty('end');
    expect(fine.entry.job).toBe(rejected);
    expect((await again({ bytes: Buffer.from('none') })).change.end?.kind).toBe('rejected');
    expect((await again({ metadata: { pipeline: 'one' } })).change).toHaveProperty('image');
    const wrong = await again({ metadata: { pipeline: 'two' } });
    expect(wrong.change).toMatchObject({ end: { reason: { code: 'BadPipeline' } } });
    expect(wrong.change).not.toHaveProperty('image');
    const foreign = await again({}, { container: 'renditions', name: 'j.original', etag: '' });
    expect(foreign.state.fetched).toBe(1);
    expect(foreign.change.source).toMatchObject({ etag: 'copied' });
  });

  test('is what its row has become, or was', async () => {
    expect((await again({ wins: false })).entry).toEqual({ job: rejected, etag: 'r' });
    const w = world();
    const entry = { job: rejected, etag: 'r' };
    expect(await w.admission.reexamine(entry, said({ run: 1 }), log)).toBe(entry);
  });
});
