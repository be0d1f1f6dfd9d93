import { beforeEach, expect, test } from 'vitest';
import { UnavailableError } from '../../../src/domain/errors.ts';
import {
  barredBatches,
  barredFromSearch,
  currentConsent,
  expectMatching,
  requireMatching,
} from '../../../src/pipeline/admission/current-consent.ts';

const asked: string[] = [];
beforeEach(() => {
  asked.length = 0;
});
const batches = {
  get: async (batch: string) => {
    asked.push(batch);
    if (batch === 'open') return { consent: { doNotMatch: false, purpose: 'p' } };
    return batch === 'closed' ? { consent: { doNotMatch: true } } : undefined;
  },
} as never;
const job = (batchId: string, consent?: object) => ({ batchId, consent }) as never;

test('what holds is what is said of the batch, and where nothing is that of the message', async () => {
  const of = (batchId: string, consent?: object) => currentConsent(job(batchId, consent), { batches });
  expect(await of('closed')).toEqual({ doNotMatch: true });
  expect(await of('unsaid')).toBeUndefined();
  expect(await of('unsaid', { doNotMatch: true })).toEqual({ doNotMatch: true });
  expect(await of('open', { doNotMatch: true })).toEqual({ doNotMatch: true, purpose: 'p' });
});

test('a photograph may be matched unless somebody has forbidden it', async () => {
  const may = (batchId: string, consent?: object) =>
    requireMatching(job(batchId, consent), { batches }).then(
      () => true,
      (error: unknown) => {
        expect(error).toBeInstanceOf(UnavailableError);
        expect(error).toMatchObject({ code: 'DoNotMatch' });
        return false;
      },
    );
  expect([await may('unsaid'), await may('open'), await may('open', { doNotMatch: false })]).toEqual([
    true,
    true,
    true,
  ]);
  expect([await may('closed'), await may('unsaid', { doNotMatch: true })]).toEqual([false, false]);
  const away = { get: () => Promise.reject(new Error('away')) } as never;
  await expect(requireMatching(job('open'), { batches: away })).rejects.toThrow('away');
});

test('what was read a moment ago counts where it allows; what it forbids is asked once more', async () => {
  const may = async (recent: boolean | undefined, now: boolean | undefined, consent?: object) => {
    asked.length = 0;
    const said = (doNotMatch: boolean | undefined) =>
      doNotMatch === undefined ? undefined : ({ consent: { doNotMatch } } as never);
    const looked = {
      recent: async () => said(recent),
      get: async (batch: string) => {
        asked.push(batch);
        return said(now);
      },
    };
    const done = expectMatching(job('b', consent), { batches: looked });
    return [
      await done.then(
        () => true,
        (error: unknown) => error instanceof UnavailableError && false,
      ),
      asked.length,
    ];
  };
  expect(await may(undefined, true)).toEqual([true, 0]);
  expect(await may(false, true)).toEqual([true, 0]);
  expect(await may(true, false)).toEqual([true, 1]);
  expect(await may(true, true)).toEqual([false, 1]);
  expect(await may(undefined, undefined, { doNotMatch: true })).toEqual([false, 1]);
});

test('other batches are asked for once; photographs of enquiries are in no search', async () => {
  const isBarred = barredBatches({ batches });
  const barred = [];
  for (const batch of ['closed', 'closed', 'open', 'unsaid', '_enquiry/x'])
    barred.push(await isBarred(batch));
  expect(barred).toEqual([true, true, false, false, false]);
  expect(asked).toEqual(['closed', 'open', 'unsaid', '_enquiry/x']);
  const fromSearch = barredFromSearch({ batches });
  expect([await fromSearch('_enquiry/x'), await fromSearch('closed'), await fromSearch('open')]).toEqual([
    ...[true, true, false],
  ]);
});
