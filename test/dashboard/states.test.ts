import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  CandidateDetail,
  EnquiryDetail,
  FacePlace,
  GroupDetail,
  ImageSummary,
  ReviewItem,
} from '../../src/api/contract.ts';
import { findChromium } from './chromium.ts';
import { type Asked, openPageAlone, type PageAlone } from './page-alone.ts';

const chromium = findChromium();
const T = '2026-11-30T10:00:00.000Z';

const place = (face: string): FacePlace => ({
  ...{ face, imageId: `i-${face}`, batchId: 'camp', name: `${face}.jpg`, hasCrop: false },
  ...{ rectangle: { left: 0, top: 0, width: 9, height: 9 }, imageWidth: 10, imageHeight: 10 },
});
const shown = (face: string) => ({ ...place(face), quality: null, taken: null });
const blind = (id: string, version = 1): CandidateDetail => ({
  ...{ id, enquiry: 'q', standing: 'secondLook', blind: true, score: null, model: null, margin: null },
  ...{ bestFace: `${id}-f`, ownFace: 'own', faces: 1, firstSeen: T, changedAt: T, version, worth: null },
  ...{ evidence: [{ own: 'own', other: `${id}-f`, confidence: null }], proposals: [], unlike: [], words: [] },
  ...{ group: [shown(`${id}-f`)], own: [shown('own')], ageGapYears: null },
});
const enquiryOf = (more: Partial<EnquiryDetail> = {}): EnquiryDetail => ({
  ...{
    id: 'q',
    state: 'open',
    reason: null,
    caseReference: 'T-1',
    askedBy: null,
    sought: null,
    relation: null,
  },
  ...{
    owner: 'anna',
    office: null,
    purpose: 'tracing',
    legalBasis: 'public interest',
    expires: null,
    minor: true,
  },
  ...{ openedBy: 'anna', openedAt: T, changedAt: T, version: 1, next: ['closed'], batchId: '_enquiry/q' },
  ...{ photographs: [], candidates: 0, secondLook: 0 },
  ...more,
});
const photograph = (status: 'done' | null, enrolled: boolean): EnquiryDetail['photographs'][number] => ({
  ...{ imageId: 'p', taken: null, addedBy: 'anna', addedAt: T, status },
  faces: [
    { face: 'own', rectangle: place('own').rectangle, hasCrop: false, quality: null, enrolled, sought: true },
  ],
});
const pair = (name: string, confidence: number): ReviewItem => ({
  ...{ a: place(`${name}1`), b: place(`${name}2`), confidence, margin: null, copies: false, firstSeen: T },
  worth: { faces: 9, falseCandidates: null, atConfidence: null, source: null },
});
const summary = (id: string, finishedAt: string): ImageSummary => ({
  ...{
    id,
    name: `${id}.jpg`,
    batchId: 'camp',
    status: 'done',
    reason: null,
    finishedAt,
    caption: null,
    tags: [],
  },
  ...{
    warningCodes: [],
    faceCount: 0,
    focus: null,
    facesLookedFor: true,
    matchCount: 0,
    width: 10,
    height: 10,
  },
});

const until = <T>() => Promise.withResolvers<T>();
const of = (asked: readonly Asked[], what: string) => asked.filter((one) => one.what === what);

