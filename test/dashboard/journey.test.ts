import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  BatchProgress,
  DeadLetterPage,
  ImageDetail,
  ImagePage,
  ReviewPage,
} from '../../src/api/contract.ts';
import { PAGE_ROOT, routes } from '../../src/api/routes.ts';
import { silentLog } from '../../src/ports.ts';
import { projectRoot } from '../support/stack.ts';
import { seriousFindings } from './axe.ts';
import { findChromium } from './chromium.ts';
import { type Dashboard, openDashboard, picture, settled } from './open-page.ts';

const chromium = findChromium();
const samples = join(projectRoot, 'samples');
const files = readdirSync(samples).filter((name) => name.endsWith('.jpg'));
const VIEWS = ['#/images', '#/upload', '#/pipeline', '#/review'];

/** One visit, in order: each test goes on where the one before stopped. */
describe.skipIf(chromium === undefined)('the dashboard in a browser', { timeout: 400_000 }, () => {
  let dashboard: Dashboard;

  beforeAll(async () => {
    dashboard = await openDashboard(chromium ?? '');
  }, 180_000);
  afterAll(() => dashboard?.stop());

  const imageNamed = async (name: string) => {
    const { images } = await dashboard.api<ImagePage>(`${routes.images}?limit=100`);
    const found = images.find((image) => image.name === name);
    if (found === undefined) throw new Error(`No image ${name} among ${images.map((image) => image.name)}.`);
    return dashboard.api<ImageDetail>(routes.image(found.id));
  };

  test('an empty archive says what to do', async () => {
    const { page } = dashboard;
    await dashboard.goTo('');
    await page.getByRole('link', { name: 'Upload photographs' }).click();
    await page.getByRole('heading', { name: 'Upload' }).waitFor();
  });

  test('photographs chosen on the page are sent, and watched until all are looked at', async () => {
    const { page } = dashboard;
    await page.getByLabel('Batch', { exact: true }).fill('reunion');
    await page.getByTestId('files').setInputFiles(files.map((name) => join(samples, name)));
    await page.getByText(`${files.length} of ${files.length} sent`).first().waitFor();
    await picture(page, 'upload');
    // As the watcher of `npm start`, or Event Grid, announces them.
    await dashboard.stack.app.reconciler(Number.NEGATIVE_INFINITY).run(silentLog);
    await dashboard.goTo('#/pipeline');
    await page.locator('.station[data-busy]').first().waitFor({ timeout: 60_000 });
    await picture(page, 'pipeline', true);
    await dashboard.goTo('#/images?batch=reunion');
    await expect
      .poll(() => dashboard.api<BatchProgress>(routes.batch('reunion')).then((batch) => batch.images), {
        timeout: 300_000,
      })
      .toBe(files.length);
    // The page learns of it by itself, within two seconds and the time that the answer takes.
    await page.getByText(`${files.length} images`).waitFor({ timeout: 4000 });
  });

  test('the grid shows every photograph; chips and words narrow it down', async () => {
    const { page } = dashboard;
    await settled(page);
    expect(await page.locator('.tile').count()).toBe(files.length);
    await picture(page, 'images', true);
    await page.getByRole('searchbox').fill('reuni*');
    await page
      .locator('.count')
      .filter({ hasText: /^1 image(?!s)/ })
      .waitFor();
    expect(await page.locator('.tile-name').allTextContents()).toEqual(['sign.jpg']);
    expect(page.url()).toContain('text=reuni');
    await page.getByRole('searchbox').fill('');
    await page.getByText(`${files.length} images`).waitFor();
    await page
      .getByRole('button', { name: /^person/ })
      .first()
      .click();
    await page.waitForURL(/tag=person/);
    await page.getByRole('button', { name: 'Clear all' }).click();
    await page.getByText(`${files.length} images`).waitFor();
  });

  test('arrow keys move in the grid, Enter opens, and back leads to where one was', async () => {
    const { page } = dashboard;
    await page.locator('.tile a[tabindex="0"]').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.activeElement?.closest('[data-index="2"]') !== null);
    const name = await page.locator('[data-index="2"] .tile-name').textContent();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: name ?? '' }).waitFor();
    await page.goBack();
    await page.waitForFunction(() => document.activeElement?.closest('[data-index="2"]') !== null);
  });

  test.each([
    ['wide', 1280, 860],
    ['narrow', 360, 740],
  ] as const)('face boxes and text boxes stand where the API says: %s', async (_, width, height) => {
    const { page } = dashboard;
    await page.setViewportSize({ width, height });
    for (const name of ['group.jpg', 'sign.jpg']) {
      const image = await imageNamed(name);
      const { result } = image;
      if (result?.width == null || result.height == null) throw new Error(`${name} has no size.`);
      await dashboard.goTo(`#/images/${image.id}`);
      await page.locator('.face-box').first().waitFor();
      await settled(page);
      const shown = await page.locator('.picture-frame img').boundingBox();
      if (shown === null) throw new Error('The picture is not shown.');
      expect(shown.width / shown.height).toBeCloseTo(result.width / result.height, 1);
      for (const face of result.faces) {
        const box = await page.locator(`.face-box[data-face="${face.key}"]`).boundingBox();
        const scale = shown.width / result.width;
        expect(Math.abs((box?.x ?? 0) - shown.x - face.rectangle.left * scale)).toBeLessThan(2);
        expect(Math.abs((box?.y ?? 0) - shown.y - face.rectangle.top * scale)).toBeLessThan(2);
        expect(Math.abs((box?.width ?? 0) - face.rectangle.width * scale)).toBeLessThan(2);
        expect(Math.abs((box?.height ?? 0) - face.rectangle.height * scale)).toBeLessThan(2);
      }
      expect(await page.locator('.text-boxes polygon').count()).toBe(result.textLines.length);
      await picture(
        page,
        `image-${name.replace('.jpg', '')}${width < 500 ? '-phone' : ''}`,
        width > 500 && name === 'group.jpg',
      );
    }
    await page.locator('.matches').scrollIntoViewIfNeeded();
    await settled(page);
    await picture(page, `matches${width < 500 ? '-phone' : ''}`);
    await page.setViewportSize({ width: 1280, height: 860 });
  });

  test('a match is decided by keyboard, kept, taken back, and decided again', async () => {
    const { page } = dashboard;
    const toReview = () =>
      dashboard.api<ReviewPage>(`${routes.review}?limit=100`).then((found) => found.items.length);
    const before = await toReview();
    expect(before).toBeGreaterThan(3);
    await dashboard.goTo('#/review');
    await page.locator('.review-pair').waitFor();
    await settled(page);
    await picture(page, 'review', true);
    await page.keyboard.press('n');
    await page.getByText('This pair will not be suggested again').waitFor();
    await expect.poll(toReview).toBe(before - 1);
    await page.keyboard.press('u');
    await page.getByText('Taken back.').waitFor();
    await expect.poll(toReview).toBe(before);
    await page.keyboard.press('l');
    await page.getByText('Put to the end.').waitFor();
    await page.keyboard.press('y');
    await expect.poll(toReview).toBe(before - 1);
  });

  test('a message given up says why; one that could only fail again is not put back, but dropped when sure', async () => {
    const { page, stack } = dashboard;
    await stack.app.storage.queues.send('ocr', '{"no": "job"}');
    await dashboard.goTo('#/pipeline');
    await page.locator('.letter').waitFor({ timeout: 30_000 });
    await page.getByRole('button', { name: 'Put back' }).click();
    await page.locator('.letter .problem').waitFor();
    expect(await page.locator('.letter .problem').textContent()).toContain('could only fail again');
    await page.getByRole('button', { name: 'The message' }).click();
    await page.getByText('"no": "job"').waitFor();
    await page.locator('.letter').scrollIntoViewIfNeeded();
    await picture(page, 'dead-letter');
    await page.getByRole('button', { name: 'Drop for good' }).click();
    await page.getByText('It cannot be had back').waitFor();
    await page.getByRole('button', { name: 'Drop for good' }).click();
    await page.getByText('Dropped.').waitFor();
    expect((await dashboard.api<DeadLetterPage>(routes.deadLetters)).deadLetters).toEqual([]);
  });

  test('an image is looked at again, and the page follows until it is done', async () => {
    const { page } = dashboard;
    const before = await imageNamed('person-f-1.jpg');
    await dashboard.goTo(`#/images/${before.id}`);
    await page.getByRole('button', { name: 'Look at it again' }).click();
    await page.getByText('Every step runs again').waitFor();
    await expect
      .poll(
        () => imageNamed('person-f-1.jpg').then(({ underWay, result }) => !underWay && (result?.run ?? 0)),
        {
          timeout: 120_000,
        },
      )
      .toBe((before.result?.run ?? 0) + 1);
  });

  test('axe finds nothing serious, in either theme, on a screen or a phone', async () => {
    const { page } = dashboard;
    const group = await imageNamed('group.jpg');
    const found: string[] = [];
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 800 });
        for (const view of [...VIEWS, `#/images/${group.id}`]) {
          await dashboard.goTo(view);
          await page.locator('.view h1').waitFor();
          await page.waitForFunction(() => document.querySelector('.spinner') === null);
          await settled(page);
          const name = view.startsWith('#/images/') ? 'image' : view.slice(2);
          await picture(
            page,
            `${name}-${theme}-${width}`,
            name === 'image' && theme === 'dark' && width > 500,
          );
          const overflow = await page.evaluate(
            () => document.documentElement.scrollWidth - window.innerWidth,
          );
          if (overflow > 0) found.push(`${theme} ${width} ${view}: ${overflow} pixels too wide`);
          found.push(
            ...(await seriousFindings(page)).map((finding) => `${theme} ${width} ${view}: ${finding}`),
          );
        }
      }
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1280, height: 860 });
    expect(found).toEqual([]);
  });

  test('the switch changes the theme, and the choice lasts', async () => {
    const { page } = dashboard;
    await dashboard.goTo('#/images');
    await page.getByRole('button', { name: 'Appearance: As the system' }).click();
    await page.getByRole('button', { name: 'Appearance: Light' }).click();
    await page.reload();
    await page.getByRole('button', { name: 'Appearance: Dark' }).waitFor();
    const background = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    expect(background).toBe('rgb(23, 25, 27)');
  });

  test('script is under 200 kB compressed, and the first page is usable in a second', async () => {
    const { page, origin } = dashboard;
    const html = await (await fetch(`${origin}${PAGE_ROOT}`)).text();
    const scripts = [...html.matchAll(/<script[^>]+src="([^"]+)"/g)].map(([, src]) => src ?? '');
    expect(scripts.length).toBeGreaterThan(0);
    let size = 0;
    for (const src of scripts) {
      size += gzipSync(
        Buffer.from(await (await fetch(new URL(src, `${origin}${PAGE_ROOT}`))).arrayBuffer()),
      ).length;
    }
    expect(size).toBeLessThan(200_000);
    const begin = performance.now();
    await dashboard.goTo('?fresh#/images');
    await page.locator('.tile').first().waitFor();
    const usable = performance.now() - begin;
    console.info(
      `The dashboard: ${(size / 1000).toFixed(0)} kB of script compressed, first page usable in ${usable.toFixed(0)} ms.`,
    );
    expect(usable).toBeLessThan(5000);
  });

  test('nothing broke the content security policy, and no error went unseen', () => {
    expect(dashboard.complaints).toEqual([]);
  });
});
