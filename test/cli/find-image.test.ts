import { expect, test } from 'vitest';
import { findImage } from '../../src/cli/find-image.ts';
import type { StoredImage } from '../../src/results/rows.ts';
import type { ResultStore } from '../../src/results/store.ts';

const address = (name: string) => `http://127.0.0.1:10000/store/inputimages/${name}`;
const image = (id: string, name: string, status: StoredImage['status'] = 'done') =>
  ({
    id,
    imageUrl: address(name),
    batchId: name.split('/').slice(0, -1).join('/') || 'default',
    status,
  }) as StoredImage;
const storeOf = (...images: StoredImage[]) =>
  ({
    get: async (id: string) => images.find((candidate) => candidate.id === id),
    list: async ({ batchId }: { batchId?: string } = {}) =>
      images.filter((candidate) => batchId === undefined || candidate.batchId === batchId),
  }) as unknown as ResultStore;

test('a file name is enough where only one image has it', async () => {
  const store = storeOf(image('1', 'a/sign.jpg'), image('2', 'a/other.jpg'));
  expect((await findImage(store, 'sign.jpg'))?.id).toBe('1');
});

test('where several have it, the person is told which there are', async () => {
  const store = storeOf(image('1', 'a/sign.jpg'), image('2', 'b/sign.jpg'));
  await expect(findImage(store, 'sign.jpg')).rejects.toThrow(
    '2 images have this file name: say which, with its folder, such as a/sign.jpg, b/sign.jpg.',
  );
  expect((await findImage(store, 'b/sign.jpg'))?.id).toBe('2');
});

test('of several versions the one that stands', async () => {
  const store = storeOf(image('old', 'a/x.jpg', 'superseded'), image('new', 'a/x.jpg'));
  expect((await findImage(store, 'x.jpg'))?.id).toBe('new');
  expect((await findImage(store, address('a/x.jpg')))?.id).toBe('new');
});

test('a name that nothing has finds nothing, and so does a folder that is not there', async () => {
  const store = storeOf(image('1', 'a/sign.jpg'));
  expect(await findImage(store, 'absent.jpg')).toBeUndefined();
  expect(await findImage(store, 'b/sign.jpg')).toBeUndefined();
});
