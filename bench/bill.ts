import type { Counts } from './call-counter.ts';

interface Work {
  counts: Counts;
  executions: number;
}

/** Operations that a storage account bills as writes, lists or creations: dearer than the others on block blobs. */
const BLOB_WRITE = /^blob: (Put|Create|List)/;

const LINES: readonly [string, (work: Work) => number][] = [
  ['function executions', ({ executions }) => executions],
  ['queue transactions', ({ counts }) => sum(counts, /^queue: /)],
  ['table transactions', ({ counts }) => sum(counts, /^table: /)],
  ['blob writes and lists', ({ counts }) => sum(counts, BLOB_WRITE)],
  ['blob reads and others', ({ counts }) => sum(counts, /^blob: /) - sum(counts, BLOB_WRITE)],
  ['Computer Vision transactions', ({ counts }) => sum(counts, /^vision: /)],
  ['Face transactions', ({ counts }) => sum(counts, /^face: /)],
];

/** What the platforms would bill for a thousand images of each kind: lines of name and amounts. */
export function bill(works: readonly Work[]): string[][] {
  return LINES.map(([name, amount]) => [
    name,
    ...works.map((work) => (amount(work) * 1000).toLocaleString('en')),
  ]);
}

const sum = (counts: Counts, pattern: RegExp): number =>
  Object.entries(counts).reduce((total, [key, count]) => (pattern.test(key) ? total + count : total), 0);
