import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { BatchProgress, BulkActList, ErasureReceipts, ImagePage, Live } from '../../src/api/contract.ts';
import { routes } from '../../src/api/routes.ts';
import { projectRoot } from '../support/project-root.ts';
import { addPairs } from './many-images.ts';
import { type Dashboard, picture, settled } from './open-page.ts';

const samples = join(projectRoot, 'samples');

/** What a tracing officer does in a day, on a desk and on a phone, without a terminal. */
export function officersDay(open: () => Dashboard): void {
  const found = async (query: string) => {
    const { images } = await open().api<ImagePage>(`${routes.images}?${query}&limit=100`);
    return images;
  };
  const settle = async () => {
    await open()
      .stack.app.reconciler(Number.NEGATIVE_INFINITY)
      .run({
        ...{ info: () => {}, warn: () => {}, error: () => {} },
      });
  };

  test.each([
    ['a desk', 1280, 860],
    ['a phone', 390, 844],
  ] as const)('an officer’s day on %s', async (where, width, height) => {
    const { page, goTo, api, stack } = open();
    const batch = `tracing ${where}`;
    await page.setViewportSize({ width, height });

    // Upload on terms: they are there before the first photograph is.
    await goTo('#/upload');
    await page.getByLabel('Batch', { exact: true }).fill(batch);
    await page.getByLabel('Purpose').fill('tracing after a flood');
    await page.getByLabel('Legal basis').fill('vital interest');
    await page.getByLabel('Erase from this day on').fill('2099-12-31');
    await page.getByTestId('files').setInputFiles([
      {
        name: 'person-a-1.jpg',
        mimeType: 'image/jpeg',
        buffer: readFileSync(join(samples, 'person-a-1.jpg')),
      },
      { name: `words ${width}.jpg`, mimeType: 'image/jpeg', buffer: Buffer.from('only words') },
    ]);
    const line = (name: string) => page.locator('.uploads li').filter({ hasText: name });
    await line(`words ${width}.jpg`).getByText('Not accepted').waitFor();
    await line('person-a-1.jpg').getByText('Accepted').first().waitFor();
    await stack.drop(`${batch}/torn.jpg`, Buffer.from('\xff\xd8\xff no photograph', 'latin1'));
    await settle();
    const ofBatch = () => api<BatchProgress>(routes.batch(batch));
    await expect.poll(async () => (await ofBatch()).images, { timeout: 120_000 }).toBe(2);
    expect((await ofBatch()).settings).toMatchObject({
      purpose: 'tracing after a flood',
      legalBasis: 'vital interest',
      expires: '2099-12-31T00:00:00.000Z',
      doNotMatch: false,
    });
    await goTo('#/batches');
    await page.locator('.batch').filter({ hasText: batch }).getByText('tracing after a flood').waitFor();

    // Trouble: what was not taken says why, and what to do; no button for what would be refused again.
    await goTo('#/trouble');
    const trouble = page.locator('.trouble[data-kind="rejected"]').filter({ hasText: 'BrokenImage' });
    await trouble.getByText('Upload the original file again').waitFor();
    expect(await trouble.getByRole('button', { name: /again/ }).count()).toBe(0);
    await trouble.getByRole('button', { name: 'Show which' }).click();
    await trouble.getByText('torn.jpg').first().waitFor();

    // Search by the beginning of a name, without a star.
    await goTo('#/images');
    await page.keyboard.press('/');
    await page.keyboard.type('tor trac');
    const names = async () => [...new Set(await page.locator('.tile-name').allTextContents())];
    await expect.poll(names, { timeout: 10_000 }).toEqual(['torn.jpg']);

    // Find a face of a photograph that is here.
    const [image] = await found(`batch=${encodeURIComponent(batch)}&status=done`);
    await goTo(`#/images/${image?.id}`);
    await page.locator('.face-matches').waitFor();
    await settled(page);
    await page.getByRole('link', { name: 'Find this face' }).first().click();
    await page.locator('.found-matches .match-card').first().waitFor({ timeout: 60_000 });
    expect((await page.locator('.found-matches figcaption').allTextContents()).join()).toContain('person-a-');

    // Fifty pairs in all, by keyboard.
    await addPairs(stack.env, `day${width}`, 25);
    const toReview = async () => (await api<Live>(routes.live)).toReview;
    const before = await toReview();
    await goTo('#/review');
    await page.locator('.review-pair').waitFor();
    const faces = page.locator('.review-pair figcaption');
    for (let pair = 0; pair < 25; pair += 1) {
      const shown = (await faces.allTextContents()).join();
      await page.keyboard.press(pair % 5 === 4 ? 'y' : 'n');
      await expect.poll(async () => (await faces.allTextContents()).join()).not.toBe(shown);
    }
    await page.getByText('25 decided in this session').waitFor();
    await expect.poll(toReview, { timeout: 20_000 }).toBeLessThanOrEqual(before - 25);

    // Erase what was selected: it says how much there is, is typed, and leaves a receipt.
    await goTo(`#/images?batch=${encodeURIComponent(batch)}`);
    await page.locator('.tile').nth(1).waitFor();
    await page.getByRole('button', { name: 'Select', exact: true }).click();
    await page.locator('.tile a').first().click();
    await page
      .locator('.tile a')
      .nth(1)
      .click({ modifiers: ['Shift'] });
    await page.getByText('2 selected').waitFor();
    await picture(page, `selected-${width}`);
    await page.getByRole('button', { name: 'Erase', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Erase 2 images for good?').waitFor();
    await dialog.getByText(`${batch}: 2 images`).waitFor();
    expect(await dialog.getByRole('button', { name: 'Erase for good' }).isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill('erase');
    await picture(page, `erase-${width}`, width === 1280);
    await dialog.getByRole('button', { name: 'Erase for good' }).click();
    await dialog.getByText('Receipt of an erasure').waitFor({ timeout: 60_000 });
    await dialog.getByText('result rows').waitFor();
    await picture(page, `receipt-${width}`);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await page.getByText('No images match').waitFor();
    expect(await found(`batch=${encodeURIComponent(batch)}`)).toEqual([]);
    const { receipts } = await api<ErasureReceipts>(routes.erasures);
    expect(receipts[0]).toMatchObject({ kind: 'selection', images: 2 });
    const { acts } = await api<BulkActList>(routes.bulkActs);
    expect(acts[0]).toMatchObject({ kind: 'erase', state: 'done', acted: 2 });
    await page.setViewportSize({ width: 1280, height: 860 });
  });

  test('the palette goes anywhere by keyboard, and says which keys there are', async () => {
    const { page, goTo } = open();
    await goTo('#/pipeline');
    await page.locator('.station').first().waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Commands' }).waitFor();
    await page.keyboard.type('sign');
    await page.getByRole('option', { name: /sign\.jpg/ }).waitFor();
    await picture(page, 'palette');
    await page.getByRole('option', { name: /sign\.jpg/ }).click();
    await page.getByRole('heading', { level: 1, name: 'sign.jpg' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.tile').first().waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Commands' }).waitFor();
    await page.keyboard.type('trou');
    await page.getByRole('option', { name: 'Trouble' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Trouble' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Search the images').waitFor();
    await page.keyboard.press('Escape');
  });

  test('a step is paused on the page, shows by whom and why, and goes on', async () => {
    const { page, goTo, stack } = open();
    await goTo('#/pipeline');
    await page.getByRole('button', { name: 'Pause: Text' }).click();
    await page.getByLabel('Reason (shown to everyone)').fill('the service moves');
    await page.getByRole('button', { name: 'Pause this step' }).click();
    await page.getByText(/Paused by .*: the service moves/).waitFor();
    expect((await stack.app.pauses.list()).map(({ step }) => step)).toEqual(['ocr']);
    await page.getByRole('button', { name: 'Resume: Text' }).click();
    await expect.poll(async () => (await stack.app.pauses.list()).length).toBe(0);
  });
}
