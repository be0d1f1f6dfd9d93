import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeCalibration } from '../../../src/admin/calibrate.ts';
import { type DrawDeps, drawPairs } from '../../../src/admin/draw-pairs.ts';
import type { AuditRequest } from '../../../src/audit/entry.ts';
import { raw } from '../../../src/database/sql.ts';
import { RateLimitedError } from '../../../src/domain/errors.ts';
import { CalibrationLedger } from '../../../src/people/calibration/ledger.ts';
import { strataOf } from '../../../src/people/calibration/strata.ts';
import { People } from '../../../src/people/people.ts';
import type { ResultStore } from '../../../src/results/store.ts';
import { image, match, matching } from '../../results/fixtures.ts';
import type { Subject } from '../../results/subject.ts';

const MODEL = 'recognition_04';
const THRESHOLD = 0.5;
const signal = new AbortController().signal;

/** Calibrations over a database: what is counted, drawn and kept, asked of every database. */
export function calibrationConformance(name: string, prepare: () => Promise<Subject>): void {
  describe(`calibration on ${name}`, () => {
    let subject: Subject;
    let store: ResultStore;
    let people: People;
    let ledger: CalibrationLedger;
    let told: AuditRequest[];
    let now: number;

    beforeEach(async () => {
      subject = await prepare();
      store = await subject.open();
      await store.migrate();
      now = Date.parse('2026-11-30T00:00:00.000Z');
      people = new People(store.database, { clock: () => now++ });
      ledger = new CalibrationLedger(store.database, () => now++);
      told = [];
    });
    afterEach(async () => {
      await store.close();
      await subject.clear();
    });

    const deps = (search: DrawDeps['search'] = async () => []): DrawDeps => ({
      ledger,
      model: MODEL,
      threshold: THRESHOLD,
      audit: { record: async (request: AuditRequest) => void told.push(request) },
      search,
    });
    /** Persons p0, p1 ... each on the photographs <p>a and <p>b. */
    const PERSONS = 30;
    const ids = Array.from({ length: PERSONS }, (_, n) => [`p${n}a`, `p${n}b`]).flat();
    const score = (one: string, other: string): number => {
      const [p, q] = [one, other].map((id) => Number(/\d+/.exec(id)?.[0])).sort((a, b) => a - b);
      const number = Number(p);
      if (p === q) return number < 24 ? 0.6 + number / 100 : 0.3 + number / 1000;
      return (number * 7 + Number(q) * 13) % 17 === 0 ? 0.52 : 0.2 + ((number + Number(q)) % 8) / 100;
    };
    const fill = async () => {
      const before: string[] = [];
      for (const id of ids) {
        const offered = before.filter((other) => score(id, other) >= THRESHOLD);
        await store.save(
          matching(id, [], { matches: offered.map((other) => match(id, other, score(id, other))) }),
        );
        before.push(id);
      }
      await people.settle(ids);
    };
    /** As the service would: whatever is as like as asked for, best first. */
    const search: DrawDeps['search'] = async ({ imageId }, { atLeast, max }) =>
      ids
        .filter((id) => id !== imageId && score(imageId, id) >= atLeast)
        .map((id) => ({ faceKey: `${id}-0`, jobId: id, confidence: score(imageId, id) }))
        .sort((a, b) => b.confidence - a.confidence)
        .slice(0, max);
    const rows = async (statement: string) =>
      ((await store.database.read([raw(statement)]))[0] ?? []).map((row) => ({ ...row }));
    const personOf = (face: string) => /p\d+/.exec(face)?.[0];

    test('pairs are drawn from above and below the threshold, decided blind, and counted by what they stand for', async () => {
      await fill();
      let tries = 0;
      const drawn = await drawPairs(
        { faces: 100, perStratum: 40, seed: 5 },
        'ann',
        deps(async (face, options, asked) => {
          tries += 1;
          if (tries === 3) throw new RateLimitedError('training', 1);
          return tries === 7 ? undefined : search(face, options, asked);
        }),
        signal,
      );
      expect(drawn).toMatchObject({ seed: 5, faces: 60, searched: 59 });
      expect(told).toMatchObject([{ who: 'ann', action: 'calibration.drawn' }]);
      expect(drawn.below.map(({ from }) => from)).toEqual(
        strataOf(THRESHOLD)
          .map(({ from }) => from)
          .filter((from) => from < THRESHOLD),
      );
      expect(drawn.below.find(({ from }) => from === 0.3)).toEqual({ from: 0.3, searches: 59, found: 6 });

      const first = await ledger.undecided({ limit: 10 });
      const all = await ledger.undecided({ limit: 1000 });
      expect(all.length).toBe(drawn.pairs);
      expect(first).toEqual(all.slice(0, 10));
      expect(await ledger.undecided({ after: first[9]?.position ?? 0, limit: 1000 })).toEqual(all.slice(10));
      // No order of scores: what comes next says nothing about how sure the machine is.
      const scores = all.map((pair) => pair.score);
      expect(scores).not.toEqual([...scores].sort((a, b) => a - b));
      expect(scores.some((one) => one < THRESHOLD)).toBe(true);
      expect(scores.some((one) => one >= THRESHOLD)).toBe(true);

      for (const {
        faces: [a, b],
      } of all) {
        const verdict = personOf(a) === personOf(b) ? 'same' : 'different';
        await people.decide(a, b, verdict, { by: 'ben', blind: true });
      }
      expect(await ledger.undecided({ limit: 10 })).toEqual([]);

      const evidence = await ledger.evidence(MODEL, THRESHOLD);
      expect(evidence.faces).toBe(60);
      expect(evidence.allPairs).toBe((60 * 59) / 2);
      const sizes = new Map(evidence.sizes.map(({ from, pairs }) => [from, pairs]));
      const inStratum = (from: number, to: number) => {
        let count = 0;
        ids.forEach((one, at) => {
          for (const other of ids.slice(at + 1)) {
            const sure = score(other, one);
            if (sure >= from && sure < to) count += 1;
          }
        });
        return count;
      };
      expect(sizes.get(0.5)).toBe(inStratum(0.5, 0.55));
      expect(sizes.get(0.6)).toBe(inStratum(0.6, 0.65));
      // All but one face were searched: hardly a pair was missed.
      expect(sizes.get(0.3)).toBeCloseTo(6, 1);

      const made = await makeCalibration('ann', deps(), 9);
      expect(made.result).toMatchObject({ threshold: THRESHOLD, faces: 60, enough: true });
      const here = made.result.rates.find(({ threshold }) => threshold === THRESHOLD);
      // 6 of 30 persons are below the threshold.
      expect(here?.falseNonMatchRate?.share).toBeCloseTo(0.2, 1);
      expect(here?.falseNonMatchRate?.high).toBeGreaterThan(0.2);
      const wrong = inStratum(0.5, 0.55);
      expect(here?.falseMatchRate?.share).toBeCloseTo(wrong / (1770 - 30), 3);
      expect(told.at(-1)).toMatchObject({ action: 'calibration.made', detail: { seed: 9 } });
      expect(await ledger.latest(MODEL, true)).toEqual(made);
      expect(await ledger.latest('another')).toBeUndefined();
      const again = await makeCalibration('ann', deps(), 9);
      expect(again.result).toEqual(made.result);
      expect((await ledger.list({ limit: 1 })).map(({ id }) => id)).toEqual([again.id]);
      expect(
        (await ledger.list({ after: { at: again.at, id: again.id }, limit: 5 })).map(({ id }) => id),
      ).toEqual([made.id]);
    });

    test('a search that gives no more than its most says nothing of what lies below its last', async () => {
      await fill();
      const drawn = await drawPairs(
        { faces: 5, perStratum: 10, seed: 1 },
        'ann',
        deps(async ({ imageId }) =>
          Array.from({ length: 800 }, (_, n) => ({
            faceKey: `${ids[n % ids.length]}-${n}`,
            jobId: `${imageId}x${n}`,
            confidence: 0.49 - n / 10_000,
          })),
        ),
        signal,
      );
      const searches = new Map(drawn.below.map((stratum) => [stratum.from, stratum.searches]));
      expect(searches.get(0.45)).toBe(5);
      expect(searches.get(0.4)).toBe(0);
      expect(searches.get(0.2)).toBe(0);
    });

    test('what the case data say of both makes groups; a pair decided by hand alone stands below all', async () => {
      await fill();
      const ann = await people.persons.make({ sex: 'female', minor: true }, { by: 'ann' }, [
        'p0a-0',
        'p0b-0',
      ]);
      await people.persons.make({ sex: 'male' }, { by: 'ann' }, ['p1a-0']);
      await people.decide('p0a-0', 'p0b-0', 'same', { by: 'ann' });
      await people.decide('p29a-0', 'p29b-0', 'same', { by: 'ann' });
      await people.decide('p28a-0', 'p27b-0', 'different', { by: 'ann' });
      expect(ann.sex).toBe('female');
      const { pairs } = await ledger.evidence(MODEL, THRESHOLD);
      expect(pairs.map(({ confidence, same, groups }) => ({ confidence, same, groups }))).toEqual([
        { confidence: 0.6, same: true, groups: ['sex: female', 'children'] },
        { confidence: -1, same: true, groups: undefined },
      ]);
      expect(pairs.every(({ persons: [one, other], same }) => same === (one === other))).toBe(true);
    });

    test('an erased photograph is in no draw any more', async () => {
      await fill();
      await drawPairs({ faces: 60, perStratum: 40, seed: 5 }, 'ann', deps(search), signal);
      const about = `WHERE image_a = 'p3a' OR image_b = 'p3a'`;
      expect((await rows(`SELECT * FROM calibration_pair ${about}`)).length).toBeGreaterThan(0);
      await store.erasures.remove(['p3a'], signal);
      expect(await rows(`SELECT * FROM calibration_pair ${about}`)).toEqual([]);
      await store.clear();
      expect(await rows('SELECT * FROM calibration_pair')).toEqual([]);
      expect(await rows('SELECT * FROM calibration_draw')).toEqual([]);
    });

    test('an empty archive has nothing to draw, and knows nothing', async () => {
      await store.save(image('empty'));
      const drawn = await drawPairs({ faces: 10, perStratum: 10 }, 'ann', deps(search), signal);
      expect(drawn).toMatchObject({ faces: 0, searched: 0, pairs: 0 });
      const { result } = await makeCalibration('ann', deps());
      expect(result).toMatchObject({ faces: 0, pairs: 0, enough: false });
      expect(await ledger.latest(MODEL, true)).toBeUndefined();
      expect(await ledger.latest(MODEL)).toBeDefined();
    });
  });
}
