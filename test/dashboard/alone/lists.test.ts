import { expect, test } from 'vitest';
import { routes } from '../../../src/api/routes.ts';
import { drawn, Held, of, summary, T } from './answers.ts';
import { states } from './states.ts';

states('lists', (opened) => {
  const batch = (batchId: string) => ({
    ...{ batchId, images: 1, faces: 0, underWay: 0, byStatus: { done: 1 }, latest: null, settings: null },
  });

  test('a list is shown when it has come, however often something is written meanwhile', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const answers: Held[] = [];
    await alone.open('#/batches', async ({ what }) => {
      if (what !== 'GET /api/batches') return 404;
      const own = new Held();
      answers.push(own);
      await own.wait();
      return { batches: [batch(`camp ${answers.indexOf(own) + 1}`)], next: null };
    });
    await expect.poll(() => answers.length).toBe(1);
    await alone.written();
    await alone.written();
    expect(of(asked, 'GET /api/batches')).toHaveLength(1);
    answers[0]?.letGo();
    await page.getByText('camp 1').first().waitFor();
    // Then it is read again, once, for all that was written.
    await expect.poll(() => answers.length).toBe(2);
    answers[1]?.letGo();
    await page.getByText('camp 2').first().waitFor();
    await drawn(page);
    expect(answers).toHaveLength(2);
  });

  test('of another filter nothing is shown before it has come, and nothing where it does not come', async () => {
    const alone = opened();
    const { page } = alone;
    const other = new Held();
    await alone.open('#/batches', async ({ what, query }) => {
      if (what !== 'GET /api/batches') return 404;
      if (!query.has('prefix')) return { batches: [batch('camp')], next: null };
      await other.wait();
      return 503;
    });
    await page.getByText('camp').first().waitFor();
    await page.getByRole('searchbox').fill('x');
    await expect.poll(() => other.count).toBe(1);
    expect(await page.getByText('camp').count()).toBe(0);
    other.letGo();
    await page.getByText('Refused: 503').waitFor();
    expect(await page.getByText('camp').count()).toBe(0);
    await page.getByRole('searchbox').fill('');
    await page.getByText('camp').first().waitFor();
    expect(await page.getByText('Refused: 503').count()).toBe(0);
  });

  test('photographs further down that did not come once come when they are tried again', async () => {
    const alone = opened();
    const { page } = alone;
    let isAway = true;
    await alone.open('#/images', ({ what, query }) => {
      if (what !== 'GET /api/images') return 404;
      if (!query.has('after')) return { images: [summary('first', T)], next: 'n' };
      return isAway ? 503 : { images: [summary('second', T)], next: null };
    });
    await page.getByText('Refused: 503').waitFor();
    // A look at the beginning of the list, which is there, does not say that the rest is.
    await alone.written();
    await drawn(page);
    expect(await page.getByText('Refused: 503').count()).toBe(1);
    isAway = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('link', { name: /second/ }).waitFor();
    await page.getByText('Refused: 503').waitFor({ state: 'detached' });
  });

  test('who looks at the page is asked again where it could not be known, and nobody is told that they may not', async () => {
    const alone = opened();
    const { page } = alone;
    alone.isNobody = true;
    await alone.open('#/find', () => 404);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await alone.written();
    expect(await page.getByRole('button', { name: /photograph/ }).isDisabled()).toBe(true);
    expect(await page.locator('.drop-zone .hint').count()).toBe(0);
    alone.isNobody = false;
    await alone.written();
    await page.locator('.drop-zone button:enabled').waitFor();
  });

  test('an answer of whoever stands between is no answer', async () => {
    const alone = opened();
    const { page } = alone;
    await alone.open('#/batches', () => '<html>Sign in to this network</html>');
    await page.getByText('Imaginem cannot be reached').waitFor();
  });

  test('a line that is down without saying so is not waited for for ever', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const lost = new Held();
    await page.clock.install();
    await alone.open('#/batches', async ({ what }) => {
      if (what !== 'GET /api/batches') return 404;
      if (of(asked, what).length === 1) await lost.wait();
      return { batches: [batch('camp')], next: null };
    });
    await expect.poll(() => lost.count).toBe(1);
    alone.isSilent = true;
    // Its patience begins with the question: what a clock skips before it is no time waited.
    await expect.poll(() => alone.unanswered).toContain(routes.live);
    await page.clock.fastForward(40_000);
    await page.getByText('nothing can be saved').waitFor();
    alone.isSilent = false;
    // A question may have been put meanwhile, which is not answered either.
    await page.clock.fastForward(40_000);
    await page.getByText('camp').first().waitFor();
    await page.getByText('nothing can be saved').waitFor({ state: 'detached' });
  });

  test('who came while the line was down without saying so is known once it is back', async () => {
    const alone = opened();
    const { page } = alone;
    await page.clock.install();
    alone.isSilent = true;
    await alone.open('#/find', () => 404, { role: 'operator' });
    await expect.poll(() => alone.unanswered).toEqual(expect.arrayContaining([routes.me, routes.live]));
    alone.isSilent = false;
    await page.clock.fastForward(40_000);
    await page.locator('.drop-zone button:enabled').first().waitFor();
  });
});
