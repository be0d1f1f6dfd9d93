import { chance } from '../../scripts/chance.ts';
import { edits } from './edit-distance.ts';

/** One picture read, beside what stands in it. */
export interface Sample {
  expected: string;
  found: string;
  /** Processor time, milliseconds. */
  cpu: number;
}

/** Error rates of one kind of picture, in shares of the characters that stand there. */
export interface ClassScore {
  name: string;
  pictures: number;
  characters: number;
  /** Characters missing, wrong or invented. */
  errorRate: number;
  /** Bootstrap interval of the error rate over pictures, 95 %. */
  low: number;
  high: number;
  /** Characters that stand where another, or none, should: what the reader claims and is not there. */
  inventedRate: number;
  /** Processor time per picture, milliseconds: the median. */
  cpu: number;
}

const RESAMPLES = 1000;

/** Line breaks and runs of spaces count as one space; compatibility forms as what they stand for. */
export function normalise(text: string): string {
  return text.normalize('NFKC').replace(/\s+/gu, ' ').trim();
}

/** Where nothing stands in the pictures, the rates are characters invented per picture. */
export function scoreClass(name: string, samples: readonly Sample[]): ClassScore {
  const counted = samples.map(({ expected, found }) => {
    const reference = normalise(expected);
    return { length: [...reference].length, ...edits(reference, normalise(found)) };
  });
  type Counts = (typeof counted)[number];
  const characters = sum(counted, ({ length }) => length);
  const rate = (of: readonly Counts[], errors: (counts: Counts) => number): number =>
    sum(of, errors) /
    (characters === 0
      ? of.length
      : Math.max(
          1,
          sum(of, ({ length }) => length),
        ));
  const all = ({ missing, invented }: Counts): number => missing + invented;
  const random = chance(samples.length);
  const resampled = Array.from({ length: RESAMPLES }, () =>
    rate(
      counted.map(() => counted[random.whole(0, counted.length - 1)] as Counts),
      all,
    ),
  ).sort((a, b) => a - b);
  const cpu = samples.map((sample) => sample.cpu).sort((a, b) => a - b);
  return {
    name,
    pictures: samples.length,
    characters,
    errorRate: rate(counted, all),
    low: resampled[Math.floor(0.025 * RESAMPLES)] ?? 0,
    high: resampled[Math.floor(0.975 * RESAMPLES)] ?? 0,
    inventedRate: rate(counted, ({ invented }) => invented),
    cpu: cpu[Math.floor(cpu.length / 2)] ?? 0,
  };
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
