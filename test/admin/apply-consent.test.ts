import { describe, expect, test } from 'vitest';
import { applyConsent, applyPending } from '../../src/admin/apply-consent.ts';
import { silentLog } from '../../src/domain/ports.ts';

/** What is asked of the journal, the rows and the steps, over parts that answer as the test says. */
function world(
  jobs: readonly { id: string; consent?: object }[],
  {
    conflicts = {} as Record<string, number>,
    said = (): string => 'now',
    gone = [] as readonly string[],
    meanwhile = (_: string) => {},
    settings = [] as readonly object[],
  } = {},
) {
  const calls: string[] = [];
  const tries = new Map<string, number>();
  const entry = (id: string) => ({ job: { batchId: 'b', ...jobs.find((one) => one.id === id) }, etag: id });
  const journal = {
    async *sources() {
      yield* jobs;
    },
    async *jobs() {
      yield* jobs.map((job) => ({ batchId: 'b', ...job }));
    },
    read: async (_: string, id: string) => (gone.includes(id) ? undefined : entry(id)),
    update: async ({ etag: id }: { etag: string }, { consent }: { consent: object }) => {
      const times = (tries.get(id) ?? 0) + 1;
      tries.set(id, times);
      if (times <= (conflicts[id] ?? 0)) return undefined;
      calls.push(`stamp ${id} ${JSON.stringify(consent)}`);
      meanwhile(id);
      return {};
    },
  };
  const step = (name: string) => ({
    withdraw: async ({ job, output }: { job: { id: string; parameters: unknown }; output: unknown }) =>
      void calls.push(`withdraw ${name} ${job.id} ${job.parameters} ${output}`),
  });
  const steps: Record<string, object> = { ocr: {}, facematch: step('facematch') };
  const deps = {
    batches: {
      get: async () => ({ at: said() }),
      reopen: async () => void calls.push('reopen'),
      applied: async () => void calls.push('applied'),
      async *list() {
        yield* settings;
      },
    },
    journal,
    registry: { names: Object.keys(steps), get: (name: string) => steps[name], keepSuggestions: 'kept' },
    results: async () => ({
      applyConsent: async (batch: string, _: object, { refused, keepSuggestions }: Record<string, unknown>) =>
        void calls.push(`rows ${batch} ${refused} ${keepSuggestions}`),
    }),
    settings: {},
  } as never;
  return { deps, calls, tries };
}
const { signal } = new AbortController();
const setting = (consent: object) => ({ batchId: 'b', at: 'now', consent, pending: true }) as never;

describe('what is said of a batch', () => {
  test('is brought to its rows, then to each job; where it may not be matched, each job’s faces go first', async () => {
    const said = { doNotMatch: true };
    const refusing = { doNotMatch: true, refused: true };
    const { deps, calls } = world([
      { id: 'one' },
      { id: 'two', consent: refusing },
      { id: 'three', consent: said },
    ]);
    expect(await applyConsent(setting(said), deps, signal)).toEqual({ jobs: 3, complete: true });
    expect(calls).toEqual([
      'rows b two kept',
      'withdraw facematch one undefined undefined',
      'stamp one {"doNotMatch":true}',
      'withdraw facematch two undefined undefined',
      'withdraw facematch three undefined undefined',
      'applied',
    ]);
  });

  test('takes no faces back where it may be matched, but for a photograph that forbids it by itself', async () => {
    const own = { doNotMatch: true, refused: true, purpose: 'old' };
    const { deps, calls } = world([{ id: 'one', consent: own }]);
    await applyConsent(setting({ doNotMatch: false, purpose: 'new' }), deps, signal);
    expect(calls).toEqual([
      'rows b one kept',
      'stamp one {"doNotMatch":true,"purpose":"new","refused":true}',
      'applied',
    ]);
  });

  test.each([
    [9, true],
    [10, false],
  ])(
    'is tried ten times over a job that others write to: after %i conflicts it is through: %s',
    async (conflicts, complete) => {
      const { deps, calls, tries } = world([{ id: 'busy' }, { id: 'two' }], {
        conflicts: { busy: conflicts },
      });
      expect(await applyConsent(setting({ doNotMatch: false }), deps, signal)).toEqual({
        jobs: complete ? 2 : 1,
        complete,
      });
      expect(tries.get('busy')).toBe(10);
      // What is left of it stays to be done.
      expect(calls.includes('applied')).toBe(complete);
    },
  );

  test('is nothing to a job that is no more', async () => {
    const { deps, tries } = world([{ id: 'gone' }], { gone: ['gone'] });
    expect(await applyConsent(setting({ doNotMatch: false }), deps, signal)).toEqual({
      jobs: 1,
      complete: true,
    });
    expect(tries.size).toBe(0);
  });

  test('gives way to what is said after it, which begins anew, and stops at the signal', async () => {
    let at = 'now';
    const later = world([{ id: 'one' }, { id: 'two' }], {
      said: () => at,
      meanwhile: () => {
        at = 'later';
      },
    });
    expect(await applyConsent(setting({ doNotMatch: false }), later.deps, signal)).toEqual({
      jobs: 1,
      complete: false,
    });
    expect(later.calls.at(-1)).toBe('reopen');
    expect(later.calls).not.toContain('applied');
    const stop = new AbortController();
    const stopped = world([{ id: 'one' }, { id: 'two' }], { meanwhile: () => stop.abort() });
    const done = await applyConsent(setting({ doNotMatch: false }), stopped.deps, stop.signal);
    expect(done).toEqual({ jobs: 1, complete: false });
    expect(stopped.calls).toHaveLength(2);
  });

  test('and was cut short is gone on with, batch by batch, and what is done is left alone', async () => {
    const consent = { doNotMatch: false };
    const settings = [
      { batchId: 'a', at: 'now', consent, pending: false },
      { batchId: 'b', at: 'now', consent, pending: true },
      { batchId: 'c', at: 'now', consent, pending: true },
    ];
    const told: unknown[] = [];
    const log = { ...silentLog, info: (event: string, fields?: object) => void told.push([event, fields]) };
    const { deps, calls } = world([], { settings });
    await applyPending(deps, signal, log);
    expect(calls).toEqual(['rows b  kept', 'applied', 'rows c  kept', 'applied']);
    expect(told).toEqual(Array(2).fill(['consent.applied', { jobs: 0, complete: true }]));
    calls.length = 0;
    await applyPending(deps, AbortSignal.abort(), log);
    expect(calls).toEqual([]);
  });
});
