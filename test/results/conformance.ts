import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PermanentError } from '../../src/domain/errors.ts';
import { exampleQueries } from '../../src/results/examples.ts';
import { SchemaTooNewError } from '../../src/results/migrate.ts';
import { NotReadOnlyError } from '../../src/results/read-only.ts';
import type { ImageFilter, ImageResult, StoredImage } from '../../src/results/rows.ts';
import { migrations } from '../../src/results/schema.ts';
import type { ResultStore } from '../../src/results/store.ts';
import { enquiryConformance } from '../people/enquiry/enquiry-conformance.ts';
import { peopleConformance } from '../people/people-conformance.ts';
import { actsConformance } from './acts-conformance.ts';
import { auditConformance } from './audit-conformance.ts';
import { consentConformance } from './consent-conformance.ts';
import { countsConformance } from './counts-conformance.ts';
import { dashboardConformance } from './dashboard-conformance.ts';
import { erasureConformance } from './erasure-conformance.ts';
import { box, face, image, imageUrl, match, matching } from './fixtures.ts';
import { manyConformance } from './many-conformance.ts';
import { spellingConformance } from './spelling-conformance.ts';
import type { Subject } from './subject.ts';
import { warningsConformance } from './warnings-conformance.ts';

const HOSTILE = [
  "'; DROP TABLE pipeline_output; --",
  "x' OR '1'='1",
  '%',
  '_',
  '[a-z]',
  '@p1',
  '?',
  '$1',
  '\\',
  '"',
  "N'x'",
  'a/*b*/',
  'NULL',
];

const without = ({ matches: _, ...rest }: ImageResult | StoredImage) => rest;

