import { afterAll, beforeAll, expect, test } from 'vitest';
import { seeded } from '../random.ts';
import { NEVER, SWITCH_MODES } from './cells.ts';
import { turnOfCommit } from './points.ts';
import { SwitchLab } from './switch-lab.ts';

const { seed } = turnOfCommit();
let lab: SwitchLab;
beforeAll(async () => {
  lab = await SwitchLab.open();
}, 240_000);
afterAll(() => lab?.close());

test(`a switch of models whose process is killed, at a few points by chance, loses no decision and enrols each image once (SEED=${seed})`, {
  timeout: 300_000,
}, async () => {
  const random = seeded(seed);
  for (const mode of SWITCH_MODES) {
    const { killed, requests } = await lab.run({ n: NEVER, when: 'before', mode });
    expect(killed).toBe(false);
    // Fewer would mean that they pass uncounted: `npm run crash:all` walks over every single one.
    expect(requests, mode).toBeGreaterThan(20);
    const n = 1 + Math.floor(random() * requests);
    const when = random() < 0.5 ? 'before' : 'after';
    expect((await lab.run({ n, when, mode })).killed, `${mode} ${when} ${n} of ${requests}`).toBe(true);
  }
});
