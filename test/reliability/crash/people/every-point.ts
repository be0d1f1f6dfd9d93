import { atOnce } from '../../../../src/domain/at-once.ts';
import { DEEDS } from './deeds.ts';
import { PeopleLab, type Point } from './walk.ts';

/** After so many something is wrong with all of them. */
const MOST_FAILURES = 5;

/** @throws where `text` is not a point as `people:merge two persons:7` */
export function pointOf(text: string): Point {
  const [, deed = '', n] = /^people:([^:]+):(\d+)$/.exec(text) ?? [];
  if (!(deed in DEEDS)) throw new Error(`"${text}" is no point: write it as people:merge two persons:7.`);
  return { deed, n: Number(n) };
}

/** Kills a process at every statement, or every `stride`-th, of every write about people. @returns what was wrong, in sentences */
export async function killAtEveryStatement({
  lanes,
  stride,
}: {
  lanes: number;
  stride: number;
}): Promise<{ kills: number; failures: string[] }> {
  const lab = await PeopleLab.open();
  const failures: string[] = [];
  let kills = 0;
  try {
    for (const deed of Object.keys(DEEDS)) {
      const points = (await lab.pointsOf(deed)).filter(({ n }) => n % stride === 0);
      await atOnce(lanes, points, async (point) => {
        if (failures.length >= MOST_FAILURES) return;
        kills += 1;
        await lab.run(point, { killed: true }).catch((error: Error) => {
          failures.push(error.message);
          console.error(error.message);
        });
      });
      console.log(`people: ${deed}, ${points.length} kills`);
    }
  } finally {
    await lab.close();
  }
  return { kills, failures };
}
