import { type Aim, figure, type Report } from '../report.ts';
import { aimsOf, type Lanes, nameOf } from './lanes.ts';
import type { Measured } from './measure.ts';

/** Times the figure of the small archive that a figure may be. */
const MOST = 2;
/** Below this a ratio is of the clock and of what else the machine does. */
const NOISE_MS = 1;

/**
 * @param what is measured
 * @param lanes what processes that save at once were found to have done
 */
export function reportOf(
  what: string,
  rows: readonly Measured[],
  lanes: readonly Lanes[],
  { few, many }: { few: number; many: number },
): Report {
  const atMost = (text: string, measured: number, limit: number, unit: string): Aim => ({
    ...{ text, measured, limit, unit },
    sense: 'at most',
  });
  const bounded = rows.filter(({ readsAll }) => !readsAll);
  const [small, large] = [few, many].map((images) => images.toLocaleString('en'));
  return {
    part: `${what} with ${small} and ${large} images`,
    aims: [
      ...bounded.map((row) =>
        atMost(
          row.name,
          row.failed === undefined ? row.many.median / Math.max(row.few.median, NOISE_MS) : Number.NaN,
          MOST,
          'x',
        ),
      ),
      ...rows
        .filter(({ failed }) => failed !== undefined)
        .map(({ name }) => atMost(`${name}: failed`, 1, 0, '')),
      ...rows
        .filter(({ name }) => name.startsWith('save'))
        .map(({ name, many: { p95 } }) => atMost(`${name}, p95`, p95, 20, ' ms')),
      ...rows
        .filter(({ name }) => name.startsWith('erase one image'))
        .flatMap(({ name, many: { p95, requests = 0 } }) => [
          atMost(`${name}, p95`, p95, 2000, ' ms'),
          atMost(`${name}, requests`, requests, 59, ''),
        ]),
      ...aimsOf(lanes),
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
      ...(lanes.length === 0 ? [] : [tableOf(lanes)]),
    ],
    notes: [
      ...rows.flatMap(({ name, failed }) => (failed === undefined ? [] : [`${name} failed: ${failed}`])),
      `Ratios of figures below ${NOISE_MS} ms are taken over ${NOISE_MS} ms. "Own": what it took of a processor in this process, small archive and large one. "At work": the most of a turn in which this process had one.`,
      `The longest turn among all: ${figure(Math.max(0, ...rows.map(({ many: { longestTurn } }) => longestTurn)))} ms.`,
    ],
  };
}

const tableOf = (lanes: readonly Lanes[]): Report['tables'][number] => ({
  title: 'saves at once, of images that share tags and match each other',
  columns: ['', 'images a second', 'p95, ms', 'tried again', 'of that as the victim of a lock or deadlock'],
  rows: lanes.map((one) => [
    ...[nameOf(one), one.throughput, one.p95],
    ...[String(one.again), String(one.contention)],
  ]),
});
