import { expect, test } from 'vitest';
import { outlookOf, refuseOfEnquiry } from '../../src/admin/change-batch.ts';
import { enquiryBatch } from '../../src/domain/enquiry-batch.ts';

const NOW = Date.parse('2026-11-30T12:00:00.000Z');
const iso = (ms: number) => new Date(NOW + ms).toISOString();

/** What a change would come to, where there are so many jobs, blobs of these names, and something or nothing said before. */
const outlook = async (
  change: { expires?: string | null },
  { jobs = 0, blobs = [] as string[], said = false, batch = 'camp' } = {},
) => {
  const listed: string[] = [];
  const deps = {
    batches: { get: async () => (said ? {} : undefined) },
    journal: {
      async *idsOf() {
        for (let n = 0; n < jobs; n += 1) yield `${n}`;
      },
    },
    storage: {
      blobs: {
        async *list(_: string, prefix: string) {
          listed.push(prefix);
          for (const name of blobs) yield { name };
        },
      },
    },
    clock: () => NOW,
  };
  return { ...(await outlookOf(batch, change as never, deps as never)), listed };
};

test('a change is about the jobs that are there; where there are none, about what came a moment ago', async () => {
  expect(await outlook({}, { jobs: 3, blobs: ['camp/a.jpg'] })).toEqual({
    ...{ images: 3, isKnown: true, isExpired: false, listed: [] },
  });
  const waiting = ['camp/a.jpg', 'camp/b.jpg', 'camp/deeper/c.jpg'];
  expect(await outlook({}, { blobs: waiting })).toMatchObject({
    images: 2,
    isKnown: true,
    listed: ['camp/'],
  });
  const loose = ['a.jpg', 'camp/b.jpg'];
  expect(await outlook({}, { blobs: loose, batch: 'default' })).toMatchObject({ images: 1, listed: [''] });
  expect(await outlook({})).toMatchObject({ images: 0, isKnown: false });
  expect(await outlook({}, { said: true })).toMatchObject({ images: 0, isKnown: true });
});

test('a day that has passed is told before everything is erased by it, to the moment', async () => {
  const isExpired = async (expires: string | null) => (await outlook({ expires })).isExpired;
  expect([await isExpired(iso(-1)), await isExpired(iso(0)), await isExpired(iso(1))]).toEqual([
    ...[true, true, false],
  ]);
  expect(await isExpired(null)).toBe(false);
});

test('the terms of an enquiry’s photographs are changed there alone', () => {
  const enquiry = enquiryBatch('00000000-0000-0000-0000-000000000001');
  expect(() => refuseOfEnquiry(enquiry)).toThrow('change, close or withdraw the enquiry');
  expect(() => refuseOfEnquiry('camp')).not.toThrow();
});
