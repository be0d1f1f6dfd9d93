import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBlobStore } from '../../../src/local/storage/blob/store.ts';
import { Messages } from '../../../src/local/storage/queue/messages.ts';
import { openState } from '../../../src/local/storage/state/open.ts';
import { openSweeper } from '../../../src/local/storage/sweep.ts';

const DAY_MS = 24 * 3_600_000;
const NOW = Date.parse('2026-11-01T12:00:00Z');
const AHEAD = NOW + 10 * 365 * DAY_MS;
const NEVER = 253_402_300_799_000;

test('messages that were hidden while the clock ran years ahead are shown once it is right, others at their time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'imaginem-storage-'));
  const state = openState(folder, { clock: () => NOW });
  const messages = new Messages(state);
  const take = (queue: number, at: number) =>
    state.group.write(() => messages.take(queue, at, at + 60_000, 2000).map(({ text }) => text));
  const sweeper = openSweeper(
    state,
    openBlobStore(state, () => ({})),
    messages,
    () => NOW,
  );
  try {
    const held = await state.group.write(() => {
      for (const queue of [3, 7]) {
        messages.put(queue, `for a week ${queue}`, NOW, NOW + 7 * DAY_MS, NEVER);
        // By another's clock, which is an hour fast.
        messages.put(queue, `and an hour ${queue}`, NOW, NOW + 7 * DAY_MS + 3_600_000, NEVER);
      }
      for (let index = 0; index < 1200; index += 1)
        messages.put(7, `ahead ${index}`, AHEAD, AHEAD + 60_000, NEVER);
      messages.put(3, 'taken', AHEAD, AHEAD, NEVER);
      return messages.take(3, AHEAD, AHEAD + 60_000, 32).find(({ text }) => text === 'taken');
    });
    sweeper.wake();
    const found: string[] = [];
    await expect
      .poll(async () => found.push(...(await take(7, NOW)), ...(await take(3, NOW))) && found.length, {
        timeout: 30_000,
      })
      .toBe(1203);
    expect(new Set(found).size).toBe(1203);
    expect(found).toContain('taken');
    // As of a time-out that has passed: whoever held it has lost it.
    await expect(
      state.group.write(() => messages.remove(3, held?.id ?? '', held?.receipt ?? '', NOW)),
    ).rejects.toMatchObject({ code: 'PopReceiptMismatch' });
    expect(found.filter((text) => text.includes('hour') || text.includes('week'))).toEqual([
      'for a week 3',
      'and an hour 3',
    ]);
    expect(await take(7, NOW + 7 * DAY_MS)).toContain('for a week 7');
  } finally {
    await sweeper.stop();
    await state.close();
    rmSync(folder, { recursive: true });
  }
});
