import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ImageFilter } from '../../src/results/rows.ts';
import type { ResultStore } from '../../src/results/store.ts';
import { image } from './fixtures.ts';
import type { Subject } from './subject.ts';

/** Spellings of the words sought: all are found, those that were typed first, on every database. */
export function spellingConformance(name: string, prepare: () => Promise<Subject>): void {
  describe(`spellings on ${name}`, () => {
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

    /** Every page of a search, as the page and the API walk through it. */
    const walk = async (text: string, limit: number): Promise<string[]> => {
      const ids: string[] = [];
      let after: ImageFilter['after'];
      for (let pages = 0; pages < 30; pages += 1) {
        const page = await store.summaries({ text, limit, ...(after && { after }) });
        ids.push(...page.images.map(({ id }) => id));
        if (!page.next) return ids;
        after = page.next;
      }
      throw new Error('The pages do not end.');
    };
    const at = (minute: number) => ({ finishedAt: `2026-11-23T12:0${minute}:00.000Z` });

    test('what is spelled as typed comes first, whichever page size; nothing twice, nothing left out', async () => {
      const texts = ['Zürich', 'Zurich', 'ZÜRICH', 'zurich', 'Zu\u0308rich', 'Zurick'];
      for (const [index, text] of texts.entries()) {
        await store.save(image(`i${index}`, { text: `${text} 12`, ...at(index) }));
      }
      for (const limit of [1, 2, 3, 5, 50]) {
        expect(await walk('zürich', limit)).toEqual(['i4', 'i2', 'i0', 'i3', 'i1']);
        expect(await walk('zurich', limit)).toEqual(['i3', 'i1', 'i4', 'i2', 'i0']);
        expect(await walk('züri*', limit)).toEqual(['i4', 'i2', 'i0', 'i5', 'i3', 'i1']);
        expect(await walk('zürich 12', limit)).toEqual(['i4', 'i2', 'i0', 'i3', 'i1']);
        expect(await walk('zürich 13', limit)).toEqual([]);
      }
      expect((await store.list({ text: 'zürich' })).map(({ id }) => id)).toEqual([
        'i4',
        'i3',
        'i2',
        'i1',
        'i0',
      ]);
    });

    test('rows that were saved under older rules are found once their words are made again', async () => {
      await store.save(
        image('old', { text: 'Straße', caption: 'a sign', tags: [{ name: 'Café', confidence: 1 }] }),
      );
      await store.save(image('new', { text: 'Straße' }));
      await subject.administer("DELETE FROM image_word WHERE image_id = 'old' AND folded = 1");
      await subject.administer("UPDATE pipeline_output SET words_version = 0 WHERE id = 'old'");
      expect(await walk('strasse', 10)).toEqual(['new']);
      expect(await store.reindex(() => false)).toBe(0);
      expect(await store.reindex(() => true)).toBe(1);
      expect((await walk('strasse', 10)).sort()).toEqual(['new', 'old']);
      expect(await walk('cafe sign', 10)).toEqual(['old']);
      expect(await store.reindex(() => true)).toBe(0);
    });

    test.each([100, 101, 200])(
      'all of %i rows of before are made again, however many are taken at once',
      async (rows) => {
        for (let index = 0; index < rows; index += 1)
          await store.save(image(`old-${index}`, { text: 'Straße' }));
        await subject.administer('DELETE FROM image_word WHERE folded = 1');
        await subject.administer('UPDATE pipeline_output SET words_version = 0');
        expect(await store.reindex(() => true)).toBe(rows);
        expect(await walk('strasse', 500)).toHaveLength(rows);
      },
    );
  });
}
