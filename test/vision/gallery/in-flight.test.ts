import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../support/emulator.ts';
import { type Gate, Harness, photo } from './harness.ts';

let emulator: Emulator;
let h: Harness;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.stop());

const HERE = 0;
const THERE = 1;

/** Runs two pieces of work one call at a time, in the order of `schedule`; whoever ends leaves its turns to the other. */
async function interleave(
  schedule: readonly number[],
  works: ((gate: Gate) => Promise<void>)[],
): Promise<void> {
  const waiting: (() => void)[][] = works.map(() => []);
  const ended = works.map(() => false);
  let notify = () => {};
  const changed = () => new Promise<void>((resolve) => (notify = resolve));
  const all = works.map(async (work, actor) => {
    try {
      await work(async () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting[actor]?.push(resolve);
        notify();
        await promise;
      });
    } finally {
      ended[actor] = true;
      notify();
    }
  });
  const isStill = () => works.every((_, actor) => ended[actor] || (waiting[actor]?.length ?? 0) > 0);
  for (let turn = 0; !ended.every(Boolean); turn++) {
    while (!isStill()) await changed();
    const wanted = schedule[turn] ?? HERE;
    const actor = ended[wanted] ? 1 - wanted : wanted;
    const go = waiting[actor]?.shift();
    if (go === undefined) break;
    go();
    if (!isStill()) await changed();
  }
  await Promise.all(all);
}

let runs = 0;

/** Two photographs of one person, each by a process of its own. @returns whom each of the two found */
async function together(schedule: readonly number[], env: Harness): Promise<string[][]> {
  const run = runs++;
  const found: string[][] = [[], []];
  const works = [HERE, THERE].map((actor) => async (gate: Gate) => {
    const image = photo(`r${run}x${actor}`, 1000 + run);
    found[actor] = (await env.match(image, env.actor(gate))).flat();
  });
  await interleave(schedule, works);
  const names = [[`r${run}x1`], [`r${run}x0`]];
  for (const [actor, matches] of found.entries()) {
    if (matches.length > 0) expect(matches).toEqual(names[actor]);
  }
  return found;
}

const seen = (found: string[][]) => found.some((matches) => matches.length > 0);

test('two photographs of one person in flight together: at least one sees the other, whoever is interrupted where', async () => {
  h = await Harness.open(emulator.connectionString);
  for (const first of [HERE, THERE]) {
    for (let calls = 0; calls <= 14; calls++) {
      const schedule = [...Array(calls).fill(first), ...Array(40).fill(1 - first)];
      expect(seen(await together(schedule, h)), `${first} interrupted after ${calls} calls`).toBe(true);
    }
  }
});

test('interrupted twice, at every pair of calls', async () => {
  h = await Harness.open(emulator.connectionString);
  for (let one = 1; one <= 9; one++) {
    for (let other = 1; other <= 9; other++) {
      const schedule = [...Array(one).fill(HERE), ...Array(other).fill(THERE), ...Array(40).fill(HERE)];
      expect(seen(await together(schedule, h)), `after ${one} and ${other} calls`).toBe(true);
    }
  }
});

test('interleaved at random, in an environment that has no list yet', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(HERE, THERE), { minLength: 30, maxLength: 30 }),
      async (schedule) => {
        const fresh = await Harness.open(emulator.connectionString);
        expect(seen(await together(schedule, fresh))).toBe(true);
      },
    ),
    { numRuns: 25 },
  );
});

test('found by a third at every moment of its way from the fresh lists to the large ones', async () => {
  const env = await Harness.open(emulator.connectionString, { settings: { FACE_FRESH_LIMIT: '0' } });
  const moving = Array.from({ length: 3 }, (_, index) => photo(`moving${index}`, index));
  for (const image of moving) await env.enrol(image);
  let looks = 0;
  const look: Gate = async () => {
    // At every call of maintenance, each of them is looked for, call by call of its own.
    for (const [person] of moving.entries()) {
      expect(await env.lookFor(person)).toEqual([`moving${person}-1`]);
      looks++;
    }
  };
  const watched = env.actor(look);
  for (let round = 0; round < 6; round++) {
    await env.maintain(moving, watched);
    env.advance(700);
  }
  expect(await env.persisted()).toEqual({ fresh: [], large: ['moving0-1', 'moving1-1', 'moving2-1'] });
  expect(looks).toBeGreaterThan(60);
});

test('a search that is interrupted while maintenance runs to its end misses nobody', async () => {
  const probe = photo('searcher', 7);
  for (let calls = 0; calls <= 8; calls++) {
    const env = await Harness.open(emulator.connectionString, { settings: { FACE_FRESH_LIMIT: '0' } });
    const known = photo('known', 7);
    await env.enrol(known);
    const [id = ''] = await env.enrol(probe);
    let found: string[] = [];
    const schedule = [...Array(calls).fill(HERE), ...Array(200).fill(THERE)];
    await interleave(schedule, [
      async (gate) => {
        found = (await env.find(probe, id, 5, env.actor(gate))).map((match) => match.jobId);
      },
      async (gate) => {
        const gallery = env.actor(gate);
        for (let round = 0; round < 6; round++) {
          await env.maintain([known, probe], gallery);
          env.advance(700);
        }
      },
    ]);
    expect(found, `interrupted after ${calls} calls`).toEqual(['known']);
    expect((await env.persisted()).fresh).toEqual([]);
  }
});
