import { beforeEach, describe, expect, test } from 'vitest';
import { applyConsent, applyPending } from '../../src/admin/apply-consent.ts';
import { batchStatuses } from '../../src/admin/batch-status.ts';
import { changeBatch, outlookOf } from '../../src/admin/change-batch.ts';
import { clear } from '../../src/admin/clear.ts';
import { pauseStep, resumeStep } from '../../src/admin/pause.ts';
import { queueStandings } from '../../src/admin/queue-states.ts';
import { Censuses, takeCensus } from '../../src/admin/standing/census.ts';
import { OutageError, PermanentError } from '../../src/domain/errors.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { Registry } from '../../src/pipeline/definition/registry.ts';
import { containers, tables } from '../../src/storage/names.ts';
import { scene } from '../support/scene.ts';
import { openAdmin } from './support.ts';

const admin = await scene(openAdmin);
beforeEach(() => admin.reset());

const { signal } = new AbortController();
/** What the database was asked to do, which has tests of its own. */
let written: unknown[];
let withdrawn: string[];
let told: object[];
beforeEach(() => {
  written = [];
  withdrawn = [];
  told = [];
});
const parts = () => {
  const registry = new Registry(
    admin.registry.names.map((name) => ({
      ...admin.registry.get(name),
      ...(name === 'second' && {
        withdraw: async ({ job }: { job: { id: string } }) => {
          withdrawn.push(job.id);
        },
      }),
    })) as never,
  );
  const applied = async (batch: string, consent: object, { refused }: { refused: string[] }) => {
    written.push({ batch, consent, refused: [...refused].sort() });
  };
  return {
    ...admin,
    registry,
    results: async () => ({ applyConsent: applied }) as never,
    audit: {
      record: async (entry: object) => {
        told.push({ ...entry, said: (await admin.batches.get('told')) !== undefined });
        return undefined as never;
      },
    },
  };
};
const consentOf = async (job: { batch: string; id: string }) => (await admin.jobOf(job)).consent;

