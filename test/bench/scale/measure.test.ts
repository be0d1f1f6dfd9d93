import { expect, test } from 'vitest';
import { isMet, render } from '../../../bench/report.ts';
import { measureSides, type Operation, type Side } from '../../../bench/scale/measure.ts';
import { reportOf } from '../../../bench/scale/report.ts';

const sideOf = (...operations: Operation[]): Side => ({ operations, close: async () => {} });

test('an operation that fails is told of, and keeps no other from being measured', async () => {
  const rounds: string[] = [];
  const good = (name: string): Operation => ({
    name,
    run: async (round) => rounds.push(`${name} ${round}`),
  });
  const failing: Operation = {
    name: 'recount',
    run: async (round) => {
      if (round === 1) throw new Error('no plan');
    },
  };
  const sides = {
    few: sideOf(good('totals'), good('recount'), good('pages')),
    many: sideOf(good('totals'), failing, good('pages')),
  };
  const words: string[] = [];
  const rows = await measureSides(sides, { turns: 2 }, (one) => words.push(one));
  expect(rows.map(({ name, failed }) => [name, failed])).toEqual([
    ...[['totals', undefined]],
    ...[['recount', 'no plan']],
    ...[['pages', undefined]],
  ]);
  expect(words[1]).toBe('recount: no plan');
  expect(rounds.filter((round) => round === 'pages 2')).toHaveLength(2);
  const report = reportOf('results', rows, [], { few: 10, many: 1000 });
  expect(report.part).toBe('results with 10 and 1,000 images');
  expect(report.notes[0]).toBe('recount failed: no plan');
  expect(report.aims.filter((aim) => !isMet(aim)).map(({ text }) => text)).toEqual([
    'recount',
    'recount: failed',
  ]);
  expect(render(report)).toMatch(/recount: failed +1\.00 +at most 0\.00 +MISSED/);
});
