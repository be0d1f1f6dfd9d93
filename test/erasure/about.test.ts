import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { RateLimitedError } from '../../src/domain/errors.ts';
import { jobIdOf } from '../../src/domain/job-id.ts';
import { about } from '../../src/erasure/about.ts';
import { stepOf } from '../../src/erasure/mentioned.ts';
import { patiently } from '../../src/erasure/patience.ts';
import { hashOfRequest } from '../../src/erasure/request.ts';
import { enquirySubject, forEach, isEnquiry, sumOf, targetOf } from '../../src/erasure/subjects.ts';
import { containers } from '../../src/storage/names.ts';

const blob = { name: 'b/a.jpg', etag: '0x1' };
const ofBlob = jobIdOf(containers.input, blob.name, blob.etag);
const subject = (id: string) => ({ id, batchId: 'b', imageUrl: 'u' });
const target = targetOf([subject('a'.repeat(32)), subject(ofBlob), subject('by hand')]);
const event = (etag: string | undefined) => ({
  eventType: 'Microsoft.Storage.BlobCreated',
  subject: `/blobServices/default/containers/inputimages/blobs/${blob.name}`,
  data: { ...(etag !== undefined && { eTag: etag }) },
});
const job = (id: unknown, more = {}) => ({ job_definition: { id }, ...more });

describe('a message', () => {
  const other = 'b'.repeat(32);
  const mentions = { job_output: { duplicates: { matches: [{ id: 'a'.repeat(32) }] } } };
  test.each([
    ['of one of the jobs', job('a'.repeat(32)), 'own'],
    ['of a job with an id of somebody’s own', job('by hand'), 'own'],
    ['of another', job(other), 'none'],
    ['of another that mentions one', job(other, mentions), 'mentions'],
    ['of a job that mentions itself', job('a'.repeat(32), mentions), 'own'],
    ['whose id is none', job(1), 'none'],
    ['announcing one of the blobs', event(blob.etag), 'own'],
    ['announcing several', [event('0x2'), event(blob.etag)], 'own'],
    ['announcing another version of it', event('0x2'), 'none'],
    ['announcing none that is known', event(undefined), 'none'],
    ['of another kind', { anything: true }, 'none'],
    ['that is a number', 1, 'none'],
  ])('%s', (_, value, expected) => {
    expect(about(JSON.stringify(value), target)).toBe(expected);
  });

  test('that cannot be read is searched for ids, however many they are', () => {
    expect(about(`{ "id": "${'a'.repeat(32)}"`, target)).toBe('own');
    expect(about(`{ "id": "${other}"`, target)).toBe('none');
    const many = (count: number) =>
      targetOf(
        Array.from({ length: count }, (_, n) => subject(n === 0 ? 'a'.repeat(32) : `${n}`.padStart(32, 'c'))),
      );
    expect(about(`{ ${'a'.repeat(32)}`, many(1001))).toBe('own');
    expect(about(`{ "by hand" ${'x'.repeat(64_000)}`, many(100_000))).toBe('none');
    expect(about(`{ "by hand"`, targetOf([...many(1001).subjects, subject('by hand')]))).toBe('own');
  });
});

test('an output that is kept apart is of the step that its name begins with behind the job; of none where it has no such name', () => {
  const names = ['job/ocr.0-1.json', 'job/facematch', 'job/', 'job', '', 'job/-x', 'job/Ocr', 'a/b1/c'];
  expect(names.map(stepOf)).toEqual(['ocr', 'facematch', '', '', '', '', '', 'b1']);
});

describe('patience', () => {
  const { signal } = new AbortController();
  const slow = () => new RateLimitedError('Slow down.', 0);

  test('with a service that asks for fewer calls lasts for ten of them', async () => {
    for (const [refusals, outcome] of [
      [0, 'done'],
      [10, 'done'],
      [11, 'refused'],
    ] as const) {
      let calls = 0;
      const work = async () => {
        calls += 1;
        if (calls <= refusals) throw slow();
        return 'done';
      };
      expect(await patiently(work, signal).catch(() => 'refused'), `${refusals}`).toBe(outcome);
      expect(calls).toBe(Math.min(refusals + 1, 11));
    }
  });

  test('is only for that, as long as it asks, and ends with the signal', async () => {
    let calls = 0;
    const fails = async () => {
      calls += 1;
      throw new Error('other');
    };
    await expect(patiently(fails, signal)).rejects.toThrow('other');
    expect(calls).toBe(1);
    const asks = async () => {
      throw new RateLimitedError('Slow down.', 3_600_000);
    };
    const stop = new AbortController();
    const waiting = patiently(asks, stop.signal).catch(({ name }) => name);
    expect(await Promise.race([waiting, pause(20, 'waits')])).toBe('waits');
    stop.abort();
    expect(await waiting).toBe('AbortError');
  });
});

describe('what an erasure is about', () => {
  test('is the same for the same words, and another for any other', () => {
    const requests = [
      { kind: 'image', image: 'x' },
      { kind: 'image', image: 'y' },
      { kind: 'batch', batch: 'x' },
      { kind: 'batch', batch: 'y' },
      { kind: 'enquiry', enquiry: 'x' },
      { kind: 'enquiry', enquiry: 'y' },
      { kind: 'selection', selection: 'x' },
      { kind: 'selection', selection: 'y' },
      { kind: 'face', face: 'x', with: [] },
      { kind: 'face', face: 'y', with: [] },
      { kind: 'face', face: 'x', with: ['y'] },
      { kind: 'face', face: 'y', with: ['x'] },
      { kind: 'retention', now: 'x', rules: { byBatch: [] } },
    ] as const;
    expect(new Set(requests.map(hashOfRequest)).size).toBe(requests.length);
    const of = (...others: string[]) => hashOfRequest({ kind: 'face', face: 'x', with: others });
    expect(of('a', 'b')).toBe(of('b', 'a'));
    const rules = { byBatch: [], days: 3 };
    expect(hashOfRequest({ kind: 'retention', now: 'later', rules })).toBe(hashOfRequest(requests[12]));
  });

  test('an enquiry stands in its own batch, and nothing else does', () => {
    const id = '00000000-0000-0000-0000-000000000000';
    const enquiry = enquirySubject(id);
    expect(isEnquiry(enquiry)).toBe(true);
    expect(isEnquiry({ ...enquiry, id: 'photograph' })).toBe(false);
    expect(isEnquiry(subject(id))).toBe(false);
  });

  test('is gone through to its end, a few at a time, and ends with the first failure or the signal', async () => {
    const { signal } = new AbortController();
    const twenty = Array.from({ length: 20 }, (_, n) => n);
    expect(await sumOf(twenty, { signal }, async (n) => n)).toBe(190);
    let [under, most] = [0, 0];
    await forEach(twenty, { signal }, async () => {
      under += 1;
      most = Math.max(most, under);
      await pause(1);
      under -= 1;
    });
    expect(most).toBe(8);
    const fails = forEach(twenty, { signal }, async (n) => {
      if (n === 3) throw new Error('three');
    });
    await expect(fails).rejects.toThrow('three');
    await expect(forEach(twenty, { signal: AbortSignal.abort() }, async () => {})).rejects.toThrow();
  });
});
