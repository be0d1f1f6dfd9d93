import { expect, test } from 'vitest';
import type { DeadLetterSummary, ImageDetail, TroubleGroup } from '../../../src/api/contract.ts';
import { drawn, Held, of, pair, place, T } from './answers.ts';
import { states } from './states.ts';

/** What was done is shown once it has been read again: until then nothing else is done to it. */
states('acts', (opened) => {
  const trouble = (more: Partial<TroubleGroup>): TroubleGroup => ({
    ...{ kind: 'waiting', step: 'ocr', title: 'Text', code: null, count: 3, countIsMinimum: false },
    ...{ meaning: 'It is paused.', advice: null, latest: null, act: null },
    ...more,
  });

  test('trouble: a step is resumed once, and stays so until the list says what came of it', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const list = new Held();
    list.on = false;
    await alone.open('#/trouble', async ({ what }) => {
      if (what !== 'GET /api/troubles') return undefined;
      await list.wait();
      const isPaused = of(asked, 'DELETE /api/pauses/ocr').length === 0;
      return { groups: isPaused ? [trouble({ act: 'resume' })] : [] };
    });
    const resume = page.locator('.trouble-acts button').first();
    await resume.waitFor();
    list.on = true;
    await resume.click();
    await expect.poll(() => list.count).toBeGreaterThan(0);
    await drawn(page);
    expect(await resume.isDisabled()).toBe(true);
    list.letGo();
    await page.getByText('No trouble').waitFor();
    expect(of(asked, 'DELETE /api/pauses/ocr')).toHaveLength(1);
  });

  test('trouble: a message is put back once', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const list = new Held();
    list.on = false;
    const letter: DeadLetterSummary = {
      ...{ id: 'm', queue: 'ocr', error: { code: 'Odd', message: 'Odd.' }, imageId: null, batchId: null },
      ...{ times: 1, firstSeen: T, lastSeen: T },
    };
    await alone.open('#/trouble', async ({ what }) => {
      if (what === 'GET /api/troubles') return { groups: [trouble({ kind: 'dead', code: 'Odd' })] };
      if (what !== 'GET /api/dead-letters') return undefined;
      await list.wait();
      const isThere = !asked.some(({ what }) => what.endsWith('/replay'));
      return { deadLetters: isThere ? [letter] : [], next: null };
    });
    await page.getByRole('button', { name: 'Show which' }).click();
    const replay = page.locator('.letter-actions button').first();
    await replay.waitFor();
    list.on = true;
    await replay.click();
    await page.locator('.notices .notice').first().waitFor();
    await drawn(page);
    expect(await replay.isDisabled()).toBe(true);
    list.letGo();
    await replay.waitFor({ state: 'detached' });
    expect(asked.filter(({ what }) => what.endsWith('/replay'))).toHaveLength(1);
  });

  test('pipeline: a step is paused once; a reason that was not taken stays', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const list = new Held();
    list.on = false;
    let isAway = true;
    const step = { name: 'ocr', title: 'Text', summary: '', needs: [], position: 0 };
    await alone.open('#/pipeline', async ({ what }) => {
      if (what === 'GET /api/pipeline') return { definition: ['ocr'], limitedAccess: true, steps: [step] };
      if (what === 'GET /api/failures') return { failures: [] };
      if (what === 'GET /api/throughput') return 503;
      if (what !== 'GET /api/queues') return isAway ? 503 : undefined;
      await list.wait();
      const paused = isAway ? null : { by: 'anna', at: T, reason: 'it moves' };
      const counts = { messages: 0, ready: 0, taken: 0, oldestReady: null, poison: 0 };
      return { at: T, queues: [{ name: 'ocr', step: 'ocr', paused, ...counts }] };
    });
    await page.getByRole('button', { name: 'Pause: Text' }).click();
    const reason = page.getByLabel('Reason (shown to everyone)');
    await reason.fill('it moves');
    await page.keyboard.press('Enter');
    await page.getByText('Refused: 503').first().waitFor();
    expect(await reason.inputValue()).toBe('it moves');
    isAway = false;
    await page.locator('.pause-acts button[type=submit]:enabled').waitFor();
    list.on = true;
    await page.keyboard.press('Enter');
    const pause = page.getByRole('button', { name: 'Pause: Text' });
    await pause.waitFor();
    await expect.poll(() => list.count).toBeGreaterThan(0);
    expect(await pause.isDisabled()).toBe(true);
    list.letGo();
    await page.getByRole('button', { name: 'Resume: Text' }).waitFor();
    expect(of(asked, 'PUT /api/pauses/ocr')).toHaveLength(2);
  });

  test('an image: a match is decided once, by what was shown', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const detail = new Held();
    detail.on = false;
    const looked = { state: 'looked', step: 'facematch', reason: null, again: false } as const;
    const face = { key: 'own', rectangle: place('own').rectangle, hasCrop: false, quality: null };
    const image = (isDecided: boolean): ImageDetail => ({
      ...{ id: 'i', batchId: 'camp', name: 'i.jpg', imageUrl: 'i', underWay: false, timeline: null },
      deadLetters: [],
      result: {
        ...{ status: 'done', reason: null, warnings: [], run: 1, finishedAt: T, pipeline: [], steps: [] },
        ...{ width: 10, height: 10, bytes: 1, caption: null, text: null, tags: [], categories: [] },
        ...{ textLines: [], faces: [{ ...face, enrolled: true, attributes: null }], facesLookedFor: true },
        lookedFor: { tags: looked, text: looked, faces: looked, matches: looked },
        matches: [
          {
            ...{ face: 'own', other: place('x'), confidence: 0.9, margin: null, firstSeen: T },
            ...{ worth: pair('x', 0.9).worth as NonNullable<ReturnType<typeof pair>['worth']> },
            decision: isDecided ? { verdict: 'confirmed', by: 'anna', at: T } : null,
          },
        ],
        ...{ rejectedMatches: [], consent: null, exif: null, parameters: null, output: {} },
      } as ImageDetail['result'],
    });
    await alone.open('#/images/i', async ({ what, body }) => {
      if (what === 'GET /api/images/i') {
        await detail.wait();
        return image(asked.some(({ what }) => what.startsWith('PUT')));
      }
      return what.startsWith('PUT') ? { ...(body as object), by: 'anna', at: T } : 404;
    });
    const decision = page.locator('.face-matches .decision');
    await decision.getByRole('button').first().waitFor();
    detail.on = true;
    await decision.getByRole('button').first().click();
    await expect.poll(() => detail.count).toBeGreaterThan(0);
    await drawn(page);
    expect(await decision.getByRole('button').first().isDisabled()).toBe(true);
    detail.letGo();
    await page.locator('.face-matches .decided').waitFor();
    await decision.getByRole('button', { name: 'Undo' }).waitFor();
    expect(asked.filter(({ what }) => what.startsWith('PUT'))).toHaveLength(1);
  });
});
