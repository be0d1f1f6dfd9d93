import { expect, test } from 'vitest';
import { operations, type Role } from '../../../src/api/contract.ts';
import { drawn, Held, of, pair, shown } from './answers.ts';
import { states } from './states.ts';

const ROLES: readonly Role[] = ['viewer', 'caseworker', 'reviewer', 'operator', 'administrator'];

/** Who may do what, as the page says it. */
states('roles', (opened) => {
  const threshold = { confidence: null, basis: 'none', why: 'as it is' };
  const group = {
    ...{ id: 'a', faces: 1, decided: 0, contested: false, lead: 'a', person: null, batchId: null },
    some: [shown('a')],
  };

  test.for([
    ['review', operations.decide, { 'GET /api/review': { items: [pair('a', 0.9)], next: null } }],
    ['upload', operations.upload, {}],
    ['find', operations.faceSearch, {}],
    ['people', operations.split, { 'GET /api/groups': { groups: [group], next: null, threshold } }],
    ['enquiries', operations.listEnquiries, { 'GET /api/enquiries': { enquiries: [], next: null } }],
    ['second-look', operations.decideCandidate, { 'GET /api/candidates': { candidates: [], next: null } }],
  ] as const)(
    '%s: whoever may not act is told which role may, as the server has it',
    async ([view, { role: least }, answers]) => {
      const alone = opened();
      const { page } = alone;
      for (const role of ROLES) {
        await alone.open(`#/${view}`, ({ what }) => (answers as Record<string, unknown>)[what] ?? 404, {
          role,
        });
        await page.getByRole('heading', { level: 1 }).waitFor();
        await expect.poll(() => alone.asksWho).toBe(1);
        await drawn(page);
        const says = page.getByText(`This needs the role ${least}, and yours is ${role}`);
        if (ROLES.indexOf(role) < ROLES.indexOf(least)) await says.waitFor();
        else expect(await page.getByText('This needs the role').count(), role).toBe(0);
      }
    },
  );

  test('who looks at the page is asked once, however much depends on it, and again once they were refused', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const groups = Array.from({ length: 9 }, (_, n) => ({
      ...{
        kind: 'waiting',
        step: `ocr${n}`,
        title: `Text ${n}`,
        code: null,
        count: 3,
        countIsMinimum: false,
      },
      ...{ meaning: 'It is paused.', advice: null, latest: null, act: 'resume' },
    }));
    await alone.open(
      '#/trouble',
      ({ what }) => (what === 'GET /api/troubles' ? { groups } : what.startsWith('DELETE') ? 403 : 404),
      { role: 'operator' },
    );
    const resume = page.locator('.trouble-acts button');
    await expect.poll(() => resume.count()).toBe(9);
    await alone.written();
    await drawn(page);
    expect(alone.asksWho).toBe(1);
    alone.become({ role: 'viewer' });
    await resume.first().click();
    await resume.first().waitFor({ state: 'detached' });
    expect(of(asked, 'DELETE /api/pauses/ocr0')).toHaveLength(1);
    expect(alone.asksWho).toBe(2);
  });

  test('an act without an answer is not given up, and after a while the person is told so, until it comes', async () => {
    const alone = opened();
    const { page } = alone;
    const answer = new Held();
    await page.clock.install();
    await alone.open(
      '#/review',
      async ({ what }) => {
        if (what === 'GET /api/review') return { items: [pair('a', 0.9)], next: null, copies: 0 };
        if (!what.startsWith('PUT')) return 404;
        await answer.wait();
        return { kind: 'same' };
      },
      { role: 'administrator' },
    );
    const same = page.getByRole('button', { name: /^Same person/ });
    await same.waitFor();
    // What a loaded machine takes for the steps of this test is no time waited.
    await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 60_000);
    await same.click();
    await expect.poll(() => answer.count).toBe(1);
    const late = page.getByText('No answer has come yet');
    await page.clock.runFor(9000);
    expect(await late.count()).toBe(0);
    await page.clock.runFor(2000);
    await late.waitFor();
    await page.clock.resume();
    answer.letGo();
    await late.waitFor({ state: 'detached' });
  });

  test('in a dialog it is told there, for what lies below it is out of reach', async () => {
    const alone = opened();
    const { page } = alone;
    const answer = new Held();
    await page.clock.install();
    await alone.open(
      '#/enquiries',
      async ({ what }) => {
        if (what === 'GET /api/enquiries') return { enquiries: [], next: null };
        if (what !== 'POST /api/enquiries') return 404;
        await answer.wait();
        return 503;
      },
      { role: 'administrator' },
    );
    await page.locator('.enquiries-bar button').first().waitFor();
    await page.keyboard.press('o');
    const dialog = page.locator('dialog[open]');
    await dialog.getByLabel('Purpose').fill('tracing');
    await dialog.getByLabel('Legal basis').fill('public interest');
    await dialog.locator('button[type=submit]').click();
    await expect.poll(() => answer.count).toBe(1);
    await page.clock.fastForward(11_000);
    await dialog.getByText('No answer has come yet').waitFor();
    expect(await dialog.locator('button[type=submit]').isDisabled()).toBe(true);
    answer.letGo();
    await dialog.getByText('Refused: 503').waitFor();
    expect(await dialog.getByText('No answer has come yet').count()).toBe(0);
    expect(await dialog.locator('button[type=submit]').isEnabled()).toBe(true);
  });
});
