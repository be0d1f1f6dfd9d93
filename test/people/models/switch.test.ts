import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SqliteDatabase } from '../../../src/database/sqlite.ts';
import { PeopleRefusedError } from '../../../src/people/errors.ts';
import { Died, MortalDatabase } from '../mortal-database.ts';
import { ModelsWorld, scoreOf, THRESHOLD } from './models-world.ts';

let folder: string;
let worlds = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imaginem-models-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function open(): Promise<ModelsWorld> {
  worlds += 1;
  const world = new ModelsWorld(await SqliteDatabase.open(join(folder, `${worlds}.db`)));
  await world.store.migrate();
  return world;
}

const BY = { by: 'ann' };

/** Pairs, as they must stand by a model: all those it offers, and each as sure as it says. */
function expectedPairs(model: string, images: readonly string[]): Map<string, number> {
  const pairs = new Map<string, number>();
  for (const [at, a] of images.entries())
    for (const b of images.slice(at + 1)) {
      const [one, two] = [`${a}-0`, `${b}-0`].sort() as [string, string];
      const score = scoreOf(model, one, two);
      if (score >= THRESHOLD) pairs.set(`${one} ${two}`, score);
    }
  return pairs;
}

async function expectPairsOf(world: ModelsWorld, model: string, images: readonly string[]): Promise<void> {
  const found = await world.pairs();
  expect([...new Set(found.map((pair) => pair.model))].filter((one) => one !== model)).toEqual([]);
  expect(new Map(found.map(({ faces, confidence }) => [faces.join(' '), confidence]))).toEqual(
    expectedPairs(model, images),
  );
  expect(world.service.crossed).toBe(0);
}

test('a switch: both are enrolled while one counts, then the other does; decisions stand; the former goes', async () => {
  const world = await open();
  for (const id of ['a', 'b', 'c', 'd']) await world.photograph(id);
  await world.people.decidePair('a-0', 'b-0', 'confirmed', BY);
  await world.people.decidePair('a-0', 'c-0', 'notSame', BY);
  await world.models.start('imaginem_02', 'ann');
  await expect(world.models.start('imaginem_02', 'ann')).rejects.toMatchObject({
    code: 'ModelSwitchUnderWay',
  });
  await expect(world.models.finish()).rejects.toMatchObject({ code: 'ModelSwitchUnfinished' });
  await world.models.pause(true);
  expect(await world.proceed()).toEqual({ images: 0, through: false });
  await world.models.pause(false);
  expect(await world.proceed()).toEqual({ images: 4, through: true });
  // One more, by the model that still counts: it is enrolled with the next one as well.
  await world.photograph('e');
  expect((await world.list.progress()).left).toBe(1);
  await world.proceed();
  await expectPairsOf(world, 'recognition_04', ['a', 'b', 'c', 'd', 'e']);
  expect([...(world.service.enrolled.get('imaginem_02')?.keys() ?? [])].sort()).toEqual(
    ['a', 'b', 'c', 'd', 'e'].map((id) => `${id}-0`),
  );
  const decided = await world.decided();
  expect(await world.models.finish()).toMatchObject({ active: 'imaginem_02', phase: 'retiring' });
  expect(await world.decided()).toEqual(decided);
  await world.settle();
  await expectPairsOf(world, 'imaginem_02', ['a', 'b', 'c', 'd', 'e']);
  expect(await world.models.state()).toMatchObject({ active: 'imaginem_02', phase: 'steady' });
  expect(world.service.enrolled.get('recognition_04')?.size).toBe(0);
  // And back again: a model in use is a model like any other.
  await world.models.start('recognition_04', 'ann');
  await world.settle();
  await world.models.finish();
  await world.settle();
  await expectPairsOf(world, 'recognition_04', ['a', 'b', 'c', 'd', 'e']);
  expect(await world.decided()).toEqual(decided);
  await world.store.close();
});

test('a photograph whose file is gone holds nothing up, and is told of', async () => {
  const world = await open();
  for (const id of ['a', 'b']) await world.photograph(id);
  world.lost.add('b');
  await world.models.start('imaginem_02', 'ann');
  await world.settle();
  expect(await world.list.progress()).toEqual({ left: 0, problems: [{ code: 'ImageGone', images: 1 }] });
  await world.models.finish();
  await world.settle();
  expect([...(world.service.enrolled.get('imaginem_02')?.keys() ?? [])]).toEqual(['a-0']);
  await world.store.close();
});

test('a photograph that was under way across the exchange is enrolled with the model that counts', async () => {
  const world = await open();
  for (const id of ['a', 'b', 'c']) await world.photograph(id);
  await world.models.start('imaginem_02', 'ann');
  await world.settle();
  await world.models.finish();
  // Its process still took the former model for the one in use.
  await world.photograph('d', 'recognition_04');
  expect((await world.pairs()).every(({ model }) => model === 'imaginem_02')).toBe(true);
  await world.settle();
  await expectPairsOf(world, 'imaginem_02', ['a', 'b', 'c', 'd']);
  await world.store.close();
});

