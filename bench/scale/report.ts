import { type Aim, figure, type Report } from '../report.ts';
import type { Measured } from './measure.ts';

/** Times the figure of the small archive that a figure may be. */
const MOST = 2;
/** Below this a ratio is of the clock and of what else the machine does. */
const NOISE_MS = 1;

/** @param lanes what two processes that save at once were found to have done */
export function reportOf(
  rows: readonly Measured[],
  lanes: readonly Aim[],
  { few, many }: { few: number; many: number },
): Report {
  const atMost = (text: string, measured: number, limit: number, unit: string): Aim => ({
    ...{ text, measured, limit, unit },
    sense: 'at most',
  });
  const bounded = rows.filter(({ readsAll }) => !readsAll);
  const [small, large] = [few, many].map((images) => images.toLocaleString('en'));
  return {
    part: `an instance with ${small} and ${large} images (its own storage service and SQLite)`,
    aims: [
      ...bounded.map((row) =>
        atMost(row.name, row.many.median / Math.max(row.few.median, NOISE_MS), MOST, 'x'),
      ),
      ...rows
        .filter(({ name }) => name.startsWith('save'))
        .map(({ name, many: { p95 } }) => atMost(`${name}, p95`, p95, 20, ' ms')),
      ...rows
        .filter(({ name }) => name.startsWith('erase one image'))
        .flatMap(({ name, many: { p95, requests = 0 } }) => [
          atMost(`${name}, p95`, p95, 2000, ' ms'),
          atMost(`${name}, requests`, requests, 59, ''),
        ]),
      ...lanes,
      ...bounded
        .slice(0, 1)
        .map(() =>
          atMost(
            'longest turn of the event loop, of all that need not read everything',
            Math.max(...bounded.map(({ many: { longestTurn } }) => longestTurn)),
            50,
            ' ms',
          ),
        ),
    ],
    tables: [
      {
        title: 'milliseconds, median and 95 of 100; turns and requests of the large archive',
        columns: [
          ...['', small ?? '', 'p95', large ?? '', 'p95', 'times'],
          ...['own', 'own', 'turn', 'at work', 'requests'],
        ],
        rows: rows.map(({ name, few: one, many: other }) => [
          ...[name, one.median, one.p95, other.median, other.p95],
          ...[other.median / Math.max(one.median, 1e-3), one.own, other.own],
          ...[other.longestTurn, other.busiestTurn],
          one.requests === undefined ? '' : `${one.requests} / ${other.requests}`,
        ]),
      },
    ],
    notes: [
      `Ratios of figures below ${NOISE_MS} ms are taken over ${NOISE_MS} ms. "Own": what it took of a processor in this process, small archive and large one. "At work": the most of a turn in which this process had one.`,
      `The longest turn among all: ${figure(Math.max(0, ...rows.map(({ many: { longestTurn } }) => longestTurn)))} ms.`,
    ],
  };
}
