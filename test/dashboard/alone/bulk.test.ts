import { expect, test } from 'vitest';
import type { BulkAct } from '../../../src/api/contract.ts';
import { Refused } from '../page-alone.ts';
import { Held, of, summary, T } from './answers.ts';
import { states } from './states.ts';

states('acts on many', (opened) => {
  const act = (kind: BulkAct['kind'], more: Partial<BulkAct> = {}): BulkAct => ({
    ...{ id: 'act', kind, state: 'draft', askedBy: 'anna', createdAt: T, endedAt: null, items: 1 },
    ...{ position: 0, acted: 0, step: null, receipt: null, left: [] },
    ...more,
  });
  /** The grid, and whatever else is asked. */
  const gridOf = (images: readonly string[], what: string) => {
    if (what === 'GET /api/images') return { images: images.map((id) => summary(id, T)), next: null };
    if (what === 'GET /api/image-facets')
      return { images: images.length, imagesIsMinimum: false, sampled: 0, tags: [], categories: [] };
    return what.startsWith('GET') ? 404 : undefined;
  };

  test('what could not be started stays open and selected; what was started and not answered is not started twice', async () => {
    const alone = opened();
    const { page, asked } = alone;
    await alone.open('#/images', ({ what }) => {
      const started = of(asked, 'POST /api/bulk-acts/act/start').length;
      if (what === 'POST /api/bulk-acts') return { act: act('rerun'), found: null, batches: null };
      if (what === 'POST /api/bulk-acts/act/start')
        return started === 1 ? 503 : new Refused(409, 'AlreadyStarted');
      if (what === 'GET /api/bulk-acts/act') return act('rerun', { state: 'running' });
      if (what === 'POST /api/bulk-acts/act/proceed')
        return act('rerun', { state: 'done', position: 1, acted: 1 });
      return gridOf(['a', 'b'], what);
    });
    await page.getByRole('link', { name: /a\.jpg/ }).focus();
    await page.keyboard.press('x');
    await page.getByRole('button', { name: 'Look again' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Look again' }).click();
    await dialog.getByText('Refused: 503').waitFor();
    await dialog.getByRole('button', { name: 'Look again' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('1 image under way again.').waitFor();
    expect(await page.getByText('1 selected').count()).toBe(0);
  });

  test('an act on many is stopped once', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const stopping = new Held();
    await alone.open('#/images', async ({ what }) => {
      if (what === 'POST /api/bulk-acts') return { act: act('rerun'), found: null, batches: null };
      if (what === 'DELETE /api/bulk-acts/act') await stopping.wait();
      const isOver = of(asked, 'DELETE /api/bulk-acts/act').length > 0 && !stopping.on;
      if (what.startsWith('POST')) return act('rerun', { state: isOver ? 'stopped' : 'running' });
      return gridOf(['a', 'b'], what);
    });
    await page.getByRole('link', { name: /a\.jpg/ }).focus();
    await page.keyboard.press('x');
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Look again' }).click();
    const stop = page.getByRole('button', { name: 'Stop' });
    await stop.click();
    await expect.poll(() => stopping.count).toBe(1);
    expect(await stop.isDisabled()).toBe(true);
    stopping.letGo();
    await stop.waitFor({ state: 'detached' });
  });

  test('an erasure of which nobody knows how it ended is not shown as one that was done', async () => {
    const alone = opened();
    const { page } = alone;
    await alone.open('#/images', ({ what }) => {
      if (what === 'POST /api/bulk-acts') return { act: act('erase'), found: {}, batches: [] };
      if (what === 'POST /api/bulk-acts/act/start') return act('erase', { state: 'running' });
      return what === 'POST /api/bulk-acts/act/proceed' ? 403 : gridOf(['a'], what);
    });
    await page.getByRole('link', { name: /a\.jpg/ }).focus();
    await page.keyboard.press('x');
    await page.getByRole('button', { name: 'Erase', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('erase');
    await page.keyboard.press('Enter');
    await dialog.getByText('Refused: 403').waitFor();
    expect(await page.getByText('Receipt of an erasure').count()).toBe(0);
  });

  test('an erasure whose form was closed: what is gone is selected no longer, what was chosen since is, and nothing of it is kept', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const erasing = new Held();
    const detail = new Held();
    detail.on = false;
    let images = ['a', 'b'];
    await alone.open('#/images', async ({ what }) => {
      if (what === 'POST /api/bulk-acts') return { act: act('erase'), found: {}, batches: [] };
      if (what === 'POST /api/bulk-acts/act/start') return act('erase', { state: 'running' });
      if (what === 'POST /api/bulk-acts/act/proceed') {
        await erasing.wait();
        images = ['b'];
        return act('erase', { state: 'done', position: 1, acted: 1, receipt: 'r' });
      }
      if (what === 'GET /api/images/a') {
        await detail.wait();
        return images.includes('a') ? { ...summary('a', T), ...nothing } : 404;
      }
      return gridOf(images, what);
    });
    await page.getByRole('link', { name: /a\.jpg/ }).click();
    await page.getByRole('heading', { name: 'a.jpg' }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: /a\.jpg/ }).focus();
    await page.keyboard.press('x');
    await page.getByRole('button', { name: 'Erase', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('erase');
    await page.keyboard.press('Enter');
    await expect.poll(() => erasing.count).toBe(1);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByLabel('Select b.jpg').check();
    await page.getByText('2 selected').waitFor();
    erasing.letGo();
    await page.getByText('1 image erased.').waitFor();
    await page.getByText('1 selected').waitFor();
    expect(await page.getByLabel('Select b.jpg').isChecked()).toBe(true);
    // Asked for by its address, it is not shown as it was before.
    detail.on = true;
    await page.evaluate(() => {
      location.hash = '#/images/a';
    });
    await expect.poll(() => detail.count).toBe(1);
    expect(await page.getByRole('heading', { name: 'a.jpg' }).count()).toBe(0);
    detail.letGo();
    await page.getByText('Refused: 404').waitFor();
    expect(of(asked, 'POST /api/bulk-acts')).toHaveLength(1);
  });
  const nothing = { imageUrl: 'a', underWay: false, result: null, timeline: null, deadLetters: [] };
});
