import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  CandidateDetail,
  CandidatePage,
  EnquiryDetail,
  GroupDetail,
  GroupPage,
  ImagePage,
  Live,
  PersonPage,
} from '../../src/api/contract.ts';
import { PAGE_ROOT, routes } from '../../src/api/routes.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { calibrate } from '../../src/people/calibration/calibrate.ts';
import { archive } from '../people/calibration/simulation.ts';
import { projectRoot } from '../support/project-root.ts';
import { seriousFindings } from './axe.ts';
import { findChromium } from './chromium.ts';
import { lookAtEveryView } from './every-view.ts';
import { type Dashboard, openDashboard, originOf, picture, settled } from './open-page.ts';

const chromium = findChromium();
const samples = join(projectRoot, 'samples');
const ARCHIVE = ['person-a-2.jpg', 'person-a-3.jpg', 'person-e-1.jpg', 'person-e-2.jpg', 'group.jpg'];

/** From a family's portrait to a find, by two people: one visit, in order. */
describe.skipIf(chromium === undefined)('people and enquiries in a browser', { timeout: 300_000 }, () => {
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
  /** In the navigation: how many candidates want a second look. */
  const badge = () => dashboard.page.getByRole('link', { name: 'Enquiries' }).first().locator('.badge');
  const seen = async (origin: string) =>
    (await (await fetch(`${origin}${routes.candidate(candidate)}`)).json()) as CandidateDetail;

  test('without an enquiry the page says what to do first', async () => {
    const { page, goTo } = dashboard;
    await goTo('#/enquiries');
    await page.getByText('No enquiry yet').waitFor();
    await goTo('#/second-look');
    await page.getByText('Nothing to look at a second time').waitFor();
    expect(await badge().count()).toBe(0);
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
    // As the watcher of `npm start`, or Event Grid, announces it.
    await dashboard.stack.app.reconciler(Number.NEGATIVE_INFINITY).run(silentLog);
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
    // Their own word waits for somebody else, and asks nothing of them.
    expect((await api<Live>(routes.live)).secondLooks).toBe(0);
    expect(await badge().count()).toBe(0);
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
    await badge().getByText('1 candidate wants your second look').waitFor();
    expect(await badge().locator('[aria-hidden]').textContent()).toBe('1');
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
    // Nothing waits any more: the badge goes by itself.
    await badge().waitFor({ state: 'detached', timeout: 20_000 });
  });

  test('a face that the machine does not find alike is put forward, from the enquiry or from its photograph', async () => {
    const { page, goTo, api } = dashboard;
    const { images } = await api<ImagePage>(`${routes.images}?text=person-e&limit=9`);
    const [first, second] = images;
    await goTo(`#/enquiries/${enquiry}`);
    await page.getByRole('button', { name: 'Put a face forward' }).waitFor();
    await page.keyboard.press('f');
    const dialog = page.getByRole('dialog');
    const put = dialog.getByRole('button', { name: 'Put a face forward' });
    await dialog.getByRole('group', { name: 'Compared with' }).waitFor();
    expect(await put.isDisabled()).toBe(true);
    await dialog
      .getByLabel('Photograph or face')
      .fill(`${dashboard.origin}${PAGE_ROOT}#/images/${first?.id}`);
    await dialog.getByRole('group', { name: 'Which face?' }).locator('img').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await settled(page);
    await picture(page, 'propose');
    await dialog.getByLabel('Why?').fill('her mother knows the scar');
    await dialog.getByLabel('Why?').press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Candidate' }).waitFor();
    await page.getByText('her mother knows the scar').waitFor();
    await page.getByText('The machine does not find these two alike.').waitFor();
    const id = decodeURIComponent(new URL(page.url()).hash.split('/')[3] ?? '');
    expect(await api<CandidateDetail>(routes.candidate(id))).toMatchObject({
      ...{ standing: 'open', score: null, model: null, words: [] },
      proposals: [{ by: 'anna', reason: 'her mother knows the scar' }],
    });
    await goTo(`#/enquiries/${enquiry}`);
    await page.locator('.candidate-card').filter({ hasText: 'No score' }).waitFor();

    // From its photograph; taken back, it is as if it had never been.
    await goTo(`#/images/${second?.id}`);
    await page.getByRole('button', { name: 'Put forward for an enquiry' }).click();
    await dialog.getByLabel('Search by case reference or name').fill('nobody has this');
    await dialog.getByText('No open enquiry has this').waitFor();
    await dialog.getByLabel('Search by case reference or name').fill('2026-1');
    await dialog.getByText('No open enquiry has this').waitFor({ state: 'detached' });
    await dialog.getByLabel('Enquiry', { exact: true }).selectOption({ label: 'T-2026-17' });
    await dialog.getByRole('group', { name: 'Compared with' }).waitFor();
    await put.click();
    await page.getByText('Put forward by hand').first().waitFor();
    const withdraw = page.getByRole('button', { name: 'No longer put forward' });
    const card = page.locator('.candidate-card').filter({ hasText: 'No score' });
    for (const left of [1, 0]) {
      await expect.poll(() => withdraw.count()).toBe(left + 1);
      await withdraw.first().click();
      await page.getByRole('heading', { level: 1, name: 'T-2026-17' }).waitFor();
      if (left > 0) await card.first().click();
    }
    await card.waitFor({ state: 'detached' });
    const { candidates } = await api<CandidatePage>(`${routes.candidates}?enquiry=${enquiry}`);
    expect(candidates.filter(({ score }) => score === null)).toEqual([]);
  });

  test('the facts of an enquiry are changed in a form; what is not touched stays', async () => {
    const { page, goTo, api } = dashboard;
    await goTo(`#/enquiries/${enquiry}`);
    await page.getByRole('button', { name: 'Change facts' }).waitFor();
    const before = await api<EnquiryDetail>(routes.enquiry(enquiry));
    await page.keyboard.press('e');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Legal basis').fill('');
    expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Legal basis').fill(before.legalBasis);
    await dialog.getByLabel('Relation').fill('sister');
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.locator('.batch-terms').getByText('sister').waitFor();
    const {
      version: _,
      relation,
      changedAt: __,
      ...after
    } = await api<EnquiryDetail>(routes.enquiry(enquiry));
    expect(relation).toBe('sister');
    expect(before).toMatchObject({ ...after, photographs: before.photographs });
  });

  test('the page Calibration: published figures first; then curves, in words, and a threshold that is only looked at', async () => {
    const { page, goTo, stack } = dashboard;
    await goTo('#/calibration');
    await page.getByText('Nobody has calibrated here').waitFor();
    await page.getByText('They were measured on other people').waitFor();
    const { ledger, threshold } = await stack.app.calibration();
    const result = calibrate({ ...archive(3), seed: 3 });
    await ledger.keep('drawn', { by: 'ann', model: 'recognition_04', seed: 3, result });
    await goTo('#/enquiries');
    await goTo('#/calibration');
    await page
      .getByText(/^Of a hundred candidates between .* about \d+ are right \(between \d+ and \d+\)\.$/)
      .first()
      .waitFor();
    expect(await page.locator('svg.curve').count()).toBe(3);
    const says = page.locator('.threshold-says');
    const at = await says.textContent();
    await page.getByLabel('Threshold to look at').focus();
    await page.keyboard.press('Home');
    await expect.poll(() => says.textContent()).not.toBe(at);
    expect(await says.textContent()).toContain(`${threshold.toFixed(2)} is set now.`);
    // Looked at, and nothing set.
    expect((await stack.app.calibration()).threshold).toBe(threshold);
    const size = page.viewportSize();
    // Figures on the axes: within the picture, none on another, on a telephone and from right to left as well.
    for (const [width, direction] of [
      [1280, 'ltr'],
      [360, 'ltr'],
      [360, 'rtl'],
    ] as const) {
      await page.setViewportSize({ width, height: 800 });
      await page.evaluate((dir) => document.documentElement.setAttribute('dir', dir), direction);
      await page.locator('.curves').evaluate((curves) => curves.scrollIntoView({ block: 'center' }));
      await picture(page, `calibration-${width}-${direction}`);
      const charts = await page.locator('.curve-frame').evaluateAll((all) =>
        all.map((chart) => {
          const frame = chart.getBoundingClientRect();
          return ['.up', '.along'].map((axis) => {
            const boxes = [...chart.querySelectorAll(`${axis} span`)].map((one) =>
              one.getBoundingClientRect(),
            );
            return {
              figures: boxes.length,
              outside: boxes.filter(({ left, right }) => left < frame.left - 1 || right > frame.right + 12)
                .length,
              // Each lies before the next one, or above it.
              covered: boxes.slice(1).filter((box, at) => {
                const before = boxes[at] as DOMRect;
                return box.left < before.right && before.top < box.bottom && box.top < before.bottom;
              }).length,
            };
          });
        }),
      );
      expect(charts).toHaveLength(3);
      for (const axis of charts.flat()) {
        expect(axis).toMatchObject({ outside: 0, covered: 0 });
        expect(axis.figures).toBeGreaterThan(2);
      }
      expect(await seriousFindings(page), `${width} ${direction}`).toEqual([]);
    }
    await page.evaluate(() => document.documentElement.removeAttribute('dir'));
    if (size) await page.setViewportSize(size);
    await page.locator('.curves').evaluate((curves) => curves.scrollIntoView({ block: 'center' }));
    await picture(page, 'calibration', true);
    // Reviewers: off, until an administrator sets a rate; each agrees for themselves.
    const reviewers = page.locator('.reviewers-part');
    await reviewers.getByText('Nobody is measured').waitFor();
    await reviewers.getByText('fewer than three reviewers have answered').waitFor();
    await reviewers.getByLabel('One known pair in so many').fill('20');
    await reviewers.getByRole('button', { name: 'Set the rate' }).click();
    await reviewers.getByText('About one of 20 pairs in Review').waitFor();
    await reviewers.getByRole('button', { name: 'Agree to be measured' }).click();
    await reviewers.getByText('Your own answers, seen by nobody else').waitFor();
    expect(await reviewers.getByText('too few').count()).toBe(4);
    expect(await seriousFindings(page)).toEqual([]);
    await reviewers.getByRole('button', { name: 'No longer be measured' }).click();
    await reviewers.getByRole('button', { name: 'Agree to be measured' }).waitFor();
    await reviewers.getByLabel('One known pair in so many').fill('0');
    await reviewers.getByRole('button', { name: 'Set the rate' }).click();
    await reviewers.getByText('Nobody is measured').waitFor();
    await reviewers.getByText('fewer than three reviewers have answered').waitFor();
    // On paper there is the report, and nothing that can be pressed.
    await page.emulateMedia({ media: 'print' });
    await page.getByText('Report for the data protection officer').waitFor();
    expect(await page.getByRole('button', { name: 'Print the report' }).isVisible()).toBe(false);
    await page.emulateMedia({ media: 'screen' });
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

  const groups = async () => (await dashboard.api<GroupPage>(routes.groups)).groups;

  test('a group is named by keyboard, and the name is taken back', async () => {
    const { page, goTo, api } = dashboard;
    await goTo('#/people');
    await page.locator('.group-tile').nth(1).waitFor();
    // What the machine may join at all is said, with why.
    await page.getByText('In the whole archive').waitFor();
    const tile = page.locator('.group-tile').first();
    await tile.locator('a').focus();
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('The machine’s guesses stay guesses').waitFor();
    await page.keyboard.type('Amal');
    expect(await seriousFindings(page)).toEqual([]);
    await picture(page, 'name-group');
    await page.keyboard.press('Enter');
    await tile.getByText('Amal').waitFor();
    expect((await groups())[0]).toMatchObject({ person: { fullName: 'Amal' } });
    await page.keyboard.press('u');
    await page.getByText('Taken back.').waitFor();
    await expect.poll(async () => (await groups()).map(({ person }) => person)).toEqual([null, null]);
    expect((await api<PersonPage>(routes.people)).people).toEqual([]);
    await tile.getByText('Amal').waitFor({ state: 'detached' });
    await tile.locator('a').focus();
    await page.keyboard.press('n');
    await dialog.getByLabel('Name').waitFor();
    await page.keyboard.type('Amal');
    await page.keyboard.press('Enter');
    await tile.getByText('Amal').waitFor();
    // What is told of what was done before is no part of the picture.
    const told = page.locator('.notices .notice').getByRole('button', { name: 'Close' });
    while ((await told.count()) > 0) await told.first().click();
    await settled(page);
    await picture(page, 'people', true);
  });

  test('a contested group is shown as such, and why the machine joins nothing is said', async () => {
    const { page, goTo } = dashboard;
    const why = 'the machine joins no faces of different batches by itself';
    await page.route(/\/api\/groups\?/, async (route) => {
      const answer = await route.fetch();
      const found = (await answer.json()) as GroupPage;
      const threshold = { ...found.threshold, confidence: null, basis: 'none', why };
      const shown = found.groups.map((group) => ({ ...group, contested: true }));
      await route.fulfill({ response: answer, json: { ...found, groups: shown, threshold } });
    });
    await goTo('#/enquiries');
    await goTo('#/people');
    await page.locator('.group-tile').first().getByText('Contested').waitFor();
    await page.getByText(why).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.unroute(/\/api\/groups\?/);
    await page.reload();
    await page.locator('.group-tile').first().waitFor();
  });

  test('two groups are merged by keyboard, exactly as they are shown, and the merge is taken back', async () => {
    const { page } = dashboard;
    const before = await groups();
    await page.locator('.group-tile a').first().focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await page.getByText('2 chosen').waitFor();
    await page.keyboard.press('m');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Are these two one person?').waitFor();
    await picture(page, 'merge-groups');
    await page.keyboard.press('Enter');
    await page.getByText('Said to be one person.').waitFor();
    await expect.poll(async () => (await groups()).length).toBe(before.length - 1);
    await page.keyboard.press('u');
    await page.getByText('Taken back.').waitFor();
    await expect.poll(groups).toEqual(before);
  });

  test('a face is picked and taken out, and who leaves with it is said; the split is taken back', async () => {
    const { page } = dashboard;
    // In the first a face is a find of the enquiry: that is taken back there.
    const [, before] = await groups();
    await page.locator('.group-tile a').nth(1).focus();
    await page.keyboard.press('Enter');
    await page.locator('.member').nth(1).waitFor();
    const faces = await page.locator('.member').count();
    const { members } = await dashboard.api<GroupDetail>(routes.group(before?.id ?? ''));
    // The one that the group is shown by: the page stays with the others all the same.
    const lead = members.findIndex(({ face }) => face === before?.lead);
    await page.locator('.member').nth(lead).locator('button').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('s');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Take 1 face out?').waitFor();
    await settled(page);
    await picture(page, 'split-group');
    await dialog.getByRole('button', { name: 'Take them out' }).click();
    await page.getByText('1 face taken out.').waitFor();
    // What nothing else held to the others leaves with it: which faces these are hangs on whom the group is shown by.
    const stays = members.find(({ face }) => face !== before?.lead)?.face ?? '';
    const { faces: left } = await dashboard.api<{ faces: number }>(routes.groupOfFace(stays));
    const others = faces - 1 - left;
    const more =
      others > 0
        ? ` ${others} other face${others > 1 ? 's' : ''}, held to this group by nothing else, left it as well.`
        : '';
    await page.getByText(`1 face taken out.${more}`, { exact: true }).waitFor();
    await expect.poll(() => page.locator('.member').count()).toBe(left);
    await page.keyboard.press('u');
    await page.getByText('Taken back.').waitFor();
    await expect.poll(() => page.locator('.member').count()).toBe(faces);
    expect((await groups())[1]).toEqual(before);
    await dashboard.goTo('#/people');
    await page.locator('.group-tile a').first().focus();
    await page.keyboard.press('h');
    await dialog.getByRole('button', { name: 'Hide' }).click();
    await page.getByText('Hidden.').waitFor();
    await dashboard.goTo('#/people?hidden=true');
    const hidden = page.locator('.persons li').filter({ hasText: 'Amal' });
    await hidden.getByRole('button', { name: 'Show again' }).click();
    await page.getByText('Shown again.').waitFor();
  });

  test('axe finds nothing serious and nothing is too wide: both themes, a phone, right to left, enlarged', async () => {
    const views = {
      enquiries: '#/enquiries',
      'second-look-none': '#/second-look',
      enquiry: `#/enquiries/${enquiry}`,
      candidate: `#/enquiries/${enquiry}/${candidate}`,
      people: '#/people',
      group: `#/people/${encodeURIComponent((await groups())[0]?.id ?? '')}`,
      'people-hidden': '#/people?hidden=true',
      calibration: '#/calibration',
    };
    expect(await lookAtEveryView(dashboard, views, [])).toEqual([]);
  });

  test('nothing broke the content security policy, and no host but these two was asked', () => {
    expect(dashboard.complaints.filter((complaint) => complaint !== `${ben} was asked.`)).toEqual([]);
  });
});