type Act =
  | { kind: 'photograph' | 'stale' | 'again' | 'same' | 'different'; one: number; other: number }
  | { kind: 'start' | 'pause' | 'resume' | 'finish' | 'abandon' }
  | { kind: 'run'; lives: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('photograph', 'stale', 'again', 'same', 'different'),
      one: fc.nat(5),
      other: fc.nat(5),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('start', 'start', 'pause', 'resume', 'finish', 'abandon') }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      lives: fc.oneof(fc.nat(60), fc.constant(10_000)),
    }),
  },
) as fc.Arbitrary<Act>;

test('interrupted at any call, or given up, a switch loses no decision and compares nothing across models', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 24 }), fc.boolean(), async (acts, givenUp) => {
      const world = await open();
      const images: string[] = [];
      const said = new Map<string, string>();
      const runs = new Map<string, number>();
      let exchanged = false;
      for (const id of ['p0', 'p1']) {
        await world.photograph(id);
        images.push(id);
      }
      for (const one of acts) {
        const refused = (error: unknown): undefined => {
          if (!(error instanceof PeopleRefusedError)) throw error;
        };
        if (one.kind === 'photograph' || one.kind === 'stale') {
          const id = `p${images.length}`;
          if (images.length > 6) continue;
          const { active, former } = await world.models.state();
          // A process that has not heard of an exchange yet. Of the model that is given up none ever did.
          const isStale = one.kind === 'stale' && former !== undefined && exchanged;
          await world.photograph(id, isStale ? former : active);
          images.push(id);
        } else if (one.kind === 'again') {
          const id = images[one.one % images.length] as string;
          runs.set(id, (runs.get(id) ?? 0) + 1);
          await world.photograph(id, (await world.models.state()).active, runs.get(id));
        } else if (one.kind === 'same' || one.kind === 'different') {
          const [a, b] = [images[one.one % images.length], images[one.other % images.length]];
          if (a === b) continue;
          const verdict = one.kind === 'same' ? 'confirmed' : 'notSame';
          const [low, high] = [`${a}-0`, `${b}-0`].sort();
          await world.people.decidePair(`${a}-0`, `${b}-0`, verdict, BY).then(
            () => said.set(`${low} ${high}`, verdict),
            (error: unknown) => {
              if ((error as Error).name !== 'ContradictionError') throw error;
            },
          );
        } else if (one.kind === 'run') {
          const database = new MortalDatabase(world.store.database);
          database.lives = one.lives;
          const gate = () => {
            database.lives -= 1;
            if (database.lives < 0) throw new Died();
          };
          await world.proceed(database, gate).catch((error: unknown) => {
            if (!(error instanceof Died)) throw error;
          });
        } else if (one.kind === 'start') {
          const { active } = await world.models.state();
          const next = active === 'recognition_04' ? 'imaginem_02' : 'recognition_04';
          await world.models.start(next, 'ann').catch(refused);
        } else if (one.kind === 'finish') {
          if (await world.models.finish().catch(refused)) exchanged = true;
        } else if (one.kind === 'abandon') {
          if (await world.models.abandon().catch(refused)) exchanged = false;
        } else await world.models.pause(one.kind === 'pause').catch(refused);
        const { active } = await world.models.state();
        // At every moment what counts is of one model, and of each pair just what that model says of it.
        for (const pair of await world.pairs()) {
          expect(pair.model).toBe(active);
          expect(pair.confidence).toBe(scoreOf(active, ...pair.faces));
        }
        expect(world.service.crossed).toBe(0);
      }
      if ((await world.models.state()).phase === 'enrolling') {
        await world.models.pause(false);
        await world.settle();
        if (givenUp) await world.models.abandon();
        else await world.models.finish();
      }
      await world.settle();
      const { active, phase } = await world.models.state();
      expect(phase).toBe('steady');
      await expectPairsOf(world, active, images);
      expect(await world.decided()).toEqual(
        [...said].map(([pair, verdict]) => pair.replace(' ', ` ${verdict} `)).sort(),
      );
      for (const pair of await world.pairs())
        expect(pair.verdict ?? undefined).toBe(said.get(pair.faces.join(' ')));
      expect(await world.pairs('model_pair')).toEqual([]);
      for (const [model, held] of world.service.enrolled)
        expect([...held.keys()].sort(), model).toEqual(model === active ? images.map((id) => `${id}-0`) : []);
      await world.store.close();
    }),
    { numRuns: 25 },
  );
}, 240_000);
