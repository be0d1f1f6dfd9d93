import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Awaited } from '../../../src/cli/submit/awaited.ts';
import { follow } from '../../../src/cli/submit/follow.ts';
import { ResultFeed } from '../../../src/cli/submit/result-feed.ts';
import { readSettings } from '../../../src/domain/settings.ts';
import { openResultStore } from '../../../src/results/open.ts';
import type { ResultStore } from '../../../src/results/store.ts';
import { image } from '../../results/fixtures.ts';

let home: string;
let store: ResultStore;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'imaginem-feed-'));
  store = await openResultStore(readSettings({ SQLITE_PATH: path.join(home, 'results.db') }));
  await store.migrate();
});
afterEach(async () => {
  await store.close();
  await rm(home, { recursive: true, force: true });
});

const at = (ms: number) => new Date(Date.parse('2026-11-23T12:00:00.000Z') + ms).toISOString();
const save = (id: string, ms: number, run = 0) => store.save(image(id, { finishedAt: at(ms), run }));
const ids = async (feed: ResultFeed) => (await feed.next()).map(({ id }) => id);

test('tells of what finishes from now on, oldest first, each once', async () => {
  await save('before', 0);
  const feed = new ResultFeed(store);
  await feed.start();
  expect(await ids(feed)).toEqual([]);
  await save('b', 2000);
  await save('a', 1000);
  expect(await ids(feed)).toEqual(['a', 'b']);
  expect(await ids(feed)).toEqual([]);
});

test('does not miss a row that appears after one with a later stamp', async () => {
  const feed = new ResultFeed(store);
  await feed.start();
  await save('quick', 5000);
  expect(await ids(feed)).toEqual(['quick']);
  await save('slow', 1000);
  expect(await ids(feed)).toEqual(['slow']);
});

test('tells of an image again when it finishes again', async () => {
  const feed = new ResultFeed(store);
  await feed.start();
  await save('a', 1000);
  await feed.next();
  await save('a', 90_000, 1);
  expect(await ids(feed)).toEqual(['a']);
});

test('reads on over as many pages as there are', async () => {
  const feed = new ResultFeed(store);
  await feed.start();
  for (let number = 0; number < 60; number += 1) await save(`image-${number}`, number * 60_000);
  expect(await ids(feed)).toHaveLength(60);
  expect(await ids(feed)).toEqual([]);
});

test('what is awaited is found by its id where no feed tells of it, and had is not waited for', async () => {
  await save('had', 0);
  await save('untold', 1);
  const feed = new ResultFeed(store);
  await feed.start();
  const awaited = new Awaited(store);
  await awaited.expect({ id: 'had', blobName: 'x/had', there: true });
  expect([awaited.done, awaited.total]).toEqual([1, 1]);
  await awaited.expect({ id: 'untold', blobName: 'x/untold', there: false });
  await awaited.expect({ id: 'late', blobName: 'x/late', there: true });
  await awaited.look();
  expect([awaited.done, awaited.total]).toEqual([2, 3]);

  const told: string[] = [];
  await save('late', 3000);
  await follow({
    ...{ feed, awaited, signal: new AbortController().signal },
    onRow: ({ id }) => told.push(id),
    onTrouble: (error) => {
      throw error;
    },
    ended: (all) => all,
  });
  expect(told).toEqual(['late']);
  expect((await awaited.rows()).map(({ id }) => id)).toEqual(['had', 'untold', 'late']);
});
