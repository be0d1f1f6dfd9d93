import { expect, test } from 'vitest';
import { WriteProbe } from '../../src/api/write-probe.ts';

test('what a write is refused with is kept for ten seconds, and a write that goes through is seen after them', async () => {
  let now = 0;
  let writes = 0;
  let refused: unknown = new Error('full');
  const upsert = async () => {
    writes += 1;
    if (refused) throw refused;
  };
  const probe = new WriteProbe({
    storage: { tables: { table: () => ({ upsert }) } } as never,
    clock: () => now,
  });
  expect(await probe.refusal()).toBe(refused);
  await expect(probe.write()).rejects.toBe(refused);
  refused = undefined;
  now = 9999;
  expect(await probe.refusal()).toBeInstanceOf(Error);
  expect(writes).toBe(2);
  now = 10_000;
  expect(await probe.refusal()).toBeUndefined();
  expect(await probe.refusal()).toBeUndefined();
  expect(writes).toBe(3);
});