/** What a server does not do on demand: answers that come late or in another order, and others who act meanwhile. */
describe.skipIf(chromium === undefined)('states of the page', { timeout: 60_000 }, () => {
  let alone: PageAlone;
  beforeAll(async () => {
    alone = await openPageAlone(chromium ?? '');
  }, 60_000);
  afterAll(() => alone?.close());

  test('second look: what was refused because it has changed is shown as it is now, and can be said; the reason stays', async () => {
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
    alone.live.stamp = 'there again';
    await page.getByRole('button', { name: 'Same person' }).waitFor();
  });

  test('second look: who comes for a candidate that waits no more is told so, and sees the next', async () => {
    const { page } = alone;
    await alone.open('#/second-look?candidate=judged', ({ what }) => {
      if (what === 'GET /api/candidates') return { candidates: [blind('c')], next: null };
      if (what === 'GET /api/candidates/judged') return { ...blind('judged'), blind: false };
      return what === 'GET /api/candidates/c' ? blind('c') : 404;
    });
    await page.getByRole('button', { name: 'Same person' }).waitFor();
    await page.getByText('does not wait for your word any more').waitFor();
  });

  test('a candidate: undo pressed twice takes back one word', async () => {
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
    alone.live.stamp = 'facts';
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
    alone.live.stamp = 'erased';
    await page.getByText('Refused: 404').waitFor();
    expect(await page.getByText('T-1').count()).toBe(0);
    await page.goto(page.url().replace('#/enquiries/q', '#/pipeline'));
    await page.getByRole('heading', { name: 'Text' }).waitFor();
    await page.getByText('Refused: 503').waitFor();
    expect(await page.getByText(/Idle|0 images in the last hour/).count()).toBe(0);
  });

  test('a form stays open when text is selected past its edge', async () => {
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

  test('review: what is taken back is taken back after it was said; a pair that comes back does not come under the finger', async () => {
    const { page, asked } = alone;
    const late = until<void>();
    const items = [pair('a', 0.9), pair('b', 0.8), pair('c', 0.7)];
    await alone.open('#/review', async ({ what, body }) => {
      if (what === 'GET /api/review') return { items, next: null };
      if (what === 'GET /api/batches') return { batches: [], next: null };
      if (what === 'GET /api/people') return { people: [], next: null };
      const { verdict } = body as { verdict: string };
      if (what === 'PUT /api/matches/a1/a2/decision' && verdict === 'confirmed') await late.promise;
      if (what === 'PUT /api/matches/b1/b2/decision') return 500;
      return { verdict, by: 'anna', at: T };
    });
    const names = () => page.locator('.review-pair figcaption').allTextContents();
    await expect.poll(names).toEqual([expect.stringContaining('a1'), expect.stringContaining('a2')]);
    await page.keyboard.press('y');
    await page.keyboard.press('u');
    late.resolve();
    await expect
      .poll(() => of(asked, 'PUT /api/matches/a1/a2/decision').map(({ body }) => body))
      .toEqual([
        { verdict: 'confirmed', outsideReview: false, seen: null },
        { verdict: 'undecided', outsideReview: false, seen: T },
      ]);
    await page.keyboard.press('l');
    await expect.poll(names).toEqual([expect.stringContaining('b1'), expect.stringContaining('b2')]);
    await page.keyboard.press('n');
    await page.getByText('This was not saved.').first().waitFor();
    expect((await names()).join()).toContain('c1');
  });

  test('find: another photograph than the face one came for is looked for among all, and no search is not called none', async () => {
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

  test('images: a key selects the photograph that has the focus, also when others have come before it', async () => {
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
    alone.live.stamp = 'arrived';
    await page.getByRole('link', { name: /new/ }).waitFor();
    await page.keyboard.press('x');
    await page.getByRole('button', { name: /Export/ }).click();
    await page.getByText('Refused: 422').waitFor();
    expect(of(asked, 'POST /api/bulk-acts').map(({ body }) => body)).toEqual([
      { kind: 'export', images: ['old1'] },
    ]);
  });

  test('images: who types a search keeps the cursor in it when the list comes', async () => {
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

  test('upload: terms that somebody else has set meanwhile stay as they are', async () => {
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
    alone.live.stamp = 'terms';
    await page.locator('input:checked').waitFor();
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: 'one.png', mimeType: 'image/png', buffer: Buffer.from('a picture') });
    await expect
      .poll(() => of(asked, 'PUT /api/batches/camp').map(({ body }) => body))
      .toEqual([{ legalBasis: 'consent' }]);
  });

  test('a group: what was done can be taken back where it led to, and a taken-out face is gone from further pages', async () => {
    const { page, asked } = alone;
    const member = (face: string) => ({ ...shown(face), decided: false });
    const person = { id: 'amal', fullName: 'Amal' };
    let faces = ['a', 'b', 'c'];
    let isNamed = false;
    const group = (members: string[], next: string | null): GroupDetail => ({
      ...{ id: isNamed ? 'person:amal' : 'a', faces: faces.length, decided: 0, contested: false, lead: 'a' },
      ...{ person: isNamed ? person : null, members: members.map(member), next },
    });
    await alone.open('#/people/a', ({ what, query }) => {
      if (what.startsWith('GET /api/groups/'))
        return query.has('after')
          ? group(faces.slice(2), null)
          : group(faces.slice(0, 2), faces.length > 2 ? 'n' : null);
      if (what === 'GET /api/faces/a/group') return group([], null);
      if (what === 'GET /api/decisions')
        return {
          decisions:
            isNamed && query.has('person')
              ? [
                  {
                    id: 'd',
                    kind: 'same',
                    faces: ['a'],
                    by: 'anna',
                    at: T,
                    reason: null,
                    supersedes: null,
                    candidate: null,
                    enquiry: null,
                  },
                ]
              : [],
          next: null,
        };
      if (what === 'GET /api/people') return { people: [], next: null };
      if (what === 'GET /api/people/amal') return { ...person, group: null, keptAs: 'amal' };
      if (what === 'POST /api/splits') {
        faces = ['a', 'b'];
        return { decisions: ['s'] };
      }
      // Pictures of faces are asked for at any time.
      if (what.startsWith('GET ')) return 404;
      isNamed = what === 'POST /api/people';
      return { ...person, version: 1 };
    });
    await page.getByRole('button', { name: 'Show more' }).click();
    await expect.poll(() => page.locator('.member').count()).toBe(3);
    await page.locator('.member button').nth(2).click();
    await page.keyboard.press('s');
    await page.getByRole('dialog').getByRole('button', { name: 'Take them out' }).click();
    await page.getByText('1 face taken out.').waitFor();
    await expect.poll(() => page.locator('.member').count()).toBe(2);
    await page.keyboard.press('n');
    await page.getByRole('dialog').getByRole('textbox').fill('Amal');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Amal' }).waitFor();
    await page.getByText('The name is saved.').waitFor();
    await page.keyboard.press('u');
    await page.getByText('Taken back.').waitFor();
    expect(of(asked, 'POST /api/decisions/d/undo')).toHaveLength(1);
  });

  test('a group: where an earlier act led does not take over the last one, and leads nobody back who has gone on', async () => {
    const { page } = alone;
    const person = { id: 'amal', fullName: 'Amal' };
    let faces = ['a', 'b', 'c'];
    let isNamed = false;
    let looks = 0;
    /** Where the face that stays is now: the look of each act itself, and then of the page, which waits. */
    const waiting: Array<() => void> = [];
    const group = (): GroupDetail => ({
      ...{ id: isNamed ? 'person:amal' : 'a', faces: faces.length, decided: 0, contested: false, lead: 'a' },
      ...{ person: isNamed ? person : null, next: null },
      members: faces.map((face) => ({ ...shown(face), decided: false })),
    });
    await alone.open('#/people/a', async ({ what }) => {
      if (what.startsWith('GET /api/groups/')) return group();
      if (what === 'GET /api/faces/a/group') {
        looks += 1;
        if (looks > 1) await new Promise<void>((resolve) => waiting.push(resolve));
        return group();
      }
      if (what === 'GET /api/decisions') return { decisions: [], next: null };
      if (what === 'GET /api/people') return { people: [], next: null };
      if (what === 'POST /api/splits') {
        faces = ['a', 'b'];
        return { decisions: ['s'] };
      }
      if (what !== 'POST /api/people') return 404;
      isNamed = true;
      return { ...person, version: 1 };
    });
    await page.locator('.member button').nth(2).click();
    await page.keyboard.press('s');
    await page.getByRole('dialog').getByRole('button', { name: 'Take them out' }).click();
    await page.getByText('1 face taken out.').waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('n');
    await page.getByRole('dialog').getByRole('textbox').fill('Amal');
    await page.keyboard.press('Enter');
    await page.getByText('The name is saved.').waitFor();
    await expect.poll(() => waiting.length).toBe(2);
    waiting[0]?.();
    waiting[1]?.();
    await page.getByRole('heading', { level: 1, name: 'Amal' }).waitFor();
    await page.getByText('The name is saved.').waitFor();

    await page.locator('.member button').nth(1).click();
    await page.keyboard.press('s');
    looks = 0;
    await page.getByRole('dialog').getByRole('button', { name: 'Take them out' }).click();
    await page.getByText('1 face taken out.').waitFor();
    await expect.poll(() => waiting.length).toBe(3);
    isNamed = false;
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'People' }).waitFor();
    const answered = page.waitForResponse((response) => response.url().endsWith('/api/faces/a/group'));
    waiting[2]?.();
    await (await answered).finished();
    await page.evaluate(async () => void (await fetch('/api/decisions')));
    expect(await page.evaluate(() => location.hash)).toBe('#/people');
  });
});
