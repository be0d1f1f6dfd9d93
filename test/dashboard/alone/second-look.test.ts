import { expect, test } from 'vitest';
import { blind, drawn, Held, of, T } from './answers.ts';
import { states } from './states.ts';

states('second look', (opened) => {
  test('second look: what was refused because it has changed is shown as it is now, and can be said; the reason stays', async () => {
    const alone = opened();
    const { page, asked } = alone;
    let version = 1;
    await alone.open('#/second-look', ({ what, body }) => {
      if (what === 'GET /api/candidates')
        return { candidates: version < 9 ? [blind('c', version)] : [], next: null };
      if (what === 'GET /api/candidates/c') return blind('c', version);
      if (what !== 'PUT /api/candidates/c/word') return 404;
      if ((body as { version: number }).version !== version) return 422;
      version = 9;
      return { ...blind('c', version), blind: false };
    });
    await page.getByRole('button', { name: 'Same person' }).waitFor();
    version = 2;
    await page.keyboard.press('r');
    await page.keyboard.type('the same ear');
    await page.keyboard.press('Enter');
    await page.keyboard.press('y');
    await page.getByText('Refused: 422').waitFor();
    expect(await page.getByLabel('Why?').inputValue()).toBe('the same ear');
    await expect.poll(() => of(asked, 'GET /api/candidates/c').length).toBe(2);
    await page.locator('button:enabled', { hasText: 'Same person' }).waitFor();
    await page.keyboard.press('y');
    await page.getByText('All looked at').waitFor();
    expect(of(asked, 'PUT /api/candidates/c/word').map(({ body }) => body)).toEqual([
      { word: 'same', reason: 'the same ear', version: 1 },
      { word: 'same', reason: 'the same ear', version: 2 },
    ]);
  });

  test('second look: a candidate that could not be fetched once is fetched again', async () => {
    const alone = opened();
    const { page, asked } = alone;
    let isAway = true;
    await alone.open('#/second-look', ({ what }) => {
      if (what === 'GET /api/candidates') return { candidates: [blind('c')], next: null };
      if (what === 'GET /api/candidates/c') return isAway ? 503 : blind('c');
      return 404;
    });
    await page.getByText('Refused: 503').waitFor();
    // Not over and over while it is away.
    expect(of(asked, 'GET /api/candidates/c').length).toBeLessThan(3);
    isAway = false;
    await alone.written();
    await page.getByRole('button', { name: 'Same person' }).waitFor();
  });

  test('second look: who comes for a candidate that waits no more is told so, and sees the next', async () => {
    const alone = opened();
    const { page } = alone;
    await alone.open('#/second-look?candidate=judged', ({ what }) => {
      if (what === 'GET /api/candidates') return { candidates: [blind('c')], next: null };
      if (what === 'GET /api/candidates/judged') return { ...blind('judged'), blind: false };
      return what === 'GET /api/candidates/c' ? blind('c') : 404;
    });
    await page.getByRole('button', { name: 'Same person' }).waitFor();
    await page.getByText('does not wait for your word any more').waitFor();
  });

  test('second look: the one on the screen stays there when another comes before it', async () => {
    const alone = opened();
    const { page } = alone;
    let ids = ['c'];
    await alone.open('#/second-look', ({ what }) => {
      if (what === 'GET /api/candidates') return { candidates: ids.map((id) => blind(id)), next: null };
      const [, id] = /^GET \/api\/candidates\/(\w+)$/.exec(what) ?? [];
      return id === undefined ? 404 : blind(id);
    });
    await page.getByRole('button', { name: 'Same person' }).waitFor();
    await page.getByLabel('Why?').fill('the same ear');
    ids = ['sooner', 'c'];
    await alone.written();
    await page.getByText('2 candidates left').waitFor();
    await drawn(page);
    expect(await page.getByLabel('Why?').inputValue()).toBe('the same ear');
    expect(await page.locator('.candidate-sides').getByText('c-f.jpg').count()).toBe(1);
  });

  test('second look: what is taken back does not take the place of what is looked at before it is', async () => {
    const alone = opened();
    const { page } = alone;
    const undo = new Held();
    let waits = ['one', 'two'];
    await alone.open('#/second-look', async ({ what }) => {
      if (what === 'GET /api/candidates') return { candidates: waits.map((id) => blind(id)), next: null };
      if (what === 'PUT /api/candidates/one/word') {
        waits = ['two'];
        return { ...blind('one'), words: [{ id: 'w', word: 'same', by: 'anna', at: T, reason: null }] };
      }
      if (what === 'POST /api/candidate-words/w/undo') {
        await undo.wait();
        waits = ['one', 'two'];
        return blind('one');
      }
      const [, id = ''] = /^GET \/api\/candidates\/(\w+)$/.exec(what) ?? [];
      return { ...blind(id), blind: waits.includes(id) };
    });
    await page.locator('.candidate-sides').getByText('one-f.jpg').waitFor();
    await page.keyboard.press('y');
    await page.locator('.candidate-sides').getByText('two-f.jpg').waitFor();
    await page.getByLabel('Why?').fill('the same ear');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => undo.count).toBe(1);
    await alone.written();
    await drawn(page);
    expect(await page.getByLabel('Why?').inputValue()).toBe('the same ear');
    undo.letGo();
    await page.locator('.candidate-sides').getByText('one-f.jpg').waitFor();
    expect(await page.getByText('does not wait for your word').count()).toBe(0);
  });

  test('second look: the only one, put off, is judged as it is after that word', async () => {
    const alone = opened();
    const { page, asked } = alone;
    let version = 1;
    await alone.open('#/second-look', ({ what, body }) => {
      if (what === 'GET /api/candidates')
        return { candidates: version < 9 ? [blind('c', version)] : [], next: null };
      if (what === 'GET /api/candidates/c') return blind('c', version);
      if (what !== 'PUT /api/candidates/c/word') return 404;
      const said = body as { version: number; word: string };
      if (said.version !== version) return 409;
      version = said.word === 'later' ? version + 1 : 9;
      return { ...blind('c', version), words: [] };
    });
    await page.locator('button:enabled', { hasText: 'Same person' }).waitFor();
    await page.keyboard.press('l');
    await page.getByText('Put to the end.').waitFor();
    await page.locator('button:enabled', { hasText: 'Same person' }).waitFor();
    await page.keyboard.press('y');
    await page.getByText('All looked at').waitFor();
    expect(of(asked, 'PUT /api/candidates/c/word').map(({ body }) => body)).toEqual([
      { word: 'later', version: 1 },
      { word: 'same', version: 2 },
    ]);
  });

  test('second look: a word that was not taken is told of where the person is by then', async () => {
    const alone = opened();
    const { page } = alone;
    const word = new Held();
    await alone.open('#/second-look', async ({ what }) => {
      if (what === 'GET /api/candidates') return { candidates: [blind('c')], next: null };
      if (what === 'GET /api/candidates/c') return blind('c');
      if (what !== 'PUT /api/candidates/c/word') return 404;
      await word.wait();
      return 503;
    });
    await page.locator('button:enabled', { hasText: 'Same person' }).waitFor();
    await page.keyboard.press('y');
    await expect.poll(() => word.count).toBe(1);
    await page.getByRole('link', { name: 'Trouble' }).click();
    await page.getByRole('heading', { level: 1, name: 'Trouble' }).waitFor();
    word.letGo();
    await page.locator('.notices').getByText('Refused: 503').waitFor();
  });
});
