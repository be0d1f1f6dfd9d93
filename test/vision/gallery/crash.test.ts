import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../support/emulator.ts';
import { never } from '../support/fixtures.ts';
import { type Gate, Harness, photo } from './harness.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.stop());

const KILLED = new Error('killed');

/** Lets `calls` calls through; the next and all later ones never happen. */
function killAfter(calls: number): { gate: Gate; wasKilled(): boolean } {
  let left = calls;
  let killed = false;
  return {
    gate: async () => {
      if (left-- > 0) return;
      killed = true;
      throw KILLED;
    },
    wasKilled: () => killed,
  };
}

const unlessKilled = (error: unknown) => {
  if (error !== KILLED) throw error;
};

/** Tries a piece of work with its process ending before the first call, the second, ... until it gets through. */
async function atEveryCall(attempt: (calls: number, gate: Gate) => Promise<void>): Promise<number> {
  for (let calls = 0; calls < 200; calls++) {
    const kill = killAfter(calls);
    await attempt(calls, kill.gate);
    if (!kill.wasKilled()) return calls;
  }
  throw new Error('It never gets through.');
}

test('an enrolment that ends anywhere is finished by the next delivery, and enrolled once after the sweep', async () => {
  const h = await Harness.open(emulator.connectionString);
  const last = await atEveryCall(async (calls, gate) => {
    const image = photo(`e${calls}`, calls);
    await h.enrol(image, h.actor(gate)).catch(unlessKilled);
    await h.enrol(image);
    expect(await h.lookFor(calls)).toEqual([`e${calls}-1`]);
  });
  expect(last).toBeGreaterThanOrEqual(5);
  await h.sweep();
  const expected = Array.from({ length: last + 1 }, (_, calls) => `e${calls}-1`).sort();
  expect((await h.persisted()).fresh).toEqual(expected);
  for (let person = 0; person <= last; person++) expect(await h.lookFor(person)).toEqual([`e${person}-1`]);
});

test('an enrolment that is taken up again hours later is finished just so', async () => {
  const h = await Harness.open(emulator.connectionString);
  const last = await atEveryCall(async (calls, gate) => {
    const image = photo(`l${calls}`, calls);
    await h.enrol(image, h.actor(gate)).catch(unlessKilled);
    await h.sweep();
    await h.sweep();
    await h.enrol(image);
    expect(await h.lookFor(calls)).toEqual([`l${calls}-1`]);
  });
  await h.sweep();
  expect((await h.persisted()).fresh.length).toBe(last + 1);
});

test('maintenance that ends anywhere hides nobody, is taken up by the next, and leaves each face once', async () => {
  const people = [1, 2];
  const photos = people.map((person) => photo(`m${person}`, person));
  const everybodyIsFound = async (h: Harness, when: string) => {
    for (const person of people) expect(await h.lookFor(person), when).toEqual([`m${person}-1`]);
  };
  const last = await atEveryCall(async (calls, gate) => {
    const h = await Harness.open(emulator.connectionString, { settings: { FACE_FRESH_LIMIT: '1' } });
    for (const image of photos) await h.enrol(image);
    const doomed = h.actor(gate);
    try {
      for (let round = 0; round < 4; round++) {
        await h.maintain(photos, doomed);
        h.advance(1000);
      }
    } catch (error) {
      unlessKilled(error);
    }
    await everybodyIsFound(h, `killed before call ${calls + 1}`);
    await h.settle(photos);
    await everybodyIsFound(h, `settled after call ${calls + 1}`);
    await h.sweep();
    await h.settle(photos);
    await h.sweep();
    await everybodyIsFound(h, `swept after call ${calls + 1}`);
    const held = await h.persisted();
    expect([...held.fresh, ...held.large].sort()).toEqual(['m1-1', 'm2-1']);
  });
  expect(last).toBeGreaterThan(25);
}, 180_000);

test('closing a list that stands empty may end anywhere, also amid enrolments that need it', async () => {
  await atEveryCall(async (_, gate) => {
    const h = await Harness.open(emulator.connectionString, {
      limits: { facesPerFaceList: 1 },
      settings: { FACE_FRESH_LIMIT: '1' },
    });
    const photos = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => photo(name, 1));
    for (const image of photos.slice(0, 3)) await h.enrol(image);
    await h.settle(photos);
    h.advance(16 * 60_000);
    await h.maintain(photos, h.actor(gate)).catch(unlessKilled);
    for (const image of photos.slice(3)) await h.enrol(image);
    await h.maintain(photos);
    expect(await h.lookFor(1)).toEqual(['a-1', 'b-1', 'c-1', 'd-1', 'e-1', 'f-1']);
  });
});

test('a removal that ends anywhere leaves nothing behind once it is called again', async () => {
  const group = photo('group', 1, 2);
  await atEveryCall(async (_, gate) => {
    const h = await Harness.open(emulator.connectionString, { settings: { FACE_FRESH_LIMIT: '1' } });
    await h.enrol(group);
    await h.settle([group]);
    await h.actor(gate).keepOnly('group', [], never).catch(unlessKilled);
    await h.gallery.keepOnly('group', [], never);
    for (const person of group.people) expect(await h.lookFor(person)).toEqual([]);
    await h.sweep();
    expect(await h.persisted()).toEqual({ fresh: [], large: [] });
  });
});

test('a sweep that ends anywhere takes nothing that is owned', async () => {
  const h = await Harness.open(emulator.connectionString, { settings: { FACE_FRESH_LIMIT: '1' } });
  const photos = [photo('a', 1), photo('b', 2), photo('c', 3)];
  for (const image of photos) await h.enrol(image);
  await h.settle(photos);
  await atEveryCall(async (_, gate) => {
    h.proxy.after = (call, answer) => (call.endsWith('/persistedfaces') ? { cut: 'at once' } : answer);
    await expect(h.enrol(photo('orphan', 9))).rejects.toThrow();
    h.proxy.after = (__, answer) => answer;
    await h.actor(gate).sweep(never).catch(unlessKilled);
    h.advance(16 * 60_000);
    await h.actor(gate).sweep(never).catch(unlessKilled);
    expect([await h.lookFor(1), await h.lookFor(2), await h.lookFor(3)]).toEqual([['a-1'], ['b-1'], ['c-1']]);
  });
  await h.sweep();
  const held = await h.persisted();
  expect([...held.fresh, ...held.large].sort()).toEqual(['a-1', 'b-1', 'c-1']);
});
