import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '../../src/api/routes.ts';
import { containers } from '../../src/storage/names.ts';
import { type OpenApi, openApi, photograph } from '../support/api.ts';

let api: OpenApi;

beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api?.stop());

const FACE = { person: 1, box: { left: 40, top: 60, width: 180, height: 180 } };

/** Uploads a photograph of the same person. @returns the job ids, in the order of the names */
async function uploaded(batch: string, ...names: string[]): Promise<string[]> {
  const files = await Promise.all(
    names.map(async (name, index) => ({ name, bytes: await photograph({ faces: [FACE] }, index) })),
  );
  const { json } = await api.upload(`${routes.uploads}?batch=${batch}`, files);
  await api.drain();
  return json.files.map(({ id }: { id: string }) => id);
}
const erase = (body: object) => api.send('POST', routes.erasures, body);
const isThere = async (id: string) => (await api.get(routes.image(id))).status === 200;
const blobOf = (name: string) => api.app.storage.blobs.head(containers.input, name);

test('a dry run says what would go and touches nothing, not even the list of receipts', async () => {
  const [one = '', two = ''] = await uploaded('dry', 'one.jpg', 'two.jpg');
  const before = (await api.get(routes.erasures)).json.receipts.length;
  const { status, json } = await erase({ batch: 'dry', dryRun: true });
  expect(status).toBe(200);
  expect(json.images.sort()).toEqual([one, two].sort());
  expect(json.found).toMatchObject({ 'sql:pipeline_output': 2 });
  expect(json.receipt).toBeNull();
  expect(await isThere(one)).toBe(true);
  expect(await blobOf('dry/one.jpg')).toBeDefined();
  expect((await api.get(routes.erasures)).json.receipts).toHaveLength(before);
});

test("a name that is nobody's is not found, with what is near: never an empty answer to pass on", async () => {
  await uploaded('letters', 'portrait.jpg');
  for (const dryRun of [true, false]) {
    for (const image of ['letters/portait.jpg', 'portait.jpg', 'portrait.jpg']) {
      const { status, json } = await erase({ image, dryRun });
      expect(status, image).toBe(404);
      expect(json).toMatchObject({ code: 'NotFound', detail: expect.stringContaining(`"${image}"`) });
      expect(json.errors, image).toEqual([{ path: 'image', message: 'Did you mean letters/portrait.jpg?' }]);
    }
    expect(await erase({ batch: 'leters', dryRun })).toMatchObject({
      status: 404,
      json: { errors: [{ path: 'batch', message: 'Did you mean letters?' }] },
    });
    expect((await erase({ enquiry: 'no-such', dryRun })).status).toBe(404);
  }
  expect(await blobOf('letters/portrait.jpg')).toBeDefined();
});

test('a browser that has its pictures asks before it shows them, and is told that they are gone: from the mark on', async () => {
  const [image = ''] = await uploaded('seen', 'one.jpg');
  const [crop] = (await api.get(routes.image(image))).json.result.faces;
  const addresses = [routes.imageContent(image), routes.imageThumbnail(image), routes.faceCrop(crop.key)];
  const kept = await Promise.all(addresses.map(async (address) => (await api.get(address)).headers));
  const again = (at: number) => api.get(addresses[at] ?? '', { 'if-none-match': kept[at]?.etag ?? '' });
  for (const at of addresses.keys()) {
    expect(kept[at]?.['cache-control']).toBe('private, no-cache');
    expect((await again(at)).status).toBe(304);
  }
  await api.app.journal.markErased('seen', image, new Date().toISOString());
  expect([(await again(0)).status, (await again(1)).status]).toEqual([404, 404]);
  await erase({ image });
  for (const at of addresses.keys()) {
    const { status, headers } = await again(at);
    expect([status, headers['cache-control']]).toEqual([404, 'no-store']);
  }
});

test('without it the image goes and no other, and the receipt can be read again', async () => {
  const [one = '', two = ''] = await uploaded('single', 'one.jpg', 'two.jpg');
  const { json } = await erase({ image: one });
  expect(json).toMatchObject({ images: null, found: null, confirmed: null });
  expect(json.receipt).toMatchObject({ kind: 'image', images: 1, askedBy: expect.any(String) });
  expect(await isThere(one)).toBe(false);
  expect(await blobOf('single/one.jpg')).toBeUndefined();
  expect(await isThere(two)).toBe(true);
  expect(await blobOf('single/two.jpg')).toBeDefined();
  expect((await api.get(routes.erasure(json.receipt.id))).json.id).toBe(json.receipt.id);
  const { receipts } = (await api.get(routes.erasures)).json;
  expect(receipts.map(({ id }: { id: string }) => id)).toContain(json.receipt.id);
});

test('a batch goes whole, and a batch whose name begins alike stays', async () => {
  const [one = ''] = await uploaded('trip', 'one.jpg');
  const [other = ''] = await uploaded('trip-2', 'one.jpg');
  expect((await erase({ batch: 'trip' })).json.receipt).toMatchObject({ kind: 'batch', images: 1 });
  expect([await isThere(one), await isThere(other)]).toEqual([false, true]);
});

test('of a person only what was asked for goes: a photograph that nobody confirmed is refused with a reason', async () => {
  const [one = '', two = ''] = await uploaded('person', 'one.jpg', 'two.jpg');
  const faceOf = async (id: string) => (await api.get(routes.image(id))).json.result.faces[0].key as string;
  const [faceOne, faceTwo] = [await faceOf(one), await faceOf(two)];
  const refused = await erase({ face: faceOne, with: [faceTwo] });
  expect(refused).toMatchObject({ status: 422, json: { code: 'NotConfirmed' } });
  expect([await isThere(one), await isThere(two)]).toEqual([true, true]);
  expect(await erase({ face: 'nobody-0' })).toMatchObject({ status: 422, json: { code: 'UnknownFace' } });

  expect((await erase({ face: faceOne, dryRun: true })).json).toMatchObject({ images: [one], confirmed: [] });
  expect((await erase({ face: faceOne })).json.receipt).toMatchObject({ kind: 'face', images: 1 });
  expect([await isThere(one), await isThere(two)]).toEqual([false, true]);
});

test('what names nothing, or two things at once, is refused, and an unknown receipt is not found', async () => {
  for (const body of [{}, { image: 'a', batch: 'b' }, { image: 'a', with: ['x'] }, { batch: '' }])
    expect((await erase(body)).status).toBe(400);
  expect((await api.get(routes.erasure('no-such-receipt'))).status).toBe(404);
});
