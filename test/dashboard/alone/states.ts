import { afterAll, beforeAll, describe } from 'vitest';
import { findChromium } from '../chromium.ts';
import { openPageAlone, type PageAlone } from '../page-alone.ts';

const chromium = findChromium();

/** What a server does not do on demand: answers that come late or in another order, and others who act meanwhile. */
export function states(of: string, tests: (opened: () => PageAlone) => void): void {
  describe.skipIf(chromium === undefined)(`${of} when answers are late`, { timeout: 60_000 }, () => {
    let alone: PageAlone;
    beforeAll(async () => {
      alone = await openPageAlone(chromium ?? '');
    }, 60_000);
    afterAll(() => alone?.close());
    tests(() => alone);
  });
}