describe('what is said of a batch', () => {
  test('is written to its rows and jobs, and of no other batch; what was refused by its own message stays refused', async () => {
    const [one, refused] = [await admin.dropped('said'), await admin.dropped('said')];
    const other = await admin.dropped('unsaid');
    const entry = await admin.journal.read('said', refused.id);
    if (entry) await admin.journal.update(entry, { consent: { doNotMatch: true, refused: true } });
    const setting = await admin.batches.change('said', { purpose: 'reunion' }, 'ann');
    expect(setting.pending).toBe(true);
    expect(await applyConsent(setting, parts(), signal)).toEqual({ jobs: 2, complete: true });
    expect(await consentOf(one)).toEqual({ doNotMatch: false, purpose: 'reunion' });
    expect(await consentOf(refused)).toEqual({ doNotMatch: true, refused: true, purpose: 'reunion' });
    expect(await consentOf(other)).toBeUndefined();
    expect(written).toEqual([{ batch: 'said', consent: setting.consent, refused: [refused.id] }]);
    expect(withdrawn, 'it may be matched').toEqual([]);
    expect((await admin.batches.get('said'))?.pending).toBe(false);
    const { etag } = (await admin.journal.read('said', one.id)) ?? {};
    expect(await applyConsent(setting, parts(), signal)).toEqual({ jobs: 2, complete: true });
    expect((await admin.journal.read('said', one.id))?.etag, 'nothing to write').toBe(etag);
  });

  test('that it may not be matched takes its faces back, before the job says so', async () => {
    const [one, two] = [await admin.dropped('forbidden'), await admin.dropped('forbidden')];
    const setting = await admin.batches.change('forbidden', { doNotMatch: true }, 'ann');
    await applyConsent(setting, parts(), signal);
    expect(withdrawn.sort()).toEqual([one.id, two.id].sort());
    expect(await consentOf(one)).toEqual({ doNotMatch: true });
  });

  test('is not brought in line once something else is said, which is taken up again', async () => {
    const one = await admin.dropped('changed');
    const old = await admin.batches.change('changed', { purpose: 'old' }, 'ann');
    admin.advance(1);
    await admin.batches.change('changed', { purpose: 'new' }, 'ben');
    expect(await applyConsent(old, parts(), signal)).toEqual({ jobs: 0, complete: false });
    expect(await consentOf(one)).toBeUndefined();
    expect(await admin.batches.get('changed')).toMatchObject({ pending: true, consent: { purpose: 'new' } });
    await applyPending(parts(), AbortSignal.abort(), silentLog);
    expect(await consentOf(one)).toBeUndefined();
    await applyPending(parts(), signal, silentLog);
    expect(await consentOf(one)).toMatchObject({ purpose: 'new' });
    expect((await admin.batches.get('changed'))?.pending).toBe(false);
    written = [];
    await applyPending(parts(), signal, silentLog);
    expect(written, 'nothing is pending').toEqual([]);
  });

  test('stops at the signal, and stays pending', async () => {
    await admin.dropped('stopped');
    const setting = await admin.batches.change('stopped', { purpose: 'x' }, 'ann');
    expect(await applyConsent(setting, parts(), AbortSignal.abort())).toEqual({ jobs: 0, complete: false });
    expect((await admin.batches.get('stopped'))?.pending).toBe(true);
    await applyPending(parts(), signal, silentLog);
  });

  test('is written down before it is said: which fields, and of these only what tells nothing of anybody', async () => {
    const image = await admin.dropped('told');
    const change = { purpose: 'secret', doNotMatch: true, expires: '2030-01-01T00:00:00.000Z' };
    const changed = await changeBatch('told', change, 'ann', parts(), signal);
    expect(told).toEqual([
      {
        ...{ who: 'ann', action: 'batch.changed', about: [expect.stringMatching(/^batch:h/)], said: false },
        detail: {
          changed: ['purpose', 'doNotMatch', 'expires'],
          ...{ doNotMatch: true, expires: '2030-01-01T00:00:00.000Z' },
        },
      },
    ]);
    expect(changed).toMatchObject({ jobs: 1, setting: { by: 'ann', pending: false, consent: change } });
    expect(withdrawn).toEqual([image.id]);
    await changeBatch('told', { purpose: null }, 'ann', parts(), signal);
    expect(told[1]).toMatchObject({ detail: { changed: ['purpose'] } });
    expect(Object.keys((told[1] as { detail: object }).detail)).toEqual(['changed']);
    const stopped = await changeBatch('told', { purpose: 'y' }, 'ann', parts(), AbortSignal.abort());
    expect(stopped).toMatchObject({ jobs: 0, setting: { pending: true } });
    await applyPending(parts(), signal, silentLog);
  });

  test('is looked at beforehand: how many images, whether anything is known, whether it is over at once', async () => {
    const look = (batch: string, change = {}) => outlookOf(batch, change, admin);
    expect(await look('nowhere')).toEqual({ images: 0, isKnown: false, isExpired: false });
    await admin.dropped('outlook');
    await admin.dropped('outlook');
    expect(await look('outlook')).toEqual({ images: 2, isKnown: true, isExpired: false });
    await admin.drop('just/a.jpg', Buffer.from('x'));
    await admin.drop('just-other/b.jpg', Buffer.from('x'));
    await admin.drop('loose.jpg', Buffer.from('x'));
    expect(await look('just'), 'not admitted yet').toMatchObject({ images: 1, isKnown: true });
    expect(await look('default')).toMatchObject({ images: 1 });
    await admin.batches.change('empty', { purpose: 'x' }, 'ann');
    expect(await look('empty')).toMatchObject({ images: 0, isKnown: true });
    const expires = (ms: number) => ({ expires: new Date(admin.clock() + ms).toISOString() });
    expect(await look('x', expires(0))).toMatchObject({ isExpired: true });
    expect(await look('x', expires(1))).toMatchObject({ isExpired: false });
    expect(await look('x', { expires: null })).toMatchObject({ isExpired: false });
  });
});

