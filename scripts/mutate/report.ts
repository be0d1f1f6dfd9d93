import type { Mutant } from './mutants.ts';
import { roomOf } from './rooms.ts';

/** What became of a fault. */
export interface Outcome {
  readonly mutant: Mutant;
  readonly state: 'found' | 'survived' | 'equivalent';
  /** The test that noticed. */
  readonly by?: string;
  /** Why it changes nothing. */
  readonly why?: string;
}

/** By file what went through, then a table by room. */
export function report(outcomes: readonly Outcome[]): string {
  const survived = outcomes.filter(({ state }) => state === 'survived');
  const byFile = Map.groupBy(survived, ({ mutant }) => mutant.file);
  const files = [...byFile]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([file, ones]) => [
      `\n${file}`,
      ...ones.map(({ mutant: { line, within, kind, was, text } }) => {
        return `  ${line} ${within}: ${kind}\n    - ${flat(was)}\n    + ${flat(text)}`;
      }),
    ]);
  const rooms = [...Map.groupBy(outcomes, ({ mutant }) => roomOf(mutant.file) ?? '')].sort();
  const rows = [...rooms, ['all', outcomes] as const].map(([room, ones]) => {
    const count = (state: Outcome['state']) => ones.filter((one) => one.state === state).length;
    const [found, same, left] = [count('found'), count('equivalent'), count('survived')];
    const share = found + left === 0 ? '' : `${Math.round((1000 * found) / (found + left)) / 10} %`;
    return `| ${room} | ${ones.length} | ${found} | ${same} | ${left} | ${share} |`;
  });
  const head = [
    '| Room | Planted | Found | Change nothing | Went through | Found of the rest |',
    '|---|---|---|---|---|---|',
  ];
  return [...files, '', ...head, ...rows].join('\n');
}

const flat = (text: string) => text.replace(/\s+/g, ' ').trim().slice(0, 200) || '(nothing)';
