import { afterAll, expect, test, vi } from 'vitest';
import type { App } from '../../src/app.ts';
import type { Log } from '../../src/domain/ports.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { openApi, photograph } from '../support/api.ts';

const HOUR = 3_600_000;
const { signal } = new AbortController();
type Work = (app: App, log: Log, signal: AbortSignal) => Promise<void>;

// What the host is given of the timers, run here over an app whose clock the test has.
const works = new Map<string, Work>();
vi.doMock('../../src/wiring.ts', () => ({
  registerTimer: (name: string, _: string, work: Work) => works.set(name, work),
}));
await import('../../src/functions/erasure.ts');

const api = await openApi({ RETENTION_DAYS: '1' });
afterAll(() => api.stop());

test('on a machine that is off each night what is too old goes by day, and not before a night was missed', async () => {
  const bytes = await photograph({ faces: [] }, 1);
  const { json } = await api.upload('/api/uploads?batch=by-day', [{ name: 'a.jpg', bytes }]);
  const id = String(json.files[0].id);
  await api.drain();
  const isThere = async () =>
    (await (await api.app.results()).list({ limit: 9 })).some((one) => one.id === id);
  const began = Date.now();
  const at = (hours: number) =>
    works.get('retention-missed')?.(
      Object.create(api.app, { clock: { value: () => began + hours * HOUR } }) as App,
      silentLog,
      signal,
    );
  expect(works.has('retention-missed')).toBe(true);
  // The first look is only noted; then no night was missed.
  for (const hours of [0, 1, 25]) {
    await at(hours);
    expect(await isThere(), `${hours}`).toBe(true);
  }
  await at(26);
  expect(await isThere()).toBe(false);
});
