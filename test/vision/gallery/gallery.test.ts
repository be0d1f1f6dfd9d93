import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PermanentError, RateLimitedError, UnavailableError } from '../../../src/domain/errors.ts';
import { FaceIdExpiredError } from '../../../src/vision/errors.ts';
import { type Emulator, startEmulator } from '../../support/emulator.ts';
import { never } from '../support/fixtures.ts';
import { Harness, type HarnessOptions, identityOf, photo } from './harness.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.stop());

const open = (options?: HarnessOptions) => Harness.open(emulator.connectionString, options);
const faceOf = (name: string) => ({
  key: `${name}-1`,
  ...identityOf(photo(name)),
  rectangle: { left: 20, top: 40, width: 200, height: 200 },
});

describe('enrolling and finding', () => {
  test('a face just enrolled is found at once, with what is known of it, and nobody else', async () => {
    const h = await open();
    await h.enrol(photo('first', 1));
    await h.enrol(photo('stranger', 2));
    const second = photo('second', 1);
    const [id = ''] = await h.enrol(second);
    const matches = await h.find(second, id);
    expect(matches).toEqual([
      {
        faceKey: 'first-1',
        jobId: 'first',
        batchId: 'default',
        imageUrl: 'http://storage/inputimages/first.jpg',
        rectangle: { left: 20, top: 40, width: 200, height: 200 },
        confidence: expect.any(Number),
        margin: expect.any(Number),
      },
    ]);
  });

  test('the margin is told though the next best lies below the threshold, and only where there is one', async () => {
    const h = await open();
    const image = photo('probe', 1);
    const [id = ''] = await h.enrol(image);
    await h.enrol(photo('a', 1));
    expect((await h.find(image, id))[0]).not.toHaveProperty('margin');
    await h.enrol(photo('b', 2));
    const [match, ...others] = await h.find(image, id);
    expect(others).toEqual([]);
    expect(match?.margin).toBeGreaterThan(0.2);
  });

  test('a photograph never finds itself: neither its other faces nor another job of the same image', async () => {
    const h = await open();
    expect(await h.match(photo('twins', 1, 1))).toEqual([[], []]);
    const other = photo('other', 1);
    const [id = ''] = await h.enrol(other);
    const imageUrl = identityOf(photo('twins')).imageUrl;
    expect(await h.gallery.find(id, { jobKey: 'other', imageUrl, max: 5 }, never)).toEqual([]);
  });

  test('the best come first, and no more than asked for', async () => {
    const h = await open();
    for (const name of ['a', 'b', 'c', 'd']) await h.enrol(photo(name, 1));
    const probe = photo('probe', 1);
    const [id = ''] = await h.enrol(probe);
    const matches = await h.find(probe, id, 2);
    expect(matches.length).toBe(2);
    expect(matches.every((match) => match.margin !== undefined)).toBe(true);
    const all = (await h.find(probe, id)).map((match) => match.confidence);
    expect(all).toEqual([...all].sort((x, y) => y - x));
    expect(all.length).toBe(4);
  });

  test('enrolled once however often it is delivered, the second time without a call', async () => {
    const h = await open();
    const image = photo('again', 1);
    await h.enrol(image);
    const calls = await h.callsOf(() => h.gallery.enrol(faceOf('again'), image.bytes, never));
    expect(calls).toEqual([]);
    expect((await h.persisted()).fresh).toEqual(['again-1']);
  });

  test('delivered twice at the same time, one wins and the loser takes its face back', async () => {
    const h = await open();
    const image = photo('twice', 1);
    await Promise.all(Array.from({ length: 5 }, () => h.gallery.enrol(faceOf('twice'), image.bytes, never)));
    expect((await h.persisted()).fresh).toEqual(['twice-1']);
    expect(await h.lookFor(1)).toEqual(['twice-1']);
  });

  test('nothing enrolled yet: nothing found, and no search sent', async () => {
    const h = await open();
    expect(await h.lookFor(1)).toEqual([]);
    expect(h.proxy.calls).toEqual(['POST /detect']);
  });

  test('a rectangle without a face is refused for good', async () => {
    const h = await open();
    const face = { ...faceOf('x'), rectangle: { left: 0, top: 300, width: 10, height: 10 } };
    await expect(h.gallery.enrol(face, photo('x', 1).bytes, never)).rejects.toBeInstanceOf(PermanentError);
  });

  test('an expired face id is told as such', async () => {
    const h = await open();
    const image = photo('slow', 1);
    const [id = ''] = await h.enrol(image);
    h.advance(25 * 3_600_000);
    await expect(h.find(image, id)).rejects.toBeInstanceOf(FaceIdExpiredError);
  });

  test('without Limited Access, by setting, nothing is sent', async () => {
    const h = await open({ settings: { FACE_LIMITED_ACCESS: 'off' } });
    const enrolling = h.gallery.enrol(faceOf('x'), photo('x', 1).bytes, never);
    await expect(enrolling).rejects.toBeInstanceOf(UnavailableError);
    expect(h.proxy.calls).toEqual([]);
  });
});

