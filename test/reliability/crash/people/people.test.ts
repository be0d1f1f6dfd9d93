import { afterAll, beforeAll, expect, test } from 'vitest';
import { turnOfCommit } from '../points.ts';
import { DEEDS } from './deeds.ts';
import { PeopleLab } from './walk.ts';

/** Of the points where a process dies, so many runs in a row visit all. */
const TURNS = 4;
const { turn } = turnOfCommit();

let lab: PeopleLab;
beforeAll(async () => {
  lab = await PeopleLab.open();
});
afterAll(() => lab?.close());

test(`whichever statement a process dies at, what it did about people is done once, or not at all (CRASH_TURN=${turn})`, async () => {
  let deaths = 0;
  for (const deed of Object.keys(DEEDS)) {
    const points = await lab.pointsOf(deed);
    expect(points.length, deed).toBeGreaterThan(1);
    for (const point of points) {
      // The end of each, where it is committed and nobody was told, in every run.
      if (point.n % TURNS !== turn % TURNS && point.n < points.length - 1) continue;
      await lab.run(point, { killed: false });
      deaths += 1;
    }
  }
  expect(deaths).toBeGreaterThan(60);
});

test('the same of processes that are killed: some here, every one in `npm run crash:all`', async () => {
  const names = Object.keys(DEEDS);
  for (let one = 0; one < 3; one += 1) {
    const deed = names[(3 * turn + one) % names.length] ?? '';
    const points = await lab.pointsOf(deed);
    const point = points[(7 * turn) % points.length];
    if (point) await lab.run(point, { killed: true });
  }
});