/** The same questions asked of every database: what one answers, all must. */
export function resultStoreConformance(name: string, prepare: () => Promise<Subject>): void {
  dashboardConformance(name, prepare);
  countsConformance(name, prepare);
  erasureConformance(name, prepare);
  auditConformance(name, prepare);
  consentConformance(name, prepare);
  warningsConformance(name, prepare);
  spellingConformance(name, prepare);
  peopleConformance(name, prepare);
  enquiryConformance(name, prepare);
  manyConformance(name, prepare);
  actsConformance(name, prepare);

  describe(`result store on ${name}`, () => {
    let subject: Subject;
    let store: ResultStore;
    const opened: ResultStore[] = [];
    const children: ChildProcess[] = [];

    const open = async (): Promise<ResultStore> => {
      const another = await subject.open();
      opened.push(another);
      return another;
    };

    beforeEach(async () => {
      subject = await prepare();
      store = await open();
      await store.migrate();
    });

    afterEach(async () => {
      for (const child of children.splice(0)) child.kill('SIGKILL');
      for (const another of opened.splice(0)) await another.close();
      await subject.clear();
    });

    const saveAll = async (...images: ImageResult[]) => {
      for (const one of images) expect(await store.save(one)).toBe('saved');
    };
    const get = async (id: string): Promise<StoredImage> => {
      const found = await store.get(id);
      if (found === undefined) throw new Error(`no image ${id}`);
      return found;
    };
    const pairs = () => store.query('SELECT * FROM face_match');

    test('gives back everything that was saved', async () => {
      const full = image('full', {
        run: 3,
        status: 'partial',
        reason: { code: 'Because', message: 'of this' },
        steps: {
          ocr: { state: 'failed', error: { code: 'InvalidImage', message: 'broken' }, attempts: 5 },
          pipelineoutput: { state: 'done', attempts: 1 },
        },
        imageParameters: { who: ['a', 1, null, true] },
        consent: {
          purpose: 'tracing',
          legalBasis: 'consent',
          expires: '2030-01-31T00:00:00.000Z',
          doNotMatch: false,
        },
        exif: { Model: 'X100', GPSLatitude: [46, 12, 0] },
        warnings: [{ code: 'ImageDamaged', message: 'It ends early.' }],
        jobOutput: { ocr: { deep: [{ er: 0.1 }] } },
        width: 4000,
        height: 3000,
        bytes: 3_000_000_000,
        caption: 'a person',
        text: 'some text\nof two lines',
        categories: [{ name: 'people_', score: 0.75 }],
        description: { captions: [{ text: 'a person', confidence: 0.123456789 }] },
        tags: [
          { name: 'Person', confidence: 0.9876543210123 },
          { name: 'person', confidence: 1 },
        ],
        faces: [
          {
            key: 'full-1',
            rectangle: box(0.125),
            crop: 'full-1.jpg',
            quality: 'high',
            attributes: { blur: { value: 0.1 } },
            enrolled: true,
          },
          { key: 'full-0', rectangle: box(7), enrolled: false },
        ],
        finishedAt: '2026-02-28T23:59:59.999Z',
      });
      await saveAll(full);
      expect(await store.get('full')).toStrictEqual(full);
      expect(await store.list()).toStrictEqual([full]);
    });

    test('leaves absent what was not given, and answers nothing about an unknown image', async () => {
      await saveAll(image('bare'));
      expect(await store.get('bare')).toStrictEqual(image('bare'));
      expect(await store.get('unknown')).toBeUndefined();
      expect(await store.list({ batchId: 'unknown' })).toEqual([]);
    });

    test('keeps time to the millisecond in UTC, however it was written', async () => {
      await saveAll(image('time', { finishedAt: '2026-03-01T01:00:00.5+01:00' }));
      expect((await get('time')).finishedAt).toBe('2026-03-01T00:00:00.500Z');
    });

    test.for([
      '日本語 ünïcødé',
      '😀👩‍👩‍👧‍👦 𝒳𠮷',
      '\uffff\ufffe',
      'a\u0301\u202eb',
      'x'.repeat(1_000_000),
      '😀'.repeat(250_000),
    ])('keeps unusual text %#', async (unusual) => {
      const given = image('text', {
        batchId: unusual.slice(0, 200),
        caption: unusual,
        text: unusual,
        jobOutput: { ocr: { OCR_fullText: `${unusual}\0` } },
        tags: [{ name: unusual.slice(0, 1000), confidence: 0.5 }],
        reason: { code: 'Why', message: unusual },
      });
      await saveAll(given);
      expect(await store.get('text')).toStrictEqual(given);
      expect(await store.list({ batchId: unusual.slice(0, 200) })).toHaveLength(1);
      expect(await store.list({ tag: unusual.slice(0, 200) })).toHaveLength(unusual.length > 200 ? 0 : 1);
    });

    test('replaces U+0000 and unpaired surrogates in plain columns, not in JSON', async () => {
      const odd = 'a\0b\ud800c';
      await saveAll(
        image('odd', { text: odd, batchId: odd, jobOutput: { odd }, tags: [{ name: odd, confidence: 1 }] }),
      );
      expect(await get('odd')).toMatchObject({
        text: 'a\ufffdb\ufffdc',
        batchId: 'a\ufffdb\ufffdc',
        jobOutput: { odd },
      });
      expect(await store.list({ batchId: odd, tag: odd, text: 'A b c' })).toHaveLength(1);
    });

    test.for(HOSTILE)('takes %s for text wherever it stands', async (hostile) => {
      const id = `id ${hostile}`;
      await saveAll(
        image('other', { tags: [{ name: 'innocent', confidence: 1 }], text: 'innocent' }),
        image(id, {
          batchId: hostile,
          text: hostile,
          caption: hostile,
          tags: [{ name: hostile, confidence: 0.5 }],
        }),
      );
      const ids = async (filter: ImageFilter) => (await store.list(filter)).map((found) => found.id);
      expect(await get(id)).toMatchObject({ id, batchId: hostile, text: hostile });
      expect(await ids({ tag: hostile })).toEqual([id]);
      expect(await ids({ batchId: hostile })).toEqual([id]);
      expect(await ids({ status: hostile as 'done' })).toEqual([]);
      expect(await ids({ text: `${hostile}innocentx*` })).toEqual([]);
      expect(await ids({ after: { finishedAt: '2027-01-01T00:00:00Z', id: hostile } })).toHaveLength(2);
      await store.removeFaces(hostile);
      expect(await store.list()).toHaveLength(2);
    });

    test('a redelivery overwrites, a rerun replaces row and children, an older run is refused', async () => {
      const run = (number: number, word: string) =>
        image('again', {
          run: number,
          text: word,
          tags: [{ name: word, confidence: 0.5 }],
          faces: [face(`again-${number}`)],
          steps: { [word]: { state: 'done', attempts: 1 } },
        });
      await saveAll(run(1, 'first'), run(1, 'redelivered'), run(2, 'rerun'));
      expect(await store.save(run(1, 'late'))).toBe('superseded');
      expect(without(await get('again'))).toStrictEqual(without(run(2, 'rerun')));
      for (const [word, images] of [
        ['first', 0],
        ['redelivered', 0],
        ['late', 0],
        ['rerun', 1],
      ] as const) {
        expect(await store.list({ tag: word })).toHaveLength(images);
        expect(await store.list({ text: word })).toHaveLength(images);
      }
      for (const table of ['image_step', 'image_tag', 'face']) {
        expect(await store.query(`SELECT * FROM ${table}`)).toHaveLength(1);
      }
      // The word of its tag and text, and those of its file name and batch.
      expect(await store.query('SELECT word FROM image_word')).toHaveLength(4);
    });

    test.for([
      ['a', 'b'],
      ['b', 'a'],
    ] as const)('stores a pair once when %s comes before %s, and both show it', async ([one, two]) => {
      const first = matching(one, [two], { batchId: `of ${one}` });
      await saveAll(first);
      expect((await get(one)).matches).toStrictEqual([
        { ...match(one, two, 0.7), firstSeen: first.finishedAt },
      ]);
      const second = image(two, {
        batchId: `of ${two}`,
        faces: [face(`${two}-0`, 50)],
        matches: [match(two, one, 0.75, 0.2)],
        finishedAt: '2026-12-01T00:00:00.000Z',
      });
      await saveAll(second);
      expect(await pairs()).toHaveLength(1);
      const seen = { confidence: 0.75, firstSeen: first.finishedAt };
      expect((await get(one)).matches).toStrictEqual([
        { ...match(one, two, 0.7), ...seen, otherRectangle: box(50), otherBatchId: `of ${two}` },
      ]);
      expect((await get(two)).matches).toStrictEqual([
        { ...match(two, one, 0.75, 0.2), ...seen, otherRectangle: box(10), otherBatchId: `of ${one}` },
      ]);
    });

    test('shows a pair in both images when only one of them reports it, whichever it is', async () => {
      await saveAll(matching('a', []), matching('b', ['a', 'c']), matching('c', []));
      for (const [id, others] of [
        ['a', ['b']],
        ['b', ['a', 'c']],
        ['c', ['b']],
      ] as const) {
        expect((await get(id)).matches.map(({ otherImage }) => otherImage)).toEqual(others);
        expect((await get(id)).matches[0]).toMatchObject({
          face: `${id}-0`,
          otherFace: `${others[0]}-0`,
          otherImageUrl: imageUrl(others[0]),
          otherRectangle: box(10),
        });
      }
      expect(await pairs()).toHaveLength(2);
    });

    test('keeps a pair while either side reports it and removes it when neither does', async () => {
      await saveAll(matching('a', ['b', 'c']), matching('b', ['a']), matching('a', [], { run: 1 }));
      expect((await pairs()).map(({ image_a, image_b }) => [image_a, image_b])).toEqual([['a', 'b']]);
      expect((await get('a')).matches).toHaveLength(1);
      await saveAll(matching('b', [], { run: 1 }));
      expect(await pairs()).toEqual([]);
    });

    test('an image never matches itself, and a match of a face it does not have is left out', async () => {
      const faces = [face('a-0'), face('a-1')];
      const itself = { ...match('a', 'a', 0.9), otherFace: 'a-1' };
      await saveAll(image('a', { faces, matches: [itself, { ...match('a', 'b', 0.9), face: 'a-7' }] }));
      expect(await pairs()).toEqual([]);
    });

    test('a face reported twice as the same other face is one pair, at the better confidence', async () => {
      await saveAll(
        image('a', {
          faces: [face('a-0')],
          matches: [match('a', 'b', 0.6), match('a', 'b', 0.8), match('a', 'b', 0.7)],
        }),
      );
      expect((await get('a')).matches.map(({ confidence }) => confidence)).toEqual([0.8]);
    });

    test('more matches than one statement can carry are all stored', async () => {
      const others = Array.from({ length: 150 }, (_, number) => `other${String(number).padStart(3, '0')}`);
      await saveAll(matching('many', others));
      expect((await get('many')).matches.map(({ otherImage }) => otherImage)).toEqual(others);
    });

    test('removing the faces of an image removes its pairs from both sides and leaves its row', async () => {
      await saveAll(matching('a', ['b'], { text: 'kept' }), matching('b', ['a', 'c']), matching('c', ['b']));
      await store.removeFaces('a');
      expect(await get('a')).toMatchObject({ faces: [], matches: [], text: 'kept' });
      expect((await get('b')).matches.map(({ otherImage }) => otherImage)).toEqual(['c']);
      expect(await store.query("SELECT face_count FROM pipeline_output WHERE id = 'a'")).toEqual([
        { face_count: 0 },
      ]);
    });

    test('clearing removes every image and all that belongs to it, and the store goes on', async () => {
      await saveAll(matching('a', ['b'], { text: 'words here' }), matching('b', ['a']));
      expect(await store.clear()).toBe(2);
      expect(await store.clear()).toBe(0);
      expect(await store.list()).toEqual([]);
      for (const table of [
        'image_step',
        'image_warning',
        'image_tag',
        'image_category',
        'image_word',
        'face',
        'face_match',
        'match_decision',
        'tag_count',
      ]) {
        expect(await store.query(`SELECT COUNT(*) AS n FROM ${table}`)).toEqual([{ n: 0 }]);
      }
      expect(await store.batches()).toEqual([]);
      await saveAll(matching('a', []));
      expect(await store.batches()).toMatchObject([{ images: 1 }]);
      expect(await get('a')).toMatchObject({ id: 'a' });
    });

    test.for(['gone', 'superseded'] as const)(
      'no match leads to an image that is %s, even one reported later',
      async (status) => {
        await saveAll(matching('a', ['b']), matching('b', ['a']), image('b', { run: 1, status }));
        expect((await get('a')).matches).toEqual([]);
        await saveAll(matching('a', ['b', 'c']));
        expect((await get('a')).matches.map(({ otherImage }) => otherImage)).toEqual(['c']);
        expect((await get('b')).matches).toEqual([]);
        expect(await pairs()).toHaveLength(1);
      },
    );

    test('pages through every image once, also where many end in the same millisecond', async () => {
      const ids = Array.from(
        { length: 57 },
        (_, number) => `i${String((number * 31) % 57).padStart(2, '0')}`,
      );
      const time = (number: number) =>
        new Date(Date.UTC(2026, 0, 1, 0, 0, Math.floor(number / 10))).toISOString();
      const all = ids.map((id, number) =>
        image(id, { finishedAt: time(number), text: 'word', tags: [{ name: 'tag', confidence: 1 }] }),
      );
      await saveAll(...all);
      const expected = all
        .toSorted((one, two) => (two.finishedAt + two.id < one.finishedAt + one.id ? -1 : 1))
        .map(({ id }) => id);
      for (const filter of [
        {},
        { batchId: 'batch' },
        { status: 'done' },
        { tag: 'tag' },
        { text: 'word' },
        { text: 'wo*' },
      ] as ImageFilter[]) {
        const seen: string[] = [];
        for (let last: StoredImage | undefined; ; ) {
          const page = await store.list({
            ...filter,
            limit: 7,
            ...(last === undefined ? {} : { after: last }),
          });
          if (page.length === 0) break;
          expect(page.length).toBeLessThanOrEqual(7);
          seen.push(...page.map(({ id }) => id));
          last = page.at(-1);
        }
        expect(seen).toEqual(expected);
      }
    });

    test('a page holds 100 images unless told otherwise, and never more than 1000', async () => {
      for (let number = 0; number < 1010; number++) await store.save(image(`n${number}`));
      expect(await store.list()).toHaveLength(100);
      expect(await store.list({ limit: 5000 })).toHaveLength(1000);
      expect(await store.list({ limit: 0 })).toHaveLength(1);
    });

    test('every combination of filters gives exactly the images it describes', async () => {
      const vocabulary = ['red', 'redder', 'green', 'grün', 'blue', 'bluest'];
      const pick = <T>(values: readonly T[], seed: number): T => values[seed % values.length] as T;
      const words = (n: number) => [
        pick(vocabulary, n),
        pick(vocabulary, n * 5 + 1),
        pick(vocabulary, (n * n) % 7),
      ];
      const all = Array.from({ length: 60 }, (_, n) =>
        image(`i${String(n).padStart(2, '0')}`, {
          batchId: pick(['x', 'y', 'z'], n * 7),
          status: pick(['done', 'partial', 'rejected'] as const, Math.floor(n / 3)),
          caption: words(n)[0] ?? '',
          text: words(n)[1] ?? '',
          tags: [{ name: words(n)[2] ?? '', confidence: 0.5 }],
          finishedAt: new Date(Date.UTC(2026, 0, 1 + (n % 11))).toISOString(),
        }),
      );
      await saveAll(...all);
      const holds = (one: ImageResult, filter: ImageFilter): boolean => {
        const own = [one.caption ?? '', one.text ?? '', ...one.tags.map((tag) => tag.name)].flatMap(
          (word) => [word, word.replace('ü', 'u')],
        );
        return (
          (filter.batchId === undefined || one.batchId === filter.batchId) &&
          (filter.status === undefined || one.status === filter.status) &&
          (filter.tag === undefined || one.tags.some((tag) => tag.name === filter.tag)) &&
          (filter.text ?? '')
            .split(' ')
            .every((word) =>
              own.some((is) =>
                word.endsWith('*') ? is.startsWith(word.slice(0, -1)) : word === '' || is === word,
              ),
            )
        );
      };
      for (const batchId of [undefined, 'x']) {
        for (const status of [undefined, 'partial'] as const) {
          for (const tag of [undefined, 'red', 'grün']) {
            for (const text of [
              undefined,
              'red',
              'red*',
              'green blue',
              'gr* b*',
              'grun',
              'redder red*',
              'nothing',
            ]) {
              const filter = Object.fromEntries(
                Object.entries({ batchId, status, tag, text }).filter(([, value]) => value !== undefined),
              ) as ImageFilter;
              const expected = all
                .filter((one) => holds(one, filter))
                .map(({ id }) => id)
                .sort();
              const found = (await store.list(filter)).map(({ id }) => id).sort();
              expect(found, JSON.stringify(filter)).toEqual(expected);
            }
          }
        }
      }
    });

    test('finds words in any case, without their accents, in scripts without spaces, and nothing for no word', async () => {
      await saveAll(
        image('a', { text: 'Señor JOSÉ, 東京駅で' }),
        image('b', { caption: 'jose' }),
        image('c', { tags: [{ name: 'José', confidence: 1 }] }),
      );
      const found = async (text: string) =>
        (await store.list({ text }))
          .map(({ id }) => id)
          .sort()
          .join('');
      expect(
        await Promise.all(
          ['jose', 'JOSÉ', 'senor', 'jos*', '東京', '京駅', '駅', '東', 'で', '京東', '!?', ''].map(found),
        ),
      ).toEqual(['abc', 'abc', 'a', 'abc', 'a', 'a', 'a', 'a', 'a', '', '', '']);
      expect(await store.list({ tag: 'JOSÉ' })).toHaveLength(1);
    });

    test('defect 11 of 2017: no text that a person gives is ever SQL', async () => {
      const evil = [
        "'; DROP TABLE pipeline_output; --",
        "x' OR '1'='1",
        "') UNION SELECT id FROM pipeline_output --",
        '%',
        '_',
        '[a-z]',
        "'",
      ];
      await saveAll(image('plain', { batchId: 'b', text: 'word', tags: [{ name: 'dog', confidence: 1 }] }));
      for (const text of evil) {
        expect(await store.list({ tag: text }), text).toEqual([]);
        expect(await store.list({ batchId: text }), text).toEqual([]);
        expect(
          await store.list({ after: { finishedAt: text, id: text } }).catch(() => []),
          text,
        ).toBeDefined();
        expect(
          (await store.list({ text })).map(({ id }) => id),
          text,
        ).not.toContain('plain');
        expect(await store.get(text), text).toBeUndefined();
      }
      await saveAll(
        ...evil.map((text, n) => image(`e${n}`, { batchId: text, tags: [{ name: text, confidence: 1 }] })),
      );
      for (const [n, text] of evil.entries()) {
        expect(
          (await store.list({ batchId: text })).map(({ id }) => id),
          text,
        ).toEqual([`e${n}`]);
        expect(
          (await store.list({ tag: text })).map(({ id }) => id),
          text,
        ).toEqual([`e${n}`]);
      }
      expect(await store.get('plain')).toMatchObject({ id: 'plain' });
    });

    test('counts the images of each batch by status', async () => {
      await saveAll(
        image('1', { batchId: 'b' }),
        image('2', { batchId: 'b', status: 'rejected' }),
        image('3', { batchId: 'b' }),
        image('4', { batchId: 'a', status: 'gone' }),
      );
      expect(await store.batches()).toEqual([
        { batchId: 'a', images: 1, byStatus: { gone: 1 } },
        { batchId: 'b', images: 3, byStatus: { done: 2, rejected: 1 } },
      ]);
    });

    test('a query reads, and nothing it could say writes', async () => {
      await saveAll(image('a', { bytes: 5_000_000_000 }));
      expect(
        await store.query("SELECT id, run, bytes FROM pipeline_output WHERE id <> 'x;y' -- all\n;"),
      ).toEqual([{ id: 'a', run: 0, bytes: 5_000_000_000 }]);
      expect(
        await store.query('WITH x AS (SELECT id FROM pipeline_output) SELECT COUNT(*) AS n FROM x'),
      ).toEqual([{ n: 1 }]);
      for (const refused of [
        'DELETE FROM pipeline_output',
        'SELECT 1; DELETE FROM pipeline_output',
        'SELECT 1 DELETE FROM pipeline_output',
        'WITH x AS (SELECT 1 AS n) DELETE FROM pipeline_output',
        'SELECT id INTO stolen FROM pipeline_output',
        'COMMIT',
        '',
      ]) {
        await expect(store.query(refused), refused).rejects.toThrow(NotReadOnlyError);
      }
      await expect(store.query('SELECT nothing FROM nowhere')).rejects.toThrow(Error);
      expect(await store.list()).toHaveLength(1);
    });

    test('the documented queries answer what they promise', async () => {
      const person = [{ name: 'Person', confidence: 0.9 }];
      const failed = {
        state: 'failed',
        error: { code: 'InvalidImage', message: 'broken' },
        attempts: 5,
      } as const;
      await saveAll(
        matching('a', ['b'], { tags: person, text: 'Our family,\nthe great REUNION' }),
        matching('b', ['a'], { tags: [{ name: 'person', confidence: 0.95 }], caption: 'a family' }),
        image('c', { status: 'partial', steps: { ocr: failed, faces: { ...failed, state: 'skipped' } } }),
      );
      const answers = await Promise.all(exampleQueries.map(({ sql }) => store.query(sql)));
      expect(answers).toMatchObject([
        [{ image_url: imageUrl('b'), confidence: 0.95 }, { image_url: imageUrl('a') }],
        [{ image_url: imageUrl('a') }],
        [{ image_url_a: imageUrl('a'), image_url_b: imageUrl('b'), confidence: 0.7 }],
        [
          { step: 'faces', state: 'skipped', images: 1 },
          { step: 'ocr', state: 'failed', error_code: 'InvalidImage', images: 1, most_attempts: 5 },
        ],
        [{ batch_id: 'batch', images: 3, done: 2, incomplete: 1, rejected: 0, faces: 2 }],
      ]);
    });

    test('refuses an id, a batch or a face key that its column cannot hold, saying so', async () => {
      const long = 'x'.repeat(600);
      for (const refused of [
        image(long),
        image('a', { batchId: long }),
        image('a', { faces: [face(long)] }),
      ]) {
        await expect(store.save(refused)).rejects.toThrow(PermanentError);
      }
      await saveAll(image('x'.repeat(200), { batchId: 'y'.repeat(512) }));
      expect(await store.list()).toHaveLength(1);
    });

    test('migrates twice, and from many connections at once, into one schema', async () => {
      await saveAll(image('kept'));
      await subject.clear();
      subject = await prepare();
      const many = await Promise.all(Array.from({ length: 8 }, open));
      await Promise.all(many.map((one) => one.migrate()));
      await many[0]?.migrate();
      store = many[0] as ResultStore;
      await saveAll(image('a'));
      await Promise.all(many.map((one) => one.migrate()));
      expect(await store.query('SELECT version FROM schema_version')).toEqual(
        migrations.map(({ version }) => ({ version })),
      );
      expect(await store.list()).toHaveLength(1);
    });

    test('refuses a database that a newer program made', async () => {
      await subject.administer("INSERT INTO schema_version (version, applied_at) VALUES (99, '')");
      await expect((await open()).migrate()).rejects.toThrow(SchemaTooNewError);
    });

    test('saves of one image and of matching images at once end in whole rows and single pairs', async () => {
      const [one, two] = [await open(), await open()];
      const saves = Array.from({ length: 12 }, (_, n) => [
        one.save(matching('a', ['b'], { run: n, tags: [{ name: `t${n}`, confidence: 1 }] })),
        two.save(matching('a', ['b'], { run: n, tags: [{ name: `t${n}`, confidence: 1 }] })),
        two.save(matching('b', ['a'], { run: n })),
      ]).flat();
      await Promise.all(saves);
      expect(await get('a')).toMatchObject({
        run: 11,
        tags: [{ name: 't11' }],
        matches: [{ otherImage: 'b' }],
      });
      expect(await pairs()).toHaveLength(1);
      expect(await store.query('SELECT name FROM image_tag')).toEqual([{ name: 't11' }]);
    });

    if (prepareHasProcesses(name)) {
      const saver = (...args: (string | number)[]): ChildProcess => {
        const child = spawn(
          process.execPath,
          [fileURLToPath(new URL('saver.ts', import.meta.url)), ...args.map(String)],
          { env: { ...process.env, ...subject.env }, stdio: ['ignore', 'pipe', 'inherit'] },
        );
        children.push(child);
        return child;
      };

      test('two processes with eight lanes each save at once: no save refused, each pair once, no count wrong', async () => {
        const ends = [saver('p', 60, 0, 'q', 8), saver('q', 60, 0, 'p', 8)].map(async (child) => {
          child.stdout?.resume();
          return (await once(child, 'exit'))[0];
        });
        expect(await Promise.all(ends)).toEqual([0, 0]);
        expect(await store.list({ limit: 1000 })).toHaveLength(120);
        expect(await pairs()).toHaveLength(60);
        expect(
          await store.query('SELECT * FROM face_match WHERE reported_by_a = 0 OR reported_by_b = 0'),
        ).toEqual([]);
        expect(await store.counts.totals()).toMatchObject({ images: 120, faces: 600 });
        expect(await store.counts.recount()).toEqual([]);
        await store.counts.fold();
        expect(await store.counts.recount()).toEqual([]);
      });

      test('a process killed while it saves, or folds counts in, leaves whole images only, and each counted once', async () => {
        for (let run = 0; run < 6; run++) {
          const child = saver('k', 100_000, run, '-', 1, 'fold');
          let saved = 0;
          const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
          lines.on('line', () => {
            saved += 1;
            if (saved > 3 + run * 7) child.kill('SIGKILL');
          });
          await once(child, 'exit');
          const images = await store.list({ limit: 1000 });
          expect(images.length).toBeGreaterThanOrEqual(Math.min(saved, 1000));
          for (const { id, run: stored, tags, faces, text } of images) {
            expect(tags[0]?.name).toBe(`t${stored}x0`);
            expect(text).toMatch(`run${stored} `);
            expect(faces).toHaveLength(5);
            expect(id).toMatch(/^k\d+$/);
          }
          const torn = await store.query(`SELECT o.id FROM pipeline_output o
            WHERE (SELECT COUNT(*) FROM image_tag t WHERE t.image_id = o.id) <> 20
            OR (SELECT COUNT(*) FROM image_word w WHERE w.image_id = o.id) <> 64
            OR (SELECT COUNT(*) FROM face f WHERE f.image_id = o.id) <> 5`);
          expect(torn).toEqual([]);
          expect(await store.counts.recount(), 'what was folded in half-way').toEqual([]);
        }
      });
    }
  });
}

/** Tests register before a subject is prepared: databases that only this process sees say so in their name. */
const prepareHasProcesses = (name: string): boolean => !name.includes('in this process');
