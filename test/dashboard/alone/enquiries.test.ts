import { expect, test } from 'vitest';
import type { Asked } from '../page-alone.ts';
import { blind, drawn, enquiryOf, Held, of, photograph, T, until } from './answers.ts';
import { states } from './states.ts';

states('enquiries and candidates', (opened) => {
  test('a candidate: undo pressed twice takes back one word', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const late = until<void>();
    const word = {
      id: 'w2',
      word: 'same',
      by: 'anna',
      at: T,
      reason: null,
      blind: false,
      score: null,
      model: null,
    };
    const open = { ...blind('c'), standing: 'open', blind: false, words: [word] };
    await alone.open('#/enquiries/q/c', async ({ what }) => {
      if (what === 'GET /api/candidates') return { candidates: [], next: null };
      if (what === 'GET /api/candidates/c') return open;
      if (what === 'POST /api/candidate-words/w2/undo') await late.promise;
      return { ...open, words: [{ ...word, id: 'w1', word: 'later' }] };
    });
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await page.keyboard.press('u');
    await page.keyboard.press('u');
    late.resolve();
    await page.getByText('Taken back.').waitFor();
    expect(asked.filter(({ what }) => what.endsWith('/undo')).map(({ what }) => what)).toEqual([
      'POST /api/candidate-words/w2/undo',
    ]);
  });

  test('an enquiry: facts that somebody else changed while the form was open are not written over', async () => {
    const alone = opened();
    const { page, asked } = alone;
    let now = enquiryOf({ photographs: [photograph(null, false)] });
    await alone.open('#/enquiries/q', ({ what, body }) => {
      if (what === 'GET /api/enquiries/q') return now;
      if (what === 'PUT /api/enquiries/q')
        return (body as { version: number }).version === now.version ? now : 409;
      if (what === 'GET /api/candidates') return { candidates: [], next: null };
      return { events: [], next: null };
    });
    await page.getByRole('button', { name: 'Change facts' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Relation').fill('sister');
    // Ben hands it to Carla, and the photograph gets through: the page reads again.
    now = enquiryOf({ owner: 'carla', version: 2, photographs: [photograph('done', true)] });
    await alone.written();
    await page.locator('.batch-terms').getByText('carla').waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Refused: 409').waitFor();
    expect(of(asked, 'PUT /api/enquiries/q').map(({ body }) => body)).toEqual([
      { relation: 'sister', version: 1 },
    ]);
    // Closed and opened again it is about what stands there now.
    now = enquiryOf({ owner: 'dora', version: 3, photographs: [photograph('done', true)] });
    await page.keyboard.press('Escape');
    await page.locator('.batch-terms').getByText('dora').waitFor();
    await page.keyboard.press('e');
    await dialog.getByLabel('Relation').fill('sister');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
  });

  test('an enquiry: that nobody is alike is said only where a face was compared', async () => {
    const alone = opened();
    const { page } = alone;
    let now = enquiryOf({ photographs: [photograph('done', false)] });
    const answers = ({ what }: Asked) => {
      if (what === 'GET /api/enquiries/q') return now;
      return what === 'GET /api/candidates' ? { candidates: [], next: null } : { events: [], next: null };
    };
    await alone.open('#/enquiries/q', answers);
    await page.getByText('No search was made').waitFor();
    now = enquiryOf({ photographs: [photograph('done', true)] });
    await alone.open('#/enquiries/q', answers);
    await page.getByText('No similar face so far').waitFor();
  });

  test('what is gone is shown no longer, and what nobody has counted is not called none', async () => {
    const alone = opened();
    const { page } = alone;
    let isGone = false;
    await alone.open('#/enquiries/q', ({ what }) => {
      if (what === 'GET /api/enquiries/q')
        return isGone ? 404 : enquiryOf({ photographs: [photograph(null, false)] });
      if (what === 'GET /api/pipeline')
        return {
          definition: ['ocr'],
          limitedAccess: true,
          steps: [{ name: 'ocr', title: 'Text', summary: '', needs: [], position: 0 }],
        };
      if (what === 'GET /api/queues' || what === 'GET /api/throughput') return 503;
      if (what === 'GET /api/failures') return { failures: [] };
      return what === 'GET /api/candidates' ? { candidates: [], next: null } : { events: [], next: null };
    });
    await page.getByRole('heading', { level: 1, name: 'T-1' }).waitFor();
    isGone = true;
    await alone.written();
    await page.getByText('Refused: 404').waitFor();
    expect(await page.getByText('T-1').count()).toBe(0);
    await page.goto(page.url().replace('#/enquiries/q', '#/pipeline'));
    await page.getByRole('heading', { name: 'Text' }).waitFor();
    await page.getByText('Refused: 503').waitFor();
    expect(await page.getByText(/Idle|0 images in the last hour/).count()).toBe(0);
  });

  test('an enquiry and a note whose answers were lost are sent again under the same id, other words under another', async () => {
    const alone = opened();
    const { page, asked } = alone;
    let isLost = true;
    await alone.open('#/enquiries', ({ what }) => {
      if (isLost && what.startsWith('POST')) return 503;
      if (what === 'POST /api/enquiries' || what === 'GET /api/enquiries/q') return enquiryOf();
      if (what === 'GET /api/enquiries/q/events') return { events: [], next: null };
      return { enquiries: [], candidates: [], next: null };
    });
    await page.getByText('No enquiry yet').waitFor();
    await page.keyboard.press('o');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Purpose').fill('tracing');
    await dialog.getByLabel('Legal basis').fill('public interest');
    const save = dialog.getByRole('button', { name: 'Open it and search' });
    await save.click();
    await dialog.getByText('Refused: 503').waitFor();
    isLost = false;
    await save.click();
    await page.getByRole('heading', { level: 1, name: 'T-1' }).waitFor();
    const idsOf = (what: string) => of(asked, what).map(({ body }) => (body as { id: string }).id);
    const [first, second] = idsOf('POST /api/enquiries');
    expect(first).toMatch(/^[0-9a-f]{8}-/);
    expect(second).toBe(first);

    const notes = 'POST /api/enquiries/q/notes';
    const note = page.getByLabel('Note');
    isLost = true;
    const add = async (words: string) => {
      const { length } = idsOf(notes);
      await note.fill(words);
      await page.getByRole('button', { name: 'Add the note' }).click();
      await expect.poll(() => idsOf(notes)).toHaveLength(length + 1);
      return idsOf(notes).at(-1);
    };
    const gate = await add('seen at the gate');
    expect(await add('seen at the gate')).toBe(gate);
    const well = await add('seen at the well');
    expect(well).not.toBe(gate);
    isLost = false;
    expect(await add('seen at the well')).toBe(well);
    await expect.poll(() => note.inputValue()).toBe('');
    // What is noted once more, in the same words, is another note.
    expect(await add('seen at the well')).not.toBe(well);
  });

  test('a form stays open when text is selected past its edge', async () => {
    const alone = opened();
    const { page } = alone;
    await alone.open('#/enquiries', () => ({ enquiries: [], candidates: [], next: null }));
    await page.getByText('No enquiry yet').waitFor();
    await page.keyboard.press('o');
    const purpose = page.getByRole('dialog').getByLabel('Purpose');
    await purpose.fill('tracing of relatives');
    const box = await purpose.boundingBox();
    if (box === null) throw new Error('The field is not shown.');
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(5, box.y);
    await page.mouse.up();
    expect(await purpose.inputValue()).toBe('tracing of relatives');
    await page.mouse.click(5, 5);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('a candidate: a word that was refused is not said again before the candidate has come anew; its reason stays', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const again = new Held();
    const open = (version: number) => ({ ...blind('c', version), standing: 'open', blind: false });
    let version = 1;
    let isAway = false;
    await alone.open('#/enquiries/q/c', async ({ what, body }) => {
      if (what === 'GET /api/candidates') return { candidates: [], next: null };
      if (what === 'GET /api/candidates/c') {
        if (version > 1) await again.wait();
        return isAway ? 503 : open(version);
      }
      return (body as { version: number }).version === version ? open(version + 1) : 409;
    });
    const same = page.getByRole('button', { name: 'Same person' });
    await page.locator('button:enabled', { hasText: 'Same person' }).waitFor();
    await page.getByLabel('Why?').fill('the same ear');
    await page.keyboard.press('Enter');
    version = 2;
    isAway = true;
    await page.keyboard.press('y');
    await page.getByText('Refused: 409').waitFor();
    await page.keyboard.press('y');
    expect(await same.isDisabled()).toBe(true);
    again.letGo();
    await page.getByText('Refused: 503').waitFor();
    expect(await page.getByLabel('Why?').inputValue()).toBe('the same ear');
    isAway = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('button:enabled', { hasText: 'Same person' }).waitFor();
    await page.keyboard.press('y');
    await expect.poll(() => page.getByLabel('Why?').inputValue()).toBe('');
    expect(of(asked, 'PUT /api/candidates/c/word').map(({ body }) => body)).toEqual([
      { word: 'same', reason: 'the same ear', version: 1 },
      { word: 'same', reason: 'the same ear', version: 2 },
    ]);
  });

  test('a candidate: a word that was not taken is told of on the next one', async () => {
    const alone = opened();
    const { page } = alone;
    const word = new Held();
    const one = (id: string) => ({ ...blind(id), standing: 'open', blind: false });
    await alone.open('#/enquiries/q/c', async ({ what }) => {
      if (what === 'GET /api/candidates') return { candidates: [one('c'), one('d')], next: null };
      if (what === 'GET /api/candidates/c') return one('c');
      if (what === 'GET /api/candidates/d') return one('d');
      if (what.startsWith('GET')) return 404;
      await word.wait();
      return 503;
    });
    await page.locator('button:enabled', { hasText: 'Same person' }).waitFor();
    await page.getByRole('link', { name: 'Next' }).waitFor();
    await page.keyboard.press('y');
    await expect.poll(() => word.count).toBe(1);
    await page.keyboard.press('j');
    await page.locator('.candidate-sides').getByText('d-f.jpg').waitFor();
    word.letGo();
    await page.locator('.notices').getByText('Refused: 503').waitFor();
  });

  test('an enquiry: what is typed while a note is being saved stays', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const saving = new Held();
    await alone.open('#/enquiries/q', async ({ what }) => {
      if (what === 'GET /api/enquiries/q') return enquiryOf();
      if (what === 'GET /api/candidates') return { candidates: [], next: null };
      if (what.startsWith('GET')) return { events: [], next: null };
      await saving.wait();
      return undefined;
    });
    const note = page.getByLabel('Note', { exact: true });
    await note.fill('seen in May');
    await page.keyboard.press('Enter');
    await expect.poll(() => saving.count).toBe(1);
    await note.fill('and by a neighbour');
    await page.keyboard.press('Enter');
    saving.letGo();
    await expect.poll(() => of(asked, 'GET /api/enquiries/q').length).toBe(2);
    await drawn(page);
    expect(await note.inputValue()).toBe('and by a neighbour');
    await page.keyboard.press('Enter');
    await expect.poll(() => note.inputValue()).toBe('');
    expect(of(asked, 'POST /api/enquiries/q/notes').map(({ body }) => body)).toEqual([
      expect.objectContaining({ note: 'seen in May' }),
      expect.objectContaining({ note: 'and by a neighbour' }),
    ]);
  });

  test('an enquiry: one whose form was closed before it was opened is told of', async () => {
    const alone = opened();
    const { page } = alone;
    const opening = new Held();
    await alone.open('#/enquiries', async ({ what }) => {
      if (what !== 'POST /api/enquiries') return { enquiries: [], candidates: [], next: null };
      await opening.wait();
      return enquiryOf();
    });
    await page.getByText('No enquiry yet').waitFor();
    await page.keyboard.press('o');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Purpose').fill('tracing');
    await dialog.getByLabel('Legal basis').fill('consent');
    await page.keyboard.press('Enter');
    await expect.poll(() => opening.count).toBe(1);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    opening.letGo();
    await page.locator('.notices').getByText('Saved.').waitFor();
    expect(await page.evaluate(() => location.hash)).toBe('#/enquiries');
  });
});
