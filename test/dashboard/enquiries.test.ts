import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CandidateDetail, CandidatePage, EnquiryDetail } from '../../src/api/contract.ts';
import { PAGE_ROOT, routes } from '../../src/api/routes.ts';
import { projectRoot } from '../support/stack.ts';
import { seriousFindings } from './axe.ts';
import { findChromium } from './chromium.ts';
import { lookAtEveryView } from './every-view.ts';
import { type Dashboard, openDashboard, originOf, picture, settled } from './open-page.ts';

const chromium = findChromium();
const samples = join(projectRoot, 'samples');
const ARCHIVE = ['person-a-2.jpg', 'person-a-3.jpg', 'person-b-1.jpg', 'person-b-2.jpg', 'group.jpg'];

/** From a family's portrait to a find, by two people: one visit, in order. */
describe.skipIf(chromium === undefined)('enquiries in a browser', { timeout: 300_000 }, () => {
  let dashboard: Dashboard;
  /** Where the second person sits. */
  let ben: string;
  let enquiry: string;
  let candidate: string;

  beforeAll(async () => {
    dashboard = await openDashboard(chromium ?? '', { IMAGINEM_USER: 'anna' });
    const { stack } = dashboard;
    for (const name of ARCHIVE) await stack.drop(`camp/${name}`, readFileSync(join(samples, name)));
    ben = await originOf(stack.spawnHost(undefined, { IMAGINEM_USER: 'ben' }));
    await stack.rows(ARCHIVE.length);
  }, 300_000);
  afterAll(() => dashboard?.stop());

  const atBens = (hash: string) => dashboard.page.goto(`${ben}${PAGE_ROOT}${hash}`);
  const seen = async (origin: string) =>
    (await (await fetch(`${origin}${routes.candidate(candidate)}`)).json()) as CandidateDetail;

  test('without an enquiry the page says what to do first', async () => {
    const { page, goTo } = dashboard;
    await goTo('#/enquiries');
    await page.getByText('No enquiry yet').waitFor();
    await goTo('#/second-look');
    await page.getByText('Nothing to look at a second time').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  test('an enquiry is opened with a portrait by keyboard, and its candidate comes by itself', async () => {
    const { page, goTo, api } = dashboard;
    await goTo('#/enquiries');
    await page.getByText('No enquiry yet').waitFor();
    await page.keyboard.press('o');
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Open it and search' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Photographs of who is sought').setInputFiles(join(samples, 'person-a-1.jpg'));
    await dialog.getByLabel('When were they taken?').fill('last year');
    await dialog.getByText('Write a year, a month or a day').waitFor();
    await dialog.getByLabel('When were they taken?').fill('2019');
    await dialog.getByLabel('Purpose').fill('tracing of relatives');
    await dialog.getByLabel('Legal basis').fill('public interest');
    await dialog.getByLabel('Case reference').fill('T-2026-17');
    expect(await seriousFindings(page)).toEqual([]);
    await picture(page, 'enquiry-open');
    await dialog.getByLabel('Case reference').press('Enter');
    await page.getByRole('heading', { level: 1, name: 'T-2026-17' }).waitFor();
    await page.locator('.candidate-card').first().waitFor({ timeout: 90_000 });
    await page.getByText('compared with every photograph').waitFor();
    enquiry = decodeURIComponent(new URL(page.url()).hash.split('/')[2] ?? '');
    expect(await api<EnquiryDetail>(routes.enquiry(enquiry))).toMatchObject({
      minor: true,
      purpose: 'tracing of relatives',
      photographs: [{ taken: '2019' }],
    });
    await page.getByLabel('Note').fill('The mother remembers a scar at the left eyebrow.');
    await page.getByLabel('Note').press('Enter');
    await page.getByText('The mother remembers').waitFor();
    await settled(page);
    await picture(page, 'enquiry', true);
    expect(await page.locator('.enquiry-view').textContent()).not.toMatch(/%|is a match|identified/i);
  });

  test('a candidate is judged by keyboard; nobody seconds themselves, and the word can be taken back', async () => {
    const { page, api } = dashboard;
    const { candidates } = await api<CandidatePage>(`${routes.candidates}?enquiry=${enquiry}`);
    candidate = candidates[0]?.id ?? '';
    await page.locator('.candidate-card').first().click();
    await page.getByRole('heading', { level: 1, name: 'Candidate' }).waitFor();
    const words = (await page.locator('.pair-words').textContent()) ?? '';
    expect(words).toMatch(/^Possible match(Very much|Much|Somewhat|A little) alike \(0\.\d\d of 1\)/);
    const shown = page.locator('.candidate-sides > div').nth(1).locator('figcaption');
    const before = await shown.textContent();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => shown.textContent()).not.toBe(before);
    await page.keyboard.press('ArrowLeft');
    await settled(page);
    await picture(page, 'candidate', true);
    await page.keyboard.press('r');
    await page.keyboard.type('the same ear');
    await page.keyboard.press('Enter');
    await page.keyboard.press('y');
    await page.getByText('Noted. Another person is asked').waitFor();
    expect(await seen(dashboard.origin)).toMatchObject({
      standing: 'pending',
      words: [{ word: 'same', by: 'anna', reason: 'the same ear' }],
    });
    await page.keyboard.press('u');
    await page.getByText('Taken back.').waitFor();
    expect(await seen(dashboard.origin)).toMatchObject({ standing: 'open', words: [] });
    await page.keyboard.press('y');
    await page.getByText('Noted. Another person is asked').waitFor();
    await dashboard.goTo('#/second-look');
    await page.getByText('Nothing to look at a second time').waitFor();
  });

  test('the second person sees the faces, and is sent neither the first word nor the score', async () => {
    const { page } = dashboard;
    const bodies: Promise<string>[] = [];
    page.on('response', (response) => {
      if (new URL(response.url()).pathname.startsWith('/api/') && !/\.(jpg|webp)$/.test(response.url()))
        if (response.headers()['content-type']?.includes('json'))
          bodies.push(response.text().catch(() => ''));
    });
    await atBens('#/second-look');
    await page.locator('.candidate-sides img').nth(1).waitFor();
    await settled(page);
    await picture(page, 'second-look', true);
    expect(await seriousFindings(page)).toEqual([]);
    const received = (await Promise.all(bodies)).join('\n');
    expect(received).toContain(candidate);
    expect(received).not.toMatch(/the same ear|"by":|"word":"|"confidence":0|"score":0/);
    expect(await page.locator('.second-look-view').textContent()).not.toMatch(/alike|0\.\d|anna/);
    // The enquiry itself leads there, and gives nothing away either.
    await atBens(`#/enquiries/${enquiry}`);
    await page.locator('.candidate-card').filter({ hasText: 'Take the second look' }).first().click();
    await page.locator('.candidate-sides img').nth(1).waitFor();
    await page.keyboard.press('y');
    await page.getByText('All looked at').waitFor();
    expect(await seen(ben)).toMatchObject({
      standing: 'found',
      words: [
        { word: 'same', by: 'anna' },
        { word: 'same', by: 'ben', blind: true },
      ],
    });
    // Until it is taken back: then it is as if it had never been said.
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('.candidate-sides img').nth(1).waitFor();
    expect(await seen(ben)).toMatchObject({ standing: 'secondLook', words: [], score: null });
    await page.keyboard.press('y');
    await page.getByText('All looked at').waitFor();
  });

  test('an enquiry ends with a reason, and the list shows how each stands', async () => {
    const { page, goTo } = dashboard;
    await goTo(`#/enquiries/${enquiry}`);
    await page.getByRole('button', { name: 'Reunited' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Reunited' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Reason').fill('They met in the camp.');
    await dialog.getByLabel('Reason').press('Enter');
    await page.getByRole('button', { name: 'Open it again' }).waitFor();
    await goTo('#/enquiries?state=reunited');
    await page.getByRole('link', { name: 'T-2026-17' }).waitFor();
    await goTo('#/enquiries?state=withdrawn');
    await page.getByText('No enquiry stands like this').waitFor();
  });

  test('axe finds nothing serious and nothing is too wide: both themes, a phone, right to left, enlarged', async () => {
    const views = {
      enquiries: '#/enquiries',
      'second-look-none': '#/second-look',
      enquiry: `#/enquiries/${enquiry}`,
      candidate: `#/enquiries/${enquiry}/${candidate}`,
    };
    expect(await lookAtEveryView(dashboard, views, [])).toEqual([]);
  });

  test('nothing broke the content security policy, and no host but these two was asked', () => {
    expect(dashboard.complaints.filter((complaint) => complaint !== `${ben} was asked.`)).toEqual([]);
  });
});
