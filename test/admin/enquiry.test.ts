import { beforeEach, describe, expect, test } from 'vitest';
import { addPhotograph, changeEnquiry, endEnquiry, openEnquiry } from '../../src/admin/enquiry.ts';
import { enquiryBatch } from '../../src/domain/enquiry-batch.ts';
import { jobIdOf } from '../../src/domain/job-id.ts';
import { containers } from '../../src/storage/names.ts';
import { jpeg } from '../support/images.ts';
import { scene } from '../support/scene.ts';
import { openAdmin } from './support.ts';

const admin = await scene((emulator) => openAdmin(emulator, { MAX_IMAGE_BYTES: '100000' }));
const { signal } = new AbortController();
const base = {
  id: 'e1',
  version: 4,
  purpose: 'tracing',
  legalBasis: 'consent',
  expires: '2030-01-01T00:00:00.000Z',
};

/** What was done, in order: the enquiries themselves have tests of their own. */
let calls: string[];
let enquiry: Record<string, unknown> | undefined;
beforeEach(async () => {
  calls = [];
  enquiry = { ...base };
  await admin.batches.forget(enquiryBatch('e1'));
});
const setting = () => admin.batches.get(enquiryBatch('e1'));
const deps = () =>
  ({
    ...admin,
    audit: { record: async ({ action }: { action: string }) => calls.push(`audit ${action}`) },
    results: async () => ({ applyConsent: async () => calls.push('rows') }),
    enquiries: async () => {
      const did =
        (what: string) =>
        async (id: string, ...more: unknown[]) => {
          const said = (await setting())?.consent;
          calls.push(
            `${what} ${id} ${more.map(String).join(' ')}${said?.doNotMatch ? ' (not matched)' : ''}`,
          );
          return enquiry;
        };
      return {
        open: async () => enquiry,
        change: did('change'),
        end: did('end'),
        addPhotograph: async (id: string, job: string, taken: string | undefined, who: string) => {
          const blob = await admin.storage.blobs.page(containers.input, {
            prefix: enquiryBatch('e1'),
            size: 9,
          });
          calls.push(
            `add ${id} ${job} ${taken} ${who}, of ${blob.blobs.length}, terms ${(await setting()) !== undefined}`,
          );
        },
        get: async () => enquiry,
      };
    },
  }) as never;

describe('an enquiry', () => {
  test('has its terms said of the batch of its photographs, which keeps its faceprints', async () => {
    await openEnquiry({} as never, 'ann', deps());
    const said = await setting();
    expect(said).toMatchObject({
      ...{ by: 'ann', keepFaceprints: true },
      consent: { purpose: 'tracing', legalBasis: 'consent', expires: base.expires, doNotMatch: false },
    });
    await openEnquiry({} as never, 'ben', deps());
    expect((await setting())?.by, 'said already').toBe('ann');
    for (const change of [
      { purpose: 'other' },
      { legalBasis: 'other' },
      { expires: '2031-01-01T00:00:00.000Z' },
    ]) {
      enquiry = { ...enquiry, ...change };
      await changeEnquiry('e1', change as never, 'ben', deps(), 4);
      expect((await setting())?.consent).toMatchObject(change);
    }
    expect(calls[0]).toBe('change e1 [object Object] ben 4');
    const { expires: _, ...without } = base;
    enquiry = without;
    await changeEnquiry('e1', {}, 'cid', deps());
    expect((await setting())?.consent).not.toHaveProperty('expires');
    await admin.batches.change(enquiryBatch('e1'), { keepFaceprints: false }, 'dan');
    await changeEnquiry('e1', {}, 'cid', deps());
    expect((await setting())?.keepFaceprints).toBe(true);
  });

  test('that is withdrawn is matched no more, and that is said first; no other end takes faces out', async () => {
    const end = (to: 'found' | 'withdrawn' | 'open', version?: number) =>
      endEnquiry(
        'e1',
        { to: to as never, reason: 'why', ...(version !== undefined && { version }) },
        'ann',
        deps(),
        signal,
      );
    await end('open', 3);
    expect(calls).toEqual(['end e1 open why ann 3']);
    calls = [];
    await end('withdrawn', 4);
    expect(calls).toEqual(['audit batch.changed', 'rows', 'end e1 withdrawn why ann 4 (not matched)']);
    await admin.batches.forget(enquiryBatch('e1'));
    calls = [];
    await expect(end('withdrawn', 3), 'it has changed since').rejects.toMatchObject({
      name: 'ChangedMeanwhileError',
    });
    expect([calls, await setting()]).toEqual([[], undefined]);
    await end('withdrawn');
    expect(calls.at(-1)).toMatch(/^end e1 withdrawn/);
    enquiry = undefined;
    await expect(end('withdrawn')).rejects.toMatchObject({ name: 'UnknownEnquiryError' });
  });
});

describe('a photograph of an enquiry', () => {
  const add = (bytes: Buffer, taken?: string) =>
    addPhotograph('e1', { bytes, ...(taken !== undefined && { taken }) }, 'ann', deps());

  test('is named by its content, after the terms are said, and counted in once it is there', async () => {
    const bytes = await jpeg();
    const job = await add(bytes, '2020');
    expect(calls).toEqual([`add e1 ${job} 2020 ann, of 1, terms true`]);
    const { blobs } = await admin.storage.blobs.page(containers.input, {
      prefix: enquiryBatch('e1'),
      size: 9,
    });
    const [blob] = blobs;
    expect(blob?.name).toMatch(/^_enquiry\/e1\/[0-9a-f]{32}\.jpg$/);
    expect(job).toBe(jobIdOf(containers.input, blob?.name ?? '', blob?.etag ?? ''));
    expect(await add(bytes), 'sent twice').toBe(job);
    expect(calls.at(-1)).toBe(`add e1 ${job} undefined ann, of 1, terms true`);
  });

  test('is refused where it is none, is too large, or the enquiry has ended or is not there', async () => {
    const refused = (bytes: Buffer) => add(bytes).catch(({ code, name }) => code ?? name);
    expect(await refused(Buffer.alloc(0))).toBe('EmptyImage');
    expect(await refused(Buffer.from('no image'))).toBe('NotAnImage');
    expect(await refused(Buffer.alloc(100_001))).toBe('ImageTooManyBytes');
    expect(await refused(Buffer.alloc(100_000))).toBe('NotAnImage');
    enquiry = { ...base, ended: 'withdrawn' };
    expect(await refused(await jpeg())).toBe('EnquiryEnded');
    enquiry = undefined;
    expect(await refused(await jpeg())).toBe('UnknownEnquiryError');
    expect([calls, await setting()], 'nothing was done').toEqual([[], undefined]);
  });
});
