import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KeepSuggestionsOfJob } from '../../src/domain/suggestion.ts';
import type { ImageResult } from '../../src/results/rows.ts';
import type { ResultStore } from '../../src/results/store.ts';
import { keepFaceSuggestions } from '../../src/steps/face-suggestions.ts';
import { image, matching } from './fixtures.ts';
import type { Subject } from './subject.ts';

const forbidden = { doNotMatch: true };

const keepSuggestions: KeepSuggestionsOfJob = (outputs, keep) => ({
  ...outputs,
  facematch: keepFaceSuggestions(outputs.facematch, keep),
});

/** What is said of batches, in every database. */
export function consentConformance(name: string, prepare: () => Promise<Subject>): void {
  describe(`terms of batches on ${name}`, () => {
    let subject: Subject;
    let store: ResultStore;
    beforeEach(async () => {
      subject = await prepare();
      store = await subject.open();
      await store.migrate();
    });
    afterEach(async () => {
      await store.close();
      await subject.clear();
    });

    const suggesting = (id: string, others: string[], given: Partial<ImageResult> = {}) =>
      matching(id, others, {
        jobOutput: {
          facematch: { matches: others.map((other) => ({ id: other, face_key: `${id}-0` })), faces: [] },
        },
        ...given,
      });
    const matchesOf = async (id: string) => {
      const found = await store.get(id);
      const { matches = [] } = (found?.jobOutput.facematch ?? {}) as { matches?: { id: string }[] };
      return [found?.matches.map(({ otherImage }) => otherImage), matches.map((one) => one.id)];
    };

    test('said later, the faces of a batch leave all possible matches, whoever reported them', async () => {
      await store.save(suggesting('a', ['b', 'c'], { batchId: 'x' }));
      await store.save(suggesting('b', ['a', 'c'], { batchId: 'y' }));
      await store.save(suggesting('c', ['a', 'b'], { batchId: 'x' }));
      const before = (await store.counts.totals()).stamp;
      expect(await store.applyConsent('y', forbidden, { keepSuggestions })).toBe(1);
      expect(await matchesOf('a')).toEqual([['c'], ['c']]);
      expect(await matchesOf('b')).toEqual([[], []]);
      expect(await matchesOf('c')).toEqual([['a'], ['a']]);
      expect((await store.get('b'))?.faces).toMatchObject([{ enrolled: false }]);
      expect((await store.counts.totals()).stamp).not.toBe(before);
      expect(await store.applyConsent('y', forbidden, { keepSuggestions })).toBe(1);
      // Reported once more by a row that was under way.
      await store.save(suggesting('a', ['b', 'c'], { batchId: 'x', run: 1 }));
      expect((await matchesOf('a'))[0]).toEqual(['c']);
      expect(await store.query("SELECT face_a FROM face_match WHERE image_a = 'b' OR image_b = 'b'")).toEqual(
        [],
      );
    });

    test('a row that may not be matched takes the pairs away that others reported', async () => {
      await store.save(matching('a', ['b']));
      await store.save(matching('b', ['a'], { consent: forbidden }));
      expect((await store.get('a'))?.matches).toEqual([]);
      expect((await store.get('b'))?.consent).toEqual(forbidden);
    });

    test('images are found by purpose and by whether they may be matched, with other conditions, in pages', async () => {
      for (let n = 0; n < 12; n += 1) {
        const purpose = ['tracing', 'research'][n % 2] as string;
        await store.save(
          image(`i${n}`, {
            batchId: `b${n % 3}`,
            consent: { purpose, doNotMatch: n % 4 === 0 },
            finishedAt: `2026-01-01T00:00:${10 + n}.000Z`,
          }),
        );
      }
      await store.save(image('none', { batchId: 'b0' }));
      const ids = async (filter: Parameters<ResultStore['list']>[0]) =>
        (await store.list(filter)).map(({ id }) => id);
      expect(await ids({ purpose: 'tracing' })).toEqual(['i10', 'i8', 'i6', 'i4', 'i2', 'i0']);
      expect(await ids({ purpose: 'tracing', doNotMatch: true })).toEqual(['i8', 'i4', 'i0']);
      expect(await ids({ purpose: 'tracing', batchId: 'b1' })).toEqual(['i10', 'i4']);
      expect(await ids({ doNotMatch: false, batchId: 'b0' })).toEqual(['none', 'i9', 'i6', 'i3']);
      const { images, next } = await store.summaries({ purpose: 'research', limit: 2 });
      expect(images.map(({ id }) => id)).toEqual(['i11', 'i9']);
      expect(await ids({ purpose: 'research', limit: 2, ...(next && { after: next }) })).toEqual([
        'i7',
        'i5',
      ]);
    });
  });
}