describe('lists', () => {
  test('the next list is opened when the others are full, and all are searched', async () => {
    const h = await open({ limits: { facesPerFaceList: 2 } });
    for (const name of ['a', 'b', 'c', 'd', 'e']) await h.enrol(photo(name, 1));
    expect(await h.lookFor(1)).toEqual(['a-1', 'b-1', 'c-1', 'd-1', 'e-1']);
    const created = h.proxy.calls.filter((call) => call.startsWith('PUT'));
    expect(created.map((call) => call.slice(-2))).toEqual(['00', '01', '02']);
  });

  test('when the account can hold no more lists, enrolling waits for maintenance instead of failing', async () => {
    const h = await open({
      limits: { facesPerFaceList: 1, faceLists: 1 },
      settings: { FACE_FRESH_LIMIT: '0' },
    });
    await h.enrol(photo('a', 1));
    const refused = await h.enrol(photo('b', 2)).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RateLimitedError);
    expect(refused).toMatchObject({ code: 'FaceListsFull' });
    await h.settle([photo('a', 1)]);
    await h.enrol(photo('b', 2));
    expect(await h.lookFor(2)).toEqual(['b-1']);
  });

  test('a list that somebody deleted is made again', async () => {
    const h = await open();
    await h.enrol(photo('a', 1));
    const { value: list } = await h.faceIndex.list({ partitionKey: 'lists' }).next();
    await fetch(`${h.proxy.url}/face/v1.0/facelists/${list?.rowKey}`, { method: 'DELETE' });
    expect(await h.lookFor(1)).toEqual([]);
    await h.enrol(photo('b', 1));
    expect(await h.lookFor(1)).toEqual(['b-1']);
  });

  test('a list that stands empty is closed after a while, so that no search is sent to it', async () => {
    const h = await open({ limits: { facesPerFaceList: 2 }, settings: { FACE_FRESH_LIMIT: '2' } });
    const photos = Array.from({ length: 6 }, (_, index) => photo(`burst${index}`, 1));
    for (const image of photos) await h.enrol(image);
    await h.settle(photos);
    const searches = async () =>
      (await h.callsOf(() => h.lookFor(1))).filter((call) => call === 'POST /findsimilars').length;
    expect(await searches()).toBe(4);
    await h.maintain(photos);
    h.advance(14 * 60_000);
    await h.maintain(photos);
    expect(await searches()).toBe(4);
    h.advance(60_000);
    await h.maintain(photos);
    const used = (await h.persisted()).fresh.length > 0 ? 3 : 2;
    expect(await searches()).toBeLessThanOrEqual(used);
    expect((await h.lookFor(1)).length).toBe(6);
    // What comes next finds room again, in lists made anew.
    for (const image of photos) await h.enrol({ ...image, name: `next-${image.name}` });
    expect((await h.lookFor(1)).length).toBe(12);
  });

  test('a list on its way to be closed is opened again when it is needed', async () => {
    const h = await open({ limits: { facesPerFaceList: 1 }, settings: { FACE_FRESH_LIMIT: '1' } });
    const photos = [photo('a', 1), photo('b', 1)];
    for (const image of photos) await h.enrol(image);
    await h.settle(photos);
    await h.maintain(photos);
    await h.enrol(photo('c', 1));
    await h.enrol(photo('d', 1));
    h.advance(16 * 60_000);
    await h.maintain([...photos, photo('c', 1), photo('d', 1)]);
    expect((await h.lookFor(1)).length).toBe(4);
  });

  test('calls per face stay the same however many are enrolled: one add, and one search per list in use', async () => {
    const h = await open({ settings: { FACE_FRESH_LIMIT: '10' } });
    const photos = Array.from({ length: 60 }, (_, index) => photo(`p${index}`, 100 + index));
    const perPhoto: string[][] = [];
    for (const image of photos) {
      perPhoto.push(await h.callsOf(() => h.match(image)));
      await h.maintain(photos);
      h.advance(1000);
    }
    const shape = (calls: string[]) => calls.map((call) => call.replace(/ .*\/(\w+)$/, ' $1'));
    expect(shape(perPhoto[5] ?? [])).toEqual(['POST detect', 'POST persistedfaces', 'POST findsimilars']);
    expect(shape(perPhoto[59] ?? [])).toEqual([
      'POST detect',
      'POST persistedfaces',
      'POST findsimilars',
      'POST findsimilars',
    ]);
    expect((await h.persisted()).large.length).toBeGreaterThan(40);
  });
});