describe('where a batch stands', () => {
  const of = async (batch: string) => (await batchStatuses(admin, batch))[0];
  const nothing = { waiting: 0, folderMarkers: 0, systemFiles: 0, running: {}, retrying: {}, finished: {} };

  test('is counted from the container, the journal and the dead letters', async () => {
    await admin.finished('standing');
    await admin.dropped('standing');
    const failed = await admin.dropped('standing');
    admin.behaviour.second = async ({ job }) => {
      if (job.id === failed.id) throw new PermanentError('BrokenImage', 'Broken.');
    };
    await admin.drain();
    await admin.dropped('standing');
    admin.behaviour.first = async () => {
      throw new Error('unforeseen');
    };
    await admin.dropped('standing');
    await admin.pump('first');
    for (const name of ['waits.jpg', '._hidden', '@eaDir/thumb.jpg'])
      await admin.drop(`standing/${name}`, Buffer.from('x'));
    await admin.drop('standing2/other.jpg', Buffer.from('x'));
    const error = { code: 'ContractError', message: '' };
    await admin.deadLetters.record({ queue: 'first', error, message: 'a', batchId: 'standing' });
    await admin.deadLetters.record({ queue: 'first', error, message: 'b' });
    expect(await of('standing')).toEqual({
      ...{ batch: 'standing', waiting: 1, folderMarkers: 0, systemFiles: 2 },
      ...{ running: { first: 2 }, retrying: { 'first UnexpectedError': 1 } },
      ...{ finished: { done: 2, partial: 1 }, failures: { 'second BrokenImage': 1 } },
      ...{ dead: { 'first ContractError': 1 }, countedAt: null },
    });
    const all = await batchStatuses(admin);
    const names = all.map(({ batch }) => batch);
    expect(names).toEqual([...names].sort());
    expect(all.find(({ batch }) => batch === 'standing2')).toMatchObject({ ...nothing, waiting: 1 });
    expect(all.find(({ batch }) => batch === '(no batch)')).toMatchObject({
      dead: { 'first ContractError': 1 },
    });
    expect(await of('nowhere')).toBeUndefined();
  });

  describe('in an archive too large to look through', () => {
    const statuses = [
      { batchId: 'large', status: 'done', images: 7 },
      { batchId: 'large', status: 'rejected', images: 2 },
      { batchId: 'since', status: 'done', images: 3 },
    ];
    const reasons = [
      { batchId: 'large', step: '', state: 'rejected', code: 'NotAnImage', images: 2 },
      { batchId: 'large', step: 'second', state: 'failed', code: 'BrokenImage', images: 1 },
    ];
    const within = <T extends { batchId: string }>(all: T[], only?: string) =>
      all.filter(({ batchId }) => (only ?? batchId) === batchId);
    const deps = {
      ...admin,
      results: async () => ({
        counts: {
          ends: async (only?: string) => ({
            statuses: within(statuses, only),
            reasons: within(reasons, only),
          }),
        },
      }),
    };
    const stands = async (batch?: string, most = 1) => batchStatuses(deps, batch, most);
    const large = async () => (await stands()).find(({ batch }) => batch === 'large');
    const rowsKept = async () => {
      const kept: string[] = [];
      for await (const { partitionKey } of admin.storage.tables.table(tables.reconcile).list())
        if (partitionKey.startsWith('census')) kept.push(partitionKey);
      return kept;
    };
    beforeEach(async () => {
      await new Censuses(admin.storage).forget();
      if ((await of('large')) !== undefined) return;
      await admin.finished('one');
      await admin.finished('large');
      await admin.dropped('large');
      admin.behaviour.first = async () => {
        throw new Error('unforeseen');
      };
      await admin.dropped('large');
      await admin.pump('first');
      await admin.pump('first');
      await admin.drop('large/waits.jpg', Buffer.from('x'));
    });

    test('without a census everything is looked at', async () => {
      expect(await large()).toEqual(await of('large'));
      expect(await rowsKept()).toEqual([]);
    });

    test('what is under way is told as counted, how images ended as it is now', async () => {
      const before = await of('large');
      expect(before).toMatchObject({ waiting: 1, running: { first: expect.any(Number) } });
      const tries = (await batchStatuses(admin)).flatMap(({ retrying }) => Object.entries(retrying));
      expect(await takeCensus(admin, signal, 1)).toBeGreaterThanOrEqual(3);
      const countedAt = new Date(admin.clock()).toISOString();
      const told = {
        ...before,
        ...{ countedAt, finished: { done: 7, rejected: 2 } },
        failures: { 'rejected NotAnImage': 2, 'second BrokenImage': 1 },
      };
      expect(await large()).toEqual(told);
      expect(await stands('large')).toEqual([told]);
      const since = (await stands()).find(({ batch }) => batch === 'since');
      expect(since, 'a batch that came later').toEqual({
        ...{ batch: 'since', ...nothing, finished: { done: 3 }, failures: {}, dead: {}, countedAt },
      });
      const [small] = await stands('one', 5);
      expect(small, 'a small batch is of now').toMatchObject({ finished: { done: 1 }, countedAt: null });
      const look = await queueStandings(admin);
      expect(look.every((queue) => queue.delayed_counted_at === countedAt)).toBe(true);
      const first = look.find(({ queue }) => queue === 'first');
      const ofFirst = tries.filter(([what]) => what.startsWith('first '));
      expect(first?.delayed).toBe(ofFirst.reduce((sum, [, images]) => sum + images, 0));
      // The database is away: the census tells that too.
      const away = async () => Promise.reject(new OutageError('away', { code: 'ResultStoreUnavailable' }));
      const [without] = await batchStatuses({ ...deps, results: away }, 'large', 1);
      expect(without).toEqual({ ...before, countedAt });
    });

    test('a later census takes the place of the one before, and what an interrupted one left; a small archive needs none', async () => {
      await takeCensus(admin, signal, 1);
      const before = await rowsKept();
      const rows = admin.storage.tables.table(tables.reconcile);
      await rows.upsert('census:2020-01-01T00:00:00.000Z', 'ghost', { batch: 'ghost', look: '{}' });
      expect((await stands()).map(({ batch }) => batch)).not.toContain('ghost');
      await rows.delete(before[1] ?? '', 'large');
      expect(await large(), 'of a census that is not whole nothing is told').toMatchObject({
        countedAt: null,
      });
      admin.advance(3_600_000);
      await takeCensus(admin, signal, 1);
      const after = await rowsKept();
      expect(after).toHaveLength(before.length);
      expect(after.filter((partition) => partition !== 'census').some((one) => before.includes(one))).toBe(
        false,
      );
      expect(await takeCensus(admin, signal)).toBeUndefined();
      expect(await rowsKept()).toEqual([]);
    });
  });

  test('of rejected images says why, and of those in no folder by the name default', async () => {
    await admin.drop('no-image.jpg', Buffer.from('no image'));
    expect(await of('default')).toMatchObject({ waiting: expect.any(Number) });
    await admin.reconciler.run(silentLog);
    await admin.drain();
    expect(await of('default')).toMatchObject({
      finished: { rejected: expect.any(Number) },
      failures: { 'rejected NotAnImage': expect.any(Number) },
      waiting: 0,
    });
  });
});

