import { expect, test } from 'vitest';
import { DiskSpace } from '../../../src/local/storage/state/disk-space.ts';

test('once something found no room, nothing is taken before there is a megabyte again', () => {
  let free = 0;
  let now = 0;
  let looks = 0;
  const space = new DiskSpace(
    '/nowhere',
    () => {
      looks += 1;
      return free;
    },
    () => now,
  );
  // How little is free is no matter while all find room.
  expect([space.isFull(), looks]).toEqual([false, 0]);
  space.ranOut();
  now = 249;
  expect([space.isFull(), looks]).toEqual([true, 0]);
  now = 250;
  free = 1024 * 1024 - 1;
  expect([space.isFull(), looks]).toEqual([true, 1]);
  free += 1;
  now = 499;
  space.ranOut();
  expect([space.isFull(), looks]).toEqual([true, 1]);
  now = 500;
  expect([space.isFull(), looks]).toEqual([false, 2]);
  free = 0;
  now = 5000;
  expect([space.isFull(), looks]).toEqual([false, 2]);
});

test('of a disk that cannot be looked at the next write finds out', () => {
  let now = 0;
  const space = new DiskSpace('/nowhere/at/all', undefined, () => now);
  space.ranOut();
  expect(space.isFull()).toBe(true);
  now = 1000;
  expect(space.isFull()).toBe(false);
});
