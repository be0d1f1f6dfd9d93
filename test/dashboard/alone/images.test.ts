import { expect, test } from 'vitest';
import { Held, of, pair, place, summary } from './answers.ts';
import { states } from './states.ts';

states('images, find and upload', (opened) => {
  test('images: a key selects the photograph that has the focus, also when others have come before it', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const images = [summary('old2', '2026-11-30T09:00:02.000Z'), summary('old1', '2026-11-30T09:00:01.000Z')];
    await alone.open('#/images', ({ what }) => {
      if (what === 'GET /api/images') return { images, next: null };
      if (what === 'GET /api/image-facets')
        return { images: images.length, imagesIsMinimum: false, sampled: 0, tags: [], categories: [] };
      if (what === 'POST /api/bulk-acts') return 422;
      return 404;
    });
    await page.getByRole('link', { name: /old1/ }).focus();
    images.unshift(summary('new', '2026-11-30T09:00:03.000Z'));
    await alone.written();
    await page.getByRole('link', { name: /new/ }).waitFor();
    await page.keyboard.press('x');
    await page.getByRole('button', { name: /Export/ }).click();
    await page.getByText('Refused: 422').waitFor();
    expect(of(asked, 'POST /api/bulk-acts').map(({ body }) => body)).toEqual([
      { kind: 'export', images: ['old1'] },
    ]);
  });

  test('images: who types a search keeps the cursor in it when the list comes', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const images = [summary('old2', '2026-11-30T09:00:02.000Z'), summary('old1', '2026-11-30T09:00:01.000Z')];
    await alone.open('#/images', ({ what }) => (what === 'GET /api/images' ? { images, next: null } : 404));
    await page.getByRole('link', { name: /old1/ }).click();
    await page.getByText('Refused: 404').waitFor();
    await page.goBack();
    await page.getByRole('link', { name: /old1/ }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('old');
    await expect
      .poll(() => of(asked, 'GET /api/images').some(({ query }) => query.get('text') === 'old*'))
      .toBe(true);
    await page.getByRole('link', { name: /old1/ }).waitFor();
    await page.evaluate(
      () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
    );
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('INPUT');
  });

  test('find: another photograph than the face one came for is looked for among all, and no search is not called none', async () => {
    const alone = opened();
    const { page } = alone;
    const match = { other: place('mine'), confidence: 0.9, margin: null, worth: pair('x', 1).worth };
    const face = { rectangle: place('x').rectangle, quality: null };
    const small = {
      rectangle: { ...face.rectangle, left: 5 },
      quality: null,
      compared: false,
      matches: [],
      more: false,
    };
    await alone.open('#/find?image=i-mine&face=gone', ({ what }) =>
      what === 'POST /api/face-search'
        ? {
            width: 10,
            height: 10,
            notSearched: 3,
            faces: [{ ...face, compared: true, more: false, matches: [match] }, small],
          }
        : 404,
    );
    await page.getByText('Refused: 404').waitFor();
    await page
      .getByTestId('photograph')
      .setInputFiles({ name: 'other.png', mimeType: 'image/png', buffer: Buffer.from('a picture') });
    await page.getByRole('heading', { name: '1 possible match' }).waitFor();
    await page.getByText('3 smaller faces were not searched for').waitFor();
    expect(await page.getByText('Refused: 404').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Face 2, not compared' }).count()).toBe(2);
  });

  test('upload: terms that somebody else has set meanwhile stay as they are', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const settings = {
      purpose: 'tracing',
      legalBasis: null,
      expires: null,
      doNotMatch: false,
      pending: false,
    };
    await alone.open('#/upload', ({ what }) => {
      if (what === 'GET /api/batches') return { batches: [{ batchId: 'camp', settings }], next: null };
      return what.startsWith('PUT') ? settings : 404;
    });
    await page.getByLabel('Batch', { exact: true }).fill('camp');
    await page.getByLabel('Legal basis').fill('consent');
    settings.doNotMatch = true;
    await alone.written();
    await page.locator('input:checked').waitFor();
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: 'one.png', mimeType: 'image/png', buffer: Buffer.from('a picture') });
    await expect
      .poll(() => of(asked, 'PUT /api/batches/camp').map(({ body }) => body))
      .toEqual([{ legalBasis: 'consent' }]);
  });

  test('upload: files whose terms could not be saved stay in the list, and go with them when they are tried again', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const terms = new Held();
    let isAway = true;
    await alone.open('#/upload', async ({ what }) => {
      if (what === 'GET /api/batches') return { batches: [], next: null };
      if (what === 'PUT /api/batches/camp') {
        await terms.wait();
        return isAway ? 503 : { purpose: 'tracing', pending: false };
      }
      if (what !== 'POST /api/uploads') return 404;
      return { batchId: 'camp', files: [{ name: 'one.png', accepted: true, id: 'one', problem: null }] };
    });
    await page.getByLabel('Batch', { exact: true }).fill('camp');
    await page.getByLabel('Purpose').fill('tracing');
    const files = page.locator('input[type=file]').first();
    await files.setInputFiles({ name: 'one.png', mimeType: 'image/png', buffer: Buffer.from('a picture') });
    const line = page.locator('.uploads li');
    await line.waitFor();
    await expect.poll(() => terms.count).toBe(1);
    // Also where one looks elsewhere meanwhile.
    await page.getByRole('link', { name: 'Trouble' }).click();
    terms.letGo();
    await page.getByRole('link', { name: 'Upload' }).click();
    await line.getByText('The terms were not saved, and nothing was sent. Refused: 503').waitFor();
    expect(of(asked, 'POST /api/uploads')).toHaveLength(0);
    isAway = false;
    await line.getByRole('button', { name: /Try again/ }).click();
    await line.getByText('Accepted').waitFor();
    expect(of(asked, 'PUT /api/batches/camp').map(({ body }) => body)).toEqual([
      { purpose: 'tracing' },
      { purpose: 'tracing' },
    ]);
    expect(of(asked, 'POST /api/uploads')).toHaveLength(1);
  });
});