test('a pause is written down before it holds, once; so is its end', async () => {
  const { audit } = parts();
  const deps = { audit, pauses: admin.pauses };
  expect(await resumeStep('first', 'ann', deps)).toBeUndefined();
  expect(told).toEqual([]);
  expect(await pauseStep('first', 'repairs', 'ann', deps)).toBeUndefined();
  expect(await pauseStep('first', 'other', 'ben', deps)).toMatchObject({ by: 'ann', reason: 'repairs' });
  expect(told).toMatchObject([{ who: 'ann', action: 'step.paused', detail: { step: 'first' } }]);
  expect(await admin.pauses.list()).toHaveLength(1);
  expect(await resumeStep('second', 'ann', deps)).toBeUndefined();
  expect(await resumeStep('first', 'ben', deps)).toMatchObject({ by: 'ann', reason: 'repairs' });
  expect(told[1]).toMatchObject({ who: 'ben', action: 'step.resumed', detail: { step: 'first' } });
  expect(await admin.pauses.list()).toEqual([]);
  const fails = { record: () => Promise.reject(new Error('no audit')) };
  await expect(pauseStep('first', 'x', 'ann', { ...deps, audit: fails as never })).rejects.toThrow(
    'no audit',
  );
  expect(await admin.pauses.list(), 'not without being written down').toEqual([]);
});

