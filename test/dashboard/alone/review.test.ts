import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { ReviewItem } from '../../../src/api/contract.ts';
import { routes } from '../../../src/api/routes.ts';
import { type Asked, Refused } from '../page-alone.ts';
import { drawn, Held, of, pair, place, T, until } from './answers.ts';
import { states } from './states.ts';

states('review', (opened) => {
  test('review: what is taken back is taken back after it was said; a pair that comes back does not come under the finger', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const late = until<void>();
    const items = [pair('a', 0.9), pair('b', 0.8), pair('c', 0.7)];
    await alone.open('#/review', async ({ what, body }) => {
      if (what === 'GET /api/review') return { items, next: null };
      if (what === 'GET /api/batches') return { batches: [], next: null };
      if (what === 'GET /api/people') return { people: [], next: null };
      const { verdict } = body as { verdict: string };
      if (what === 'PUT /api/matches/a1/a2/decision' && verdict === 'confirmed') await late.promise;
      if (what === 'PUT /api/matches/b1/b2/decision') return 500;
      return { verdict, by: 'anna', at: T };
    });
    const names = () => page.locator('.review-pair figcaption').allTextContents();
    await expect.poll(names).toEqual([expect.stringContaining('a1'), expect.stringContaining('a2')]);
    await page.locator('.review-buttons button:enabled').first().waitFor();
    await page.keyboard.press('y');
    await page.keyboard.press('u');
    late.resolve();
    await expect
      .poll(() => of(asked, 'PUT /api/matches/a1/a2/decision').map(({ body }) => body))
      .toEqual([
        { verdict: 'confirmed', outsideReview: false, seen: null },
        { verdict: 'undecided', outsideReview: false, seen: T },
      ]);
    await page.keyboard.press('l');
    await expect.poll(names).toEqual([expect.stringContaining('b1'), expect.stringContaining('b2')]);
    await page.keyboard.press('n');
    await page.getByText('This was not saved.').first().waitFor();
    expect((await names()).join()).toContain('c1');
  });

  /** The filters of the queue, which have nothing to choose from. */
  const noFilters = (what: string) => {
    if (what === 'GET /api/batches') return { batches: [{ batchId: 'camp' }], next: null };
    return what === 'GET /api/people' ? { people: [], next: null } : undefined;
  };
  const asksToStay = (page: Page) =>
    page.evaluate(() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true })));
  /** Of the pair that can be answered now. */
  /** Undecided pairs, as a server lists them, which notes what is said. */
  function queueOf(items: readonly ReviewItem[]) {
    const decided = new Set<string>();
    return {
      left: () => items.filter(({ a, b }) => !decided.has(routes.decision(a.face, b.face))),
      say: ({ what, body }: Asked) => {
        const { verdict } = body as { verdict: string };
        decided.add(what.replace('PUT ', ''));
        return { verdict, by: 'anna', at: T };
      },
    };
  }
  const onScreen = async (page: Page) => {
    await page.locator('.review-buttons button:enabled').first().waitFor();
    return page.locator('.review-pair figcaption').first().textContent();
  };

  test('a pair that was decided while further pages came does not come back with them', async () => {
    const alone = opened();
    const { page } = alone;
    const second = new Held();
    second.on = false;
    const queue = queueOf(Array.from({ length: 8 }, (_, at) => pair(`p${at}x`, 0.9)));
    const behind = queueOf([pair('c', 0.7), pair('d', 0.6)]);
    await alone.open('#/review', async (one) => {
      if (one.what.startsWith('PUT')) {
        behind.say(one);
        return queue.say(one);
      }
      if (one.what !== 'GET /api/review') return noFilters(one.what);
      if (!one.query.has('after')) return { items: queue.left(), next: 'n' };
      await second.wait();
      return { items: behind.left(), next: null };
    });
    await expect.poll(() => onScreen(page)).toContain('p0x1');
    second.on = true;
    await alone.written();
    await expect.poll(() => second.count).toBe(1);
    await page.keyboard.press('y');
    await page.keyboard.press('y');
    await expect.poll(() => onScreen(page)).toContain('p2x1');
    second.letGo();
    await drawn(page);
    // What is asked from now on knows of them.
    second.on = true;
    for (let at = 2; at < 10; at += 1) {
      await onScreen(page);
      await page.keyboard.press('n');
    }
    await page.getByText('All decided').waitFor();
    second.letGo();
  });

  test('that all are decided is said only where no more are to come', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const more = new Held();
    let pages = 0;
    await alone.open('#/review', async ({ what }) => {
      if (what !== 'GET /api/review') return noFilters(what) ?? { verdict: 'confirmed', by: 'anna', at: T };
      pages += 1;
      // As many as are at hand at once, and one more behind them.
      if (pages > 1) await more.wait();
      return pages > 1
        ? { items: [pair('last', 0.1)], next: null }
        : { items: Array.from({ length: 20 }, (_, at) => pair(`p${at}x`, 0.9)), next: 'n' };
    });
    await expect.poll(() => onScreen(page)).toContain('p0x1');
    for (let at = 0; at < 20; at += 1) await page.keyboard.press('n');
    await page.locator('.skeleton-pair').waitFor();
    expect(await page.getByText('20 decided in this session').count()).toBe(1);
    expect(await page.getByRole('link', { name: 'To the images' }).count()).toBe(0);
    more.letGo();
    await expect.poll(() => onScreen(page)).toContain('last1');
    await expect.poll(() => asked.filter(({ what }) => what.startsWith('PUT')).length).toBe(20);
  });

  test('another filter does not ask again for a word that is under way', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const word = new Held();
    const queue = queueOf([pair('a', 0.9), pair('b', 0.8)]);
    await alone.open('#/review', async (one) => {
      if (one.what === 'GET /api/review') return { items: queue.left(), next: null };
      if (!one.what.startsWith('PUT')) return noFilters(one.what);
      await word.wait();
      return queue.say(one);
    });
    await expect.poll(() => onScreen(page)).toContain('a1');
    await page.keyboard.press('y');
    await expect.poll(() => word.count).toBe(1);
    await page.locator('.review-filter select').first().selectOption('camp');
    await expect.poll(() => onScreen(page)).toContain('b1');
    // Nor does the browser leave the page as if it were saved.
    expect(await asksToStay(page)).toBe(true);
    word.letGo();
    await expect.poll(() => asksToStay(page)).toBe(false);
    await alone.written();
    expect(await onScreen(page)).toContain('b1');
    expect(asked.filter(({ what }) => what.startsWith('PUT'))).toHaveLength(1);
  });

  test('what could not be taken back can be said anew: over one’s own word, and no other', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const queue = queueOf([pair('a', 0.9), pair('b', 0.8)]);
    await alone.open('#/review', (one) => {
      if (one.what === 'GET /api/review') return { items: queue.left(), next: null };
      if (!one.what.startsWith('PUT')) return noFilters(one.what);
      return (one.body as { verdict: string }).verdict === 'undecided' ? 503 : queue.say(one);
    });
    await expect.poll(() => onScreen(page)).toContain('a1');
    await page.keyboard.press('y');
    await page.keyboard.press('u');
    await page.getByText('This was not saved.').first().waitFor();
    expect(await onScreen(page)).toContain('a1');
    await page.keyboard.press('n');
    await expect
      .poll(() => of(asked, 'PUT /api/matches/a1/a2/decision').map(({ body }) => body))
      .toEqual([
        { verdict: 'confirmed', outsideReview: false, seen: null },
        { verdict: 'undecided', outsideReview: false, seen: T },
        { verdict: 'notSame', outsideReview: false, seen: T },
      ]);
  });

  test('of copies that are decided together, one that somebody else has decided keeps back no other', async () => {
    const alone = opened();
    const { page, asked } = alone;
    // Two pictures of one photograph, and of each a pair with a third.
    const copies = { ...pair('x', 1), a: place('a1'), b: place('c1'), copies: true };
    const queue = queueOf([copies, pair('a', 0.9), { ...pair('c', 0.9), b: place('a2') }, pair('b', 0.8)]);
    await alone.open('#/review', (one) => {
      if (one.what === 'GET /api/review') return { items: queue.left(), next: null };
      if (!one.what.startsWith('PUT')) return noFilters(one.what);
      const said = queue.say(one);
      return one.what === 'PUT /api/matches/a1/a2/decision' ? new Refused(409, 'ChangedMeanwhile') : said;
    });
    await page.getByText('Your answer also counts for 1 pair').waitFor();
    await page.keyboard.press('y');
    await page.getByText('This was not saved.').first().waitFor();
    await expect.poll(() => of(asked, 'PUT /api/matches/c1/a2/decision').length).toBe(1);
    expect(await onScreen(page)).toContain('b1');
  });

  test('where all that is near is copies, it is not waited for others for ever', async () => {
    const alone = opened();
    const { page } = alone;
    let pages = 0;
    await alone.open('#/review', ({ what }) => {
      if (what !== 'GET /api/review') return noFilters(what);
      pages += 1;
      return { items: [{ ...pair(`p${pages}x`, 1), copies: true }], next: 'n' };
    });
    await page.getByText('Nothing to review').waitFor();
    await page.getByRole('button', { name: /copies left out/ }).waitFor();
  });
});
