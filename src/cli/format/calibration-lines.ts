import { endsOf100, type Interval } from '../../domain/interval.ts';
import type { KeptCalibration } from '../../people/calibration/ledger.ts';
import type { Slice } from '../../people/calibration/slices.ts';
import { worthByCalibration } from '../../people/calibration/worth.ts';
import { table } from './table.ts';

/** A calibration as a person reads it. @param faces in the archive now */
export function calibrationLines({ at, by, model, result }: KeptCalibration, faces: number): string[] {
  const { threshold, pairs, persons, enough, rates, chances } = result;
  const rows = rates.map((rate, stratum) => {
    const { chance, falseCandidates } = worthByCalibration(result, rate.threshold, faces);
    return [
      rate.threshold === threshold ? `${rate.threshold} *` : String(rate.threshold),
      String(chances[stratum]?.decided ?? 0),
      percent(chance),
      percent(rate.falseNonMatchRate),
      rough(falseCandidates),
    ];
  });
  return [
    `${at.slice(0, 16).replace('T', ' ')} UTC, ${by}, ${model}: ${pairs} decided pairs of ${persons} persons, among ${faces} faces now.`,
    '',
    table(['FROM', 'DECIDED', 'RIGHT', 'MISSED BELOW', 'WRONG IN A SEARCH'], rows),
    '',
    '* the threshold as it is set. RIGHT: how often a candidate as sure as this is the same person. MISSED BELOW: of the pairs of one person, those less sure.',
    'In brackets: where it lies in 95 of 100 such samples. "too few": not enough was decided to tell.',
    ...slices('By what the case data say', result.groups),
    ...slices('By the years between the photographs', result.ageGaps),
    ...(enough
      ? []
      : [
          '',
          'Too few decisions for both error rates: draw pairs (imaginem calibrate draw) and have them decided.',
        ]),
  ];
}

function slices(title: string, given: readonly Slice[]): string[] {
  if (given.length === 0) return [];
  const rows = given.map(({ name, pairs, persons, missed, wrongAmongOffered }) => [
    name,
    String(pairs),
    String(persons),
    percent(missed),
    percent(wrongAmongOffered),
  ]);
  return ['', `${title}:`, table(['', 'PAIRS', 'PERSONS', 'MISSED', 'WRONG AMONG OFFERED'], rows)];
}

function percent(interval: Interval | null): string {
  if (!interval) return 'too few';
  const of100 = (share: number) => (share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0);
  const { low, high } = endsOf100(interval);
  return `${of100(interval.share)} % (${low}-${high})`;
}

function rough(interval: Interval | null): string {
  if (!interval) return 'too few';
  const round = (value: number) => (value >= 10 ? String(Math.round(value)) : value.toFixed(1));
  return `${round(interval.share)} (${round(interval.low)}-${round(interval.high)})`;
}