describe('an instance that is emptied', () => {
  const result = (images: number) => {
    const calls: string[] = [];
    const results = async () =>
      ({
        batches: async () => [{ images }, { images: 1 }],
        clear: async () => {
          calls.push('results');
          return 7;
        },
      }) as never;
    return { calls, results };
  };

  test('is told to the audit first, and stays where that fails', async () => {
    await admin.dropped('kept');
    const { results, calls } = result(2);
    const audit = { record: () => Promise.reject(new Error('no audit')) } as never;
    const begun = () => calls.push('begun');
    await expect(clear('ann', { ...admin, results, audit }, signal, begun)).rejects.toThrow('no audit');
    expect(calls).toEqual([]);
    expect(await admin.depth('first')).toBe(1);
  });

  test('has nothing left but pauses, tombstones, receipts and which face lists are ours', async () => {
    await admin.finished('cleared');
    await admin.dropped('cleared');
    const { storage } = admin;
    await storage.blobs.write(containers.faces, 'x/1.jpg', Buffer.from('x'), 'image/jpeg');
    await admin.pauses.pause('first', 'ann', 'x');
    await admin.journal.tombstones.set('dead', 'e', 'x');
    const rows: [string, string][] = [
      [tables.erasures, 'erasure'],
      [tables.faceIndex, 'job:a'],
      [tables.faceIndex, 'list:b'],
      [tables.faceIndex, 'lists'],
    ];
    for (const [table, partition] of rows) await storage.tables.table(table).insert(partition, 'r', { a: 1 });
    const retracted: string[] = [];
    const registry = new Registry(
      admin.registry.names.map((name) => ({
        ...admin.registry.get(name),
        ...(name === 'second' && {
          retract: async ({ output }: { output: { from?: string } | undefined }) => {
            retracted.push(String(output?.from));
            // The images are gone already, so that nobody admits them again.
            for await (const _ of storage.blobs.list(containers.input)) expect.unreachable();
            if (output === undefined) throw new Error('cannot be taken back');
          },
        }),
      })) as never,
    );
    const { results, calls } = result(2);
    const { audit } = parts();
    const app = { ...admin, registry, results, audit };
    const cleared = await clear('ann', app, signal, () => calls.push('begun'));
    expect(told).toMatchObject([{ who: 'ann', action: 'instance.cleared', detail: { images: 3 } }]);
    expect(calls).toEqual(['begun', 'results']);
    expect(retracted).toContain('second');
    expect(cleared).toMatchObject({ results: 7, queues: 2 * (registry.names.length + 1) });
    expect(cleared.left.images).toBe(retracted.filter((from) => from === 'undefined').length);
    expect(String(cleared.left.why)).toContain('cannot be taken back');
    for (const container of Object.values(containers))
      for await (const { name } of storage.blobs.list(container)) expect.unreachable(name);
    const left: string[] = [];
    for (const table of Object.values(tables))
      for await (const { partitionKey } of storage.tables.table(table).list())
        left.push(`${table} ${partitionKey}`);
    expect(left.map((row) => row.split(' ')[0]).sort()).toEqual([
      'erasures',
      'faceindex',
      'pauses',
      'tombstones',
    ]);
    expect(left).toContain('faceindex lists');
    for (const queue of ['first', 'second']) expect(await admin.depth(queue)).toBe(0);
    expect(cleared.blobs).toBeGreaterThan(2);
    expect(cleared.rows).toBeGreaterThan(2);
    await admin.pauses.resume('first');
  });

  test('stops at the signal', async () => {
    await admin.dropped('stop');
    const { results, calls } = result(0);
    await expect(
      clear('ann', { ...admin, results, audit: parts().audit }, AbortSignal.abort()),
    ).rejects.toThrow();
    expect(calls).toEqual([]);
  });
});