describe('maintenance', () => {
  const photos = Array.from({ length: 8 }, (_, index) => photo(`m${index}`, index + 1));

  test('below the limit nothing moves', async () => {
    const h = await open({ settings: { FACE_FRESH_LIMIT: '8' } });
    for (const image of photos) await h.enrol(image);
    expect(await h.callsOf(() => h.maintain(photos))).toEqual([]);
  });

  test('above it the oldest move on, all beyond half the limit, and everybody is found at every moment', async () => {
    const h = await open({ settings: { FACE_FRESH_LIMIT: '4' } });
    for (const image of photos) {
      await h.enrol(image);
      h.advance(10);
    }
    const everybody = async () => {
      for (const [index] of photos.entries()) expect(await h.lookFor(index + 1)).toEqual([`m${index}-1`]);
    };
    const moments: unknown[] = [];
    for (let round = 0; round < 5; round++) {
      moments.push(await h.maintain(photos));
      await everybody();
      h.advance(600);
    }
    expect(moments[0]).toEqual({ fresh: 8, copied: 6, retired: 0, training: true });
    expect(moments.at(-1)).toEqual({ fresh: 2, copied: 0, retired: 0, training: false });
    const held = await h.persisted();
    expect(held.fresh).toEqual(['m6-1', 'm7-1']);
    expect(held.large).toEqual(['m0-1', 'm1-1', 'm2-1', 'm3-1', 'm4-1', 'm5-1']);
    expect(await h.sweep()).toEqual({ suspected: 0, deleted: 0, dropped: 0 });
    await everybody();
  });

  test('a face that was copied is enrolled still: a redelivery costs no call', async () => {
    const h = await open({ settings: { FACE_FRESH_LIMIT: '0' } });
    await h.enrol(photo('old', 1));
    await h.settle([photo('old', 1)]);
    expect(await h.persisted()).toEqual({ fresh: [], large: ['old-1'] });
    expect(await h.callsOf(() => h.gallery.enrol(faceOf('old'), photo('old', 1).bytes, never))).toEqual([]);
  });

  test('a copy made while a training runs waits for the next one before its fresh face goes', async () => {
    const h = await open({ settings: { FACE_FRESH_LIMIT: '0' } });
    await h.enrol(photo('a', 1));
    await h.maintain([photo('a', 1)]);
    await h.enrol(photo('b', 2));
    await h.maintain([photo('a', 1), photo('b', 2)]);
    expect((await h.persisted()).fresh).toEqual(['a-1', 'b-1']);
    h.advance(1000);
    await h.maintain([photo('a', 1), photo('b', 2)]);
    expect((await h.persisted()).fresh).toEqual(['b-1']);
    expect(await h.lookFor(2)).toEqual(['b-1']);
    await h.settle([photo('a', 1), photo('b', 2)]);
    expect((await h.persisted()).fresh).toEqual([]);
    expect(await h.lookFor(2)).toEqual(['b-1']);
  });

  test('trainings that somebody else starts, at whatever moment, hide nobody', async () => {
    const h = await open({ settings: { FACE_FRESH_LIMIT: '1' }, trainingMs: 300 });
    let calls = 0;
    // Another program trains the list at every fifth call that is made here, and time goes by.
    h.proxy.before = async () => {
      h.advance(150);
      if (++calls % 5 !== 0) return undefined;
      for await (const { rowKey, columns } of h.faceIndex.list({ partitionKey: 'lists' })) {
        if (columns.tier !== 'large') continue;
        await fetch(`${h.engineUrl}/face/v1.0/largefacelists/${rowKey}/train`, { method: 'POST' });
      }
      return undefined;
    };
    for (const [index, image] of photos.entries()) {
      await h.enrol(image);
      await h.maintain(photos);
      for (let person = 1; person <= index + 1; person++) {
        expect(await h.lookFor(person)).toEqual([`m${person - 1}-1`]);
      }
    }
    const held = await h.persisted();
    expect(held.large.length).toBeGreaterThan(0);
    expect(held.fresh.length).toBeLessThan(photos.length);
  });

  test('an image that has gone takes its faces with it', async () => {
    const h = await open({ settings: { FACE_FRESH_LIMIT: '0' } });
    await h.enrol(photo('gone', 1));
    await h.enrol(photo('stays', 2));
    await h.settle([photo('stays', 2)]);
    expect(await h.persisted()).toEqual({ fresh: [], large: ['stays-1'] });
    expect(await h.lookFor(1)).toEqual([]);
  });

  test('a face that cannot be copied stays where it is and holds up nobody', async () => {
    const h = await open({ settings: { FACE_FRESH_LIMIT: '0' } });
    await h.enrol(photo('odd', 1));
    await h.enrol(photo('fine', 2));
    // The image of `odd` shows nobody by now.
    await h.settle([photo('odd'), photo('fine', 2)]);
    expect(await h.persisted()).toEqual({ fresh: ['odd-1'], large: ['fine-1'] });
    expect(await h.lookFor(1)).toEqual(['odd-1']);
    expect(await h.callsOf(() => h.maintain([photo('odd')]))).toEqual([]);
  });

  test('two instances at once do no harm', async () => {
    const h = await open({ settings: { FACE_FRESH_LIMIT: '2' } });
    for (const image of photos) await h.enrol(image);
    for (let round = 0; round < 8; round++) {
      await Promise.all([h.maintain(photos), h.maintain(photos), h.maintain(photos)]);
      for (const [index] of photos.entries()) expect(await h.lookFor(index + 1)).toEqual([`m${index}-1`]);
      h.advance(500);
    }
    await h.settle(photos);
    await h.sweep();
    const held = await h.persisted();
    expect([...held.fresh, ...held.large].sort()).toEqual(photos.map(({ name }) => `${name}-1`));
  });
});
