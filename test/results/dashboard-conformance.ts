import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { personNode } from '../../src/people/node.ts';
import { People } from '../../src/people/people.ts';
import type { ImageFilter, ImageResult, ImageStatus, StepOutcome } from '../../src/results/rows.ts';
import type { ResultStore } from '../../src/results/store.ts';
import { decide, face, image, match, matching } from './fixtures.ts';
import type { Subject } from './subject.ts';

const failedIn = (code: string): ImageResult['steps'] => ({
  ocr: { state: 'failed', attempts: 5, error: { code, message: 'It failed.' } },
  facecrop: { state: 'skipped', attempts: 0, error: { code: 'NeedsOther', message: 'It needs faces.' } },
});
const facesLookedFor = ({ steps, status }: ImageResult): boolean =>
  steps.facedetection?.state === 'done' && (status === 'done' || status === 'partial');
const became = ({ steps }: ImageResult, { step, state, code }: StepOutcome): boolean =>
  steps[step]?.state === state && (code === undefined || steps[step]?.error?.code === code);

const day = (n: number): string => new Date(Date.UTC(2026, 0, n)).toISOString();

/** What the dashboard asks of every database. */
export function dashboardConformance(name: string, prepare: () => Promise<Subject>): void {
  describe(`counts, lists and decisions on ${name}`, () => {
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

    const saveAll = async (...images: ImageResult[]) => {
      for (const one of images) await store.save(one);
    };

    /** The counts as they follow from the images themselves. */
    async function recounted() {
      const images = await store.list({ limit: 1000 });
      const byStatus: Partial<Record<ImageStatus, number>> = {};
      const tags = new Map<string, number>();
      for (const { status, tags: own } of images) {
        byStatus[status] = (byStatus[status] ?? 0) + 1;
        for (const tag of new Set(own.map((one) => one.name))) tags.set(tag, (tags.get(tag) ?? 0) + 1);
      }
      return {
        images: images.length,
        byStatus,
        faces: images.reduce((sum, { faces }) => sum + faces.length, 0),
        batches: [...Map.groupBy(images, ({ batchId }) => batchId)]
          .map(([id, own]) => [id, own.length])
          .sort(),
        tags: [...tags].sort(([one], [two]) => (one < two ? -1 : 1)),
      };
    }

    test('the counts are those of the images, whatever was saved, saved again, refused or stripped of faces, folded in or not', async () => {
      const action = fc.record({
        id: fc.constantFrom('a', 'b', 'c', 'd'),
        batchId: fc.constantFrom('one', 'two'),
        status: fc.constantFrom<ImageStatus>('done', 'partial', 'rejected', 'gone'),
        run: fc.nat({ max: 3 }),
        tags: fc.subarray(['person', 'dog', 'tree']),
        faces: fc.nat({ max: 3 }),
        remove: fc.boolean(),
        fold: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 12 }), async (actions) => {
          for (const { id, batchId, status, run, tags, faces, remove, fold } of actions) {
            const before = (await store.counts.totals()).stamp;
            const saved = await store.save(
              image(id, {
                batchId,
                status,
                run,
                tags: tags.map((tag) => ({ name: tag, confidence: 1 })),
                faces: Array.from({ length: faces }, (_, n) => face(`${id}-${n}`)),
              }),
            );
            const after = (await store.counts.totals()).stamp;
            expect(after === before).toBe(saved === 'superseded');
            if (remove) await store.removeFaces(id);
            if (fold) await store.counts.fold();
          }
          expect(await store.counts.recount()).toEqual([]);
          const expected = await recounted();
          const { images, byStatus, faces } = await store.counts.totals();
          expect(await store.counts.faces()).toBe(faces);
          expect({ images, byStatus, faces }).toEqual({
            images: expected.images,
            byStatus: expected.byStatus,
            faces: expected.faces,
          });
          const batches = await store.counts.batches();
          expect(batches.map((one) => [one.batchId, one.images])).toEqual(expected.batches);
          const tags = await store.counts.names({ kind: 'tag', limit: 100 });
          expect(tags.map((tag) => [tag.name, tag.images]).sort()).toEqual(expected.tags);
        }),
        { numRuns: 15 },
      );
    });

    test('batches come by name, by prefix, and page by page', async () => {
      await saveAll(
        ...['b', 'a/2', 'a/1', 'c', '\u{10ffff}'].map((batchId, n) => image(`${n}`, { batchId })),
      );
      const names = async (range: Parameters<ResultStore['counts']['batches']>[0]) =>
        (await store.counts.batches(range)).map(({ batchId }) => batchId);
      expect(await names({})).toEqual(['a/1', 'a/2', 'b', 'c', '\u{10ffff}']);
      expect(await names({ limit: 2 })).toEqual(['a/1', 'a/2']);
      expect(await names({ limit: 2, after: 'a/2' })).toEqual(['b', 'c']);
      expect(await names({ prefix: 'a/' })).toEqual(['a/1', 'a/2']);
      expect(await names({ prefix: '\u{10ffff}' })).toEqual(['\u{10ffff}']);
      expect(await store.counts.batch('b')).toMatchObject({ images: 1, byStatus: { done: 1 } });
      expect(await store.counts.batch('')).toMatchObject({ images: 0 });
    });

    test('categories, face counts and dates filter, alone and together with the others', async () => {
      const all = Array.from({ length: 48 }, (_, n) =>
        image(`i${String(n).padStart(2, '0')}`, {
          status: n % 3 === 0 ? 'partial' : 'done',
          steps:
            n % 3 === 0
              ? failedIn(n % 2 === 0 ? 'Broken' : 'Slow')
              : {
                  ocr: { state: 'done', attempts: 1 },
                  // In some of those without a face nobody looked for one.
                  ...(n % 4 !== 0 && { facedetection: { state: 'done' as const, attempts: 1 } }),
                },
          tags: [
            { name: n % 2 === 0 ? 'even' : 'odd', confidence: 1 },
            ...(n % 5 === 0 ? [{ name: 'fifth', confidence: 0.5 }] : []),
          ],
          categories: [{ name: n % 4 === 0 ? 'People_Group' : 'others_', score: 0.5 }, 'nonsense', null],
          faces: Array.from({ length: n % 6 }, (_, k) => face(`i${n}-${k}`)),
          finishedAt: day(1 + (n % 7)),
        }),
      );
      await saveAll(...all);
      const holds = (one: ImageResult, filter: ImageFilter): boolean =>
        (filter.status === undefined || one.status === filter.status) &&
        (filter.outcome === undefined || became(one, filter.outcome)) &&
        [filter.tag ?? []].flat().every((tag) => one.tags.some(({ name: is }) => is === tag)) &&
        [filter.category ?? []]
          .flat()
          .every((name) => JSON.stringify(one.categories).toLowerCase().includes(`"${name}"`)) &&
        one.faces.length >= (filter.minFaces ?? 0) &&
        one.faces.length <= (filter.maxFaces ?? 99) &&
        (filter.maxFaces === undefined || one.faces.length > 0 || facesLookedFor(one)) &&
        one.finishedAt >= (filter.from ?? '') &&
        one.finishedAt < (filter.to ?? '9');
      const filters: ImageFilter[] = [
        { category: 'people_group' },
        { category: ['people_group', 'others_'] },
        { minFaces: 2 },
        { maxFaces: 0 },
        { minFaces: 0, maxFaces: 2 },
        { maxFaces: 1, tag: 'even' },
        { minFaces: 5, maxFaces: 5 },
        { minFaces: 1, maxFaces: 3, tag: ['even', 'fifth'], status: 'done' },
        { from: day(3), to: day(5) },
        { from: day(3), category: 'others_', minFaces: 1 },
        { tag: ['even', 'odd'] },
        { outcome: { step: 'ocr', state: 'failed' } },
        { outcome: { step: 'ocr', state: 'failed', code: 'Slow' } },
        { outcome: { step: 'facecrop', state: 'skipped' }, tag: 'fifth' },
        { outcome: { step: 'facecrop', state: 'failed' } },
      ];
      for (const filter of filters) {
        const expected = all.filter((one) => holds(one, filter)).map(({ id }) => id);
        const listed = (await store.list(filter)).map(({ id }) => id);
        expect(listed.sort(), JSON.stringify(filter)).toEqual(expected.sort());
        const paged: string[] = [];
        let after: ImageFilter['after'];
        do {
          const page = await store.summaries({ ...filter, limit: 3, ...(after && { after }) });
          for (const summary of page.images) {
            const own = all.find(({ id }) => id === summary.id);
            expect(summary.facesLookedFor).toBe(own && (own.faces.length > 0 || facesLookedFor(own)));
          }
          paged.push(...page.images.map(({ id }) => id));
          after = page.next;
        } while (after !== undefined);
        expect(paged.sort(), JSON.stringify(filter)).toEqual(expected.sort());
      }
    });

    test('a summary says what a card shows, and no more', async () => {
      await saveAll(
        matching('b', [], { batchId: 'album', caption: 'two people', width: 640, height: 480 }),
        matching('a', ['b'], {
          tags: [
            { name: 'Person', confidence: 0.25 },
            { name: 'dog', confidence: 0.5 },
          ],
        }),
        image('r', { status: 'rejected', reason: { code: 'NotAnImage', message: 'It is text.' } }),
      );
      const { images } = await store.summaries();
      expect(images.map(({ id }) => id)).toEqual(['r', 'b', 'a']);
      expect(images[0]).toMatchObject({
        status: 'rejected',
        reason: { code: 'NotAnImage', message: 'It is text.' },
      });
      expect(images[1]).toEqual({
        id: 'b',
        batchId: 'album',
        imageUrl: image('b').imageUrl,
        status: 'done',
        width: 640,
        height: 480,
        caption: 'two people',
        tags: [],
        warningCodes: [],
        faceCount: 1,
        focus: { x: 0.0390625, y: 0.046875 },
        facesLookedFor: true,
        matchCount: 1,
        finishedAt: image('b').finishedAt,
      });
      expect(images[2]?.tags.map((tag) => tag.name)).toEqual(['dog', 'person']);
    });

    test('a card has twelve tags, the surest first and then by name, and a middle within the picture', async () => {
      const tags = ['b', 'a', 'n', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'].map((name) => ({
        name,
        confidence: name === 'n' ? 0.9 : 0.5,
      }));
      const beyond = (left: number, top: number) => [
        { ...face('x'), rectangle: { left, top, width: 30, height: 30 } },
      ];
      await saveAll(
        image('a', {
          tags,
          width: 100,
          height: 50,
          faces: [{ ...beyond(500, -400)[0], key: 'a-0', enrolled: true } as never],
        }),
        image('b', {
          width: 100,
          height: 50,
          faces: [{ ...beyond(-500, 400)[0], key: 'b-0', enrolled: true } as never],
        }),
        image('c', { width: 0, height: 50, faces: [face('c-0')] }),
        image('d', { width: 100, height: 0, faces: [face('d-0')] }),
        image('e', { width: 100, height: 50 }),
        image('f', { width: 1, height: 1, faces: [face('f-0')] }),
      );
      const { images } = await store.summaries();
      const of = (id: string) => images.find((one) => one.id === id);
      expect(
        of('a')
          ?.tags.map((tag) => tag.name)
          .join(''),
      ).toBe('nabcdefghijk');
      expect(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => of(id)?.focus)).toEqual([
        { x: 1, y: 0 },
        { x: 0, y: 1 },
        undefined,
        undefined,
        undefined,
        { x: 1, y: 1 },
      ]);
    });

    test('an image that came to an end otherwise has no match, though a pair of it is there', async () => {
      await saveAll(matching('a', ['b']), matching('b', []));
      for (const status of ['gone', 'superseded']) {
        await subject.administer(`UPDATE pipeline_output SET status = '${status}' WHERE id = 'a'`);
        await subject.administer("DELETE FROM image_card WHERE image_id = 'a'");
        expect((await store.get('a'))?.matches).toEqual([]);
        expect((await store.get('b'))?.matches).toEqual([]);
        expect((await store.summaries()).images.find(({ id }) => id === 'a')?.matchCount).toBe(0);
      }
    });

    test('a pair is told whole, and the surest come first, then by their keys', async () => {
      const url = (id: string) => image(id).imageUrl;
      await saveAll(
        matching('b', [], { width: 640, height: 480, batchId: 'album' }),
        image('m', {
          faces: [
            { ...face('m-0'), crop: 'm-0.jpg' },
            { ...face('m-1'), rectangle: { left: 1, top: 2, width: 3, height: 4 } },
          ],
          matches: [
            match('m', 'z', 0.5),
            match('m', 'y', 0.5),
            match('m', 'x', 0.9, 0.25),
            { ...match('m', 'y', 0.5), face: 'm-1' },
            match('m', 'b', 0.6),
            match('m', 'a', 0.5),
          ],
        }),
      );
      const found = await store.decisions.ofImage('m');
      expect(found.map(({ a, b }) => `${a.face} ${b.face}`)).toEqual([
        'm-0 x-0',
        'b-0 m-0',
        'a-0 m-0',
        'm-0 y-0',
        'm-0 z-0',
        'm-1 y-0',
      ]);
      const stored = (await store.get('m'))?.matches.map(({ face: own, otherFace }) => `${own} ${otherFace}`);
      expect(stored).toEqual(['m-0 x-0', 'm-0 b-0', 'm-0 a-0', 'm-0 y-0', 'm-0 z-0', 'm-1 y-0']);
      const m = { face: 'm-0', imageId: 'm', imageUrl: url('m'), batchId: 'batch', crop: 'm-0.jpg' };
      const box = (left: number) => ({ left, top: 2.5, width: 30, height: 40 });
      const firstSeen = image('m').finishedAt;
      expect(found[0]).toEqual({
        a: { ...m, rectangle: box(10) },
        b: { face: 'x-0', imageId: 'x', imageUrl: url('x'), rectangle: box(99) },
        ...{ confidence: 0.9, marginA: 0.25, firstSeen },
      });
      expect(found[1]).toEqual({
        a: {
          ...{ face: 'b-0', imageId: 'b', imageUrl: url('b'), rectangle: box(10) },
          ...{ batchId: 'album', imageWidth: 640, imageHeight: 480 },
        },
        b: { ...m, rectangle: box(10) },
        ...{ confidence: 0.6, firstSeen },
      });
      await saveAll(image('m', { run: 1, faces: [face('m-0')], matches: [match('m', 'b', 0.6, 0.125)] }));
      const decision = await decide(store, ['m-0', 'b-0'], 'confirmed', 'someone');
      const [pair] = await store.decisions.ofFace('b-0');
      expect(pair).toMatchObject({ marginB: 0.125, decision });
      expect(pair).not.toHaveProperty('marginA');
      expect(await store.faces(['b-0', 'm-0', 'x-0'])).toEqual(
        expect.arrayContaining([
          { ...pair?.a },
          { face: 'm-0', imageId: 'm', imageUrl: url('m'), batchId: 'batch', rectangle: box(10) },
        ]),
      );
    });

    test('whom a face may be is told with how sure that is, and nobody whom somebody has ruled out', async () => {
      await saveAll(
        image('b', { faces: [face('b-0')], matches: [match('b', 'a', 0.8, 0.25), match('b', 'c', 0.5)] }),
        matching('a', []),
        matching('d', ['b']),
      );
      await decide(store, ['b-0', 'd-0'], 'notSame', 'someone');
      const found = await store.decisions.neighbours(['b-0', 'a-0', 'd-0']);
      expect(found.get('b-0')).toEqual([
        { face: 'c-0', confidence: 0.5 },
        { face: 'a-0', confidence: 0.8, margin: 0.25 },
      ]);
      expect(found.get('a-0')).toEqual([{ face: 'b-0', confidence: 0.8 }]);
      expect(found.has('d-0')).toBe(false);
    });

    test('what is said of an image by its batch is kept, each word alone and all together', async () => {
      const terms = [
        { doNotMatch: true },
        { doNotMatch: false, purpose: 'tracing' },
        { doNotMatch: false, legalBasis: 'consent' },
        { doNotMatch: false, expires: '2030-01-31T00:00:00.000Z' },
      ];
      await saveAll(...terms.map((consent, n) => image(`${n}`, { consent })));
      for (const [n, consent] of terms.entries()) expect((await store.get(`${n}`))?.consent).toEqual(consent);
      await saveAll(image('none', { consent: { doNotMatch: false } }));
      expect(await store.get('none')).not.toHaveProperty('consent');
    });

    test('a rejected pair is gone from both images, also after a rerun of either, until that is taken back', async () => {
      await saveAll(matching('a', ['b']), matching('b', ['a']));
      const seen = async () => [
        (await store.get('a'))?.matches.length,
        (await store.get('b'))?.matches.length,
        (await store.summaries()).images.map(({ matchCount }) => matchCount),
        (await store.decisions.review({ minConfidence: 0, limit: 10 })).length,
      ];
      expect(await seen()).toEqual([1, 1, [1, 1], 1]);
      const before = (await store.counts.totals()).stamp;
      const decided = await decide(store, ['b-0', 'a-0'], 'notSame', 'someone');
      expect(decided).toMatchObject({ verdict: 'notSame', by: 'someone' });
      expect((await store.counts.totals()).stamp).not.toBe(before);
      expect(await seen()).toEqual([0, 0, [0, 0], 0]);
      await saveAll(matching('a', ['b'], { run: 1 }), matching('b', ['a'], { run: 1 }));
      expect(await seen()).toEqual([0, 0, [0, 0], 0]);
      await saveAll(matching('a', [], { run: 2 }), matching('b', [], { run: 2 }));
      await saveAll(matching('a', ['b'], { run: 3 }));
      expect(await seen()).toEqual([0, 0, [0, 0], 0]);
      expect(
        await store.decisions.rejectedAmong([
          ['b-0', 'a-0'],
          ['a-0', 'c-0'],
        ]),
      ).toEqual([['a-0', 'b-0']]);
      expect((await store.decisions.ofImage('a')).map(({ decision }) => decision)).toEqual([decided]);
      await decide(store, ['a-0', 'b-0'], 'undecided', 'someone else');
      expect(await seen()).toEqual([1, 1, [1, 1], 1]);
      expect(await store.decisions.rejectedAmong([['a-0', 'b-0']])).toEqual([]);
    });

    test('a confirmed pair stays a match and leaves the queue; only what was suggested can be decided', async () => {
      await saveAll(matching('a', ['b']), matching('b', []));
      expect(await decide(store, ['a-0', 'x-0'], 'confirmed', 'someone')).toBeUndefined();
      await decide(store, ['a-0', 'b-0'], 'confirmed', "O'Neill \u{1f600}");
      expect(await store.decisions.review({ minConfidence: 0, limit: 10 })).toEqual([]);
      expect((await store.get('b'))?.matches).toHaveLength(1);
      const [pair] = await store.decisions.ofFace('b-0');
      expect(pair).toMatchObject({
        a: { face: 'a-0', imageId: 'a', batchId: 'batch' },
        b: { face: 'b-0', imageId: 'b' },
        decision: { verdict: 'confirmed', by: "O'Neill \u{1f600}" },
      });
      expect((await store.counts.totals()).toReview).toBe(0);
    });

    test('the review queue of a person has the pairs with a face of theirs, and no other', async () => {
      await saveAll(
        image('a', { faces: [face('a-0')], matches: [match('a', 'b', 0.9)] }),
        image('b', { faces: [face('b-0')], matches: [] }),
        image('c', { faces: [face('c-0')], matches: [match('c', 'd', 0.7)] }),
        image('d', { faces: [face('d-0')], matches: [] }),
      );
      const people = new People(store.database, { clock: Date.now });
      const { id } = await people.persons.make({ fullName: 'Amal' }, { by: 'ann' }, ['d-0']);
      await people.settleAll();
      const of = async (groupId: string) =>
        (await store.decisions.reviewPage({ minConfidence: 0, limit: 10, groupId })).pairs.map(
          ({ a, b }) => `${a.face} ${b.face}`,
        );
      expect(await of(personNode(id))).toEqual(['c-0 d-0']);
      expect(await of(personNode('nobody'))).toEqual([]);
    });

    test('the review queue is walked once, the surest first, however pages are cut and pairs decided', async () => {
      const others = Array.from({ length: 23 }, (_, n) => `o${String(n).padStart(2, '0')}`);
      await saveAll(
        image('a', {
          faces: [face('a-0')],
          matches: others.map((other, n) => match('a', other, [0.9, 0.8, 0.6123456789][n % 3] as number)),
        }),
      );
      for (const limit of [1, 4, 23, 100]) {
        const walked: number[] = [];
        const faces = new Set<string>();
        let after: { confidence: number; a: string; b: string } | undefined;
        for (;;) {
          const page = await store.decisions.review({ minConfidence: 0, limit, ...(after && { after }) });
          for (const { confidence, b } of page) {
            walked.push(confidence);
            faces.add(b.face);
          }
          const last = page.at(-1);
          if (last === undefined) break;
          after = { confidence: last.confidence, a: last.a.face, b: last.b.face };
        }
        expect(walked).toEqual([...walked].sort((one, two) => two - one));
        expect(walked.length).toBe(faces.size);
        expect(faces.size).toBe(others.length);
      }
      await decide(store, ['a-0', 'o00-0'], 'confirmed', 'someone');
      await decide(store, ['a-0', 'o01-0'], 'notSame', 'someone');
      const left = await store.decisions.review({ minConfidence: 0.7, limit: 100 });
      expect(left.some(({ b }) => ['o00-0', 'o01-0'].includes(b.face))).toBe(false);
      expect(left.every(({ confidence }) => confidence >= 0.7)).toBe(true);
      expect((await store.counts.totals()).toReview).toBe(21);
    });

    test('failures are counted by step and reason, and results by minute', async () => {
      const failed = (id: string, code: string, finishedAt: string) =>
        image(id, {
          steps: { ocr: { state: 'failed', error: { code, message: 'why' }, attempts: 5 } },
          finishedAt,
        });
      await saveAll(
        failed('a', 'InvalidImage', '2026-01-01T10:00:01.000Z'),
        failed('b', 'InvalidImage', '2026-01-01T10:00:59.999Z'),
        failed('c', 'Timeout', '2026-01-01T10:02:00.000Z'),
      );
      expect(await store.counts.failures()).toEqual([
        { step: 'ocr', state: 'failed', code: 'InvalidImage', images: 2 },
        { step: 'ocr', state: 'failed', code: 'Timeout', images: 1 },
      ]);
      expect(await store.counts.perMinute('2026-01-01T10:00:00.000Z', '2026-01-01T10:02:00.000Z')).toEqual(
        new Map([['2026-01-01T10:00', 2]]),
      );
    });
  });
}
