import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ResultStore } from '../../src/results/store.ts';
import { image } from './fixtures.ts';
import type { Subject } from './subject.ts';

const damaged = { code: 'ImageDamaged', message: 'The JPEG ends early.' };
const pages = { code: 'PagesNotRead', message: 'Of 12 pages the first 8 were looked at.' };

/** What is "done, but": kept, shown and found by, on every database. */
export function warningsConformance(name: string, prepare: () => Promise<Subject>): void {
  describe(`warnings on ${name}`, () => {
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

    const found = async (warning: string) => (await store.list({ warning })).map(({ id }) => id);

    test('come back as given, in lists by code, and images are found by them', async () => {
      const twice = { code: 'PagesNotRead', message: 'Another sentence of the same code.' };
      await store.save(image('both', { warnings: [pages, damaged, twice] }));
      await store.save(image('none', { warnings: [] }));
      await store.save(image('one', { warnings: [damaged], status: 'partial' }));
      expect((await store.get('both'))?.warnings).toEqual([pages, damaged, twice]);
      expect(await store.get('none')).not.toHaveProperty('warnings');
      const { images } = await store.summaries();
      expect(Object.fromEntries(images.map(({ id, warningCodes }) => [id, warningCodes]))).toEqual({
        both: ['ImageDamaged', 'PagesNotRead'],
        none: [],
        one: ['ImageDamaged'],
      });
      expect(await found('PagesNotRead')).toEqual(['both']);
      expect((await found('ImageDamaged')).sort()).toEqual(['both', 'one']);
      expect(await found('imagedamaged')).toEqual([]);
      expect((await store.list({ warning: 'ImageDamaged', status: 'partial' })).map(({ id }) => id)).toEqual([
        'one',
      ]);
    });

    test('go with the next run that has none', async () => {
      await store.save(image('a', { warnings: [damaged] }));
      await store.save(image('a', { run: 1 }));
      expect(await store.get('a')).not.toHaveProperty('warnings');
      expect(await found('ImageDamaged')).toEqual([]);
      expect(await store.query('SELECT * FROM image_warning')).toEqual([]);
    });
  });
}
