import { expect, test } from 'vitest';
import type { GroupDetail } from '../../../src/api/contract.ts';
import { drawn, Held, of, shown, T } from './answers.ts';
import { states } from './states.ts';

states('groups', (opened) => {
  test('a group: what was done can be taken back where it led to, and a taken-out face is gone from further pages', async () => {
    const alone = opened();
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
    await page.locator('.people-bar button:enabled').first().waitFor();
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
    const alone = opened();
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
    await page.locator('.people-bar button:enabled').first().waitFor();
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

  const oneGroup = (id: string, faces: readonly string[], person: GroupDetail['person']): GroupDetail => ({
    ...{ id, faces: faces.length, decided: 0, contested: false, lead: 'a', person, next: null },
    members: faces.map((face) => ({ ...shown(face), decided: false })),
  });

  test.each([
    ['named', 'n', 'Amal'],
    ['hidden', 'h', undefined],
  ])(
    'a person for a group that is %s is asked for again under the same id where the answer was lost',
    async (_, key, name) => {
      const alone = opened();
      const { page, asked } = alone;
      await alone.open('#/people/a', ({ what }) => {
        if (what === 'POST /api/people') return 503;
        if (what === 'GET /api/groups/a') return oneGroup('a', ['a', 'b'], null);
        return what === 'GET /api/decisions' ? { decisions: [], next: null } : 404;
      });
      await page.locator('.people-bar button:enabled').first().waitFor();
      const dialog = page.getByRole('dialog');
      const made = () => of(asked, 'POST /api/people').map(({ body }) => (body as { id: string }).id);
      const ask = async () => {
        const { length } = made();
        await dialog.locator('button[type=submit]:enabled').click();
        await expect.poll(made).toHaveLength(length + 1);
        await dialog.getByText('Refused: 503').waitFor();
      };
      await page.keyboard.press(key);
      if (name !== undefined) await dialog.getByRole('textbox').fill(name);
      await ask();
      await ask();
      const [first, again] = made();
      expect(again).toBe(first);
      // A form that is opened anew is about somebody new.
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await page.keyboard.press(key);
      if (name !== undefined) await dialog.getByRole('textbox').fill(name);
      await ask();
      expect(made()[2]).not.toBe(first);
    },
  );

  test('an answer that comes after its form was closed closes no other, and leads away from none', async () => {
    const alone = opened();
    const { page } = alone;
    const naming = new Held();
    let person: GroupDetail['person'] = null;
    await alone.open('#/people/a', async ({ what }) => {
      const group = oneGroup(person === null ? 'a' : 'person:amal', ['a', 'b', 'c'], person);
      if (what === 'GET /api/groups/a') return person === null ? group : 404;
      if (what.startsWith('GET /api/groups/') || what === 'GET /api/faces/a/group') return group;
      if (what === 'GET /api/decisions') return { decisions: [], next: null };
      if (what === 'GET /api/people') return { people: [], next: null };
      if (what !== 'POST /api/people') return 404;
      await naming.wait();
      person = { id: 'amal', fullName: 'Amal' };
      return { ...person, version: 1 };
    });
    await page.locator('.people-bar button:enabled').first().waitFor();
    const dialog = page.getByRole('dialog');
    await page.keyboard.press('n');
    await dialog.getByRole('textbox').fill('Amal');
    await page.keyboard.press('Enter');
    await expect.poll(() => naming.count).toBe(1);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.locator('.member button').nth(2).click();
    await page.keyboard.press('s');
    await dialog.getByLabel('Why?').fill('the scar is on the other side');
    naming.letGo();
    await page.getByText('The name is saved.').waitFor({ state: 'attached' });
    await expect.poll(() => alone.asked.filter(({ what }) => what === 'GET /api/groups/a').length).toBe(2);
    await drawn(page);
    expect(await dialog.getByLabel('Why?').inputValue()).toBe('the scar is on the other side');
    expect(await dialog.getByText('Take 1 face out?').count()).toBe(1);
    expect(await page.evaluate(() => location.hash)).toBe('#/people/a');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.evaluate(() => location.hash)).toBe('#/people/person%3Aamal');
    await page.getByText('The name is saved.').waitFor();
  });

  test('a name that was given is given once, and can be taken back, also where nobody can read at once what it took', async () => {
    const alone = opened();
    const { page, asked } = alone;
    let isAway = true;
    const amal = { id: 'amal', fullName: 'Amal' };
    const said = { id: 'd', kind: 'same', faces: ['a'], by: 'anna', at: T };
    await alone.open('#/people/a', ({ what, query }) => {
      const isGiven = of(asked, 'POST /api/people').length > of(asked, 'POST /api/decisions/d/undo').length;
      if (what === 'GET /api/groups/a' || what === 'GET /api/faces/a/group')
        return oneGroup('a', ['a'], isGiven ? amal : null);
      if (what === 'GET /api/decisions') {
        if (query.has('person') && isAway) return 503;
        const nothing = { reason: null, supersedes: null, candidate: null, enquiry: null };
        return { decisions: query.has('person') ? [{ ...said, ...nothing }] : [], next: null };
      }
      if (what === 'POST /api/people') return { ...amal, version: 1 };
      if (what === 'GET /api/people/amal') return { ...amal, group: null, keptAs: 'amal' };
      return what === 'POST /api/decisions/d/undo' || what.startsWith('PUT') ? undefined : 404;
    });
    await page.locator('.people-bar button:enabled').first().waitFor();
    await page.keyboard.press('n');
    await page.getByRole('dialog').getByRole('textbox').fill('Amal');
    await page.keyboard.press('Enter');
    await page.getByText('The name is saved.').waitFor();
    expect(of(asked, 'POST /api/people')).toHaveLength(1);
    isAway = false;
    await page.keyboard.press('u');
    await page.getByText('Taken back.').waitFor();
    expect(of(asked, 'POST /api/decisions/d/undo')).toHaveLength(1);
    expect(of(asked, 'PUT /api/people/amal').map(({ body }) => body)).toEqual([
      { fullName: null, hidden: true },
    ]);
  });

  test('a group to which something was done takes no other act before it is shown as it is now', async () => {
    const alone = opened();
    const { page, asked } = alone;
    const list = new Held();
    list.on = false;
    const groups = ['a', 'b'].map((id) => ({ ...oneGroup(id, [id], null), lead: id, some: [] }));
    await alone.open('#/people', async ({ what, query }) => {
      if (what === 'GET /api/groups') {
        await list.wait();
        const threshold = { confidence: null, basis: 'none', why: 'as it is' };
        return { groups: query.get('limit') === '1' ? groups.slice(0, 1) : groups, next: null, threshold };
      }
      if (what === 'GET /api/batches') return { batches: [], next: null };
      if (what === 'GET /api/decisions') return { decisions: [], next: null };
      return what === 'POST /api/people' ? { id: 'amal', fullName: 'Amal', version: 1 } : 404;
    });
    await page.locator('.group-tile a').first().focus();
    await page.locator('.people-bar button:enabled').first().waitFor();
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('Amal');
    list.on = true;
    await page.keyboard.press('Enter');
    await page.getByText('The name is saved.').waitFor();
    await page.keyboard.press('n');
    await drawn(page);
    expect(await dialog.count()).toBe(0);
    // The others are as they were.
    await page.locator('.group-tile a').nth(1).focus();
    await page.keyboard.press('n');
    await dialog.getByRole('textbox').waitFor();
    await page.keyboard.press('Escape');
    list.letGo();
    await page.locator('.group-tile a').first().focus();
    await page.locator('.people-bar button:enabled').first().waitFor();
    expect(of(asked, 'POST /api/people')).toHaveLength(1);
  });

  test('persons of another list are shown under no other heading', async () => {
    const alone = opened();
    const { page } = alone;
    const hidden = new Held();
    const one = (id: string) => ({ id, fullName: id, dateOfBirth: null, minor: null });
    await alone.open('#/people?name=am', async ({ what, query }) => {
      if (what === 'GET /api/batches') return { batches: [], next: null };
      if (what !== 'GET /api/people') return 404;
      if (!query.has('hidden')) return { people: [one('Amal')], next: null };
      await hidden.wait();
      return { people: [one('Basma')], next: null };
    });
    await page.locator('.persons').getByText('Amal').waitFor();
    await page.getByRole('button', { name: 'Hidden' }).click();
    await expect.poll(() => hidden.count).toBe(1);
    expect(await page.locator('.persons').getByText('Amal').count()).toBe(0);
    hidden.letGo();
    await page.locator('.persons').getByText('Basma').waitFor();
  });

  test('nobody is led away while what was done is being taken back, or another act is under way', async () => {
    const alone = opened();
    const { page } = alone;
    const look = new Held();
    let looks = 0;
    const undo = new Held();
    let isSplit = false;
    await alone.open('#/people/a', async ({ what }) => {
      const [, id] = /^GET \/api\/groups\/(\w)$/.exec(what) ?? [];
      const now = () => oneGroup(isSplit ? 'b' : 'a', isSplit ? ['b', 'c'] : ['a', 'b', 'c'], null);
      if (id !== undefined) return id === now().id ? now() : 404;
      if (what === 'GET /api/faces/b/group' || what === 'GET /api/faces/a/group') {
        // That of the act itself is answered; the page's, where the group is now, waits.
        looks += 1;
        if (looks === 2) await look.wait();
        return now();
      }
      if (what === 'GET /api/decisions') return { decisions: [], next: null };
      if (what === 'GET /api/people') return { people: [], next: null };
      if (what === 'POST /api/splits') {
        isSplit = true;
        return { decisions: ['s'] };
      }
      if (what !== 'POST /api/decision-undos') return 404;
      await undo.wait();
      isSplit = false;
      return undefined;
    });
    await page.locator('.people-bar button:enabled').first().waitFor();
    await page.locator('.member button').first().click();
    await page.keyboard.press('s');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Take 1 face out?').waitFor();
    await dialog.getByRole('button', { name: 'Take them out' }).click();
    await page.getByText('1 face taken out.').waitFor();
    await page.keyboard.press('u');
    await expect.poll(() => [look.count, undo.count]).toEqual([1, 1]);
    look.letGo();
    await drawn(page);
    expect(await page.evaluate(() => location.hash)).toBe('#/people/a');
    undo.letGo();
    await page.getByText('Taken back.').waitFor();
    await expect.poll(() => page.locator('.member').count()).toBe(3);
    expect(await page.evaluate(() => location.hash)).toBe('#/people/a');
  });
});
