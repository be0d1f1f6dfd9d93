import { compareText } from '../typed-value.ts';
import type { Comparison, Expression } from './expression.ts';

/** A place in the order of keys: before or behind all entities whose keys begin so. */
export interface KeyBound {
  readonly pk: string;
  /** Absent: at the partition's edge, whichever `behind` says. */
  readonly rk?: string;
  /** Whether it stands behind what it names, rather than before. */
  readonly behind: boolean;
}

/** Entities that may fit: those between. Absent: no bound. */
export interface KeyRange {
  readonly from?: KeyBound;
  readonly to?: KeyBound;
}

const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  eq: 'eq',
  ne: 'ne',
  gt: 'lt',
  ge: 'le',
  lt: 'gt',
  le: 'ge',
};

interface KeyTerm {
  readonly key: 'PartitionKey' | 'RowKey';
  readonly by: Comparison;
  readonly value: string;
}

/** The smallest range that is sure to hold everything the filter lets through. */
export function rangeOf(expression: Expression): KeyRange {
  if (expression.kind === 'or') return union(rangeOf(expression.left), rangeOf(expression.right));
  const terms = termsOf(expression);
  let range: KeyRange = {};
  for (const term of terms) {
    if (term.key === 'PartitionKey') range = intersect(range, partitionRange(term));
  }
  const partition = terms.find(({ key, by }) => key === 'PartitionKey' && by === 'eq')?.value;
  if (partition !== undefined) {
    for (const term of terms) {
      if (term.key === 'RowKey') range = intersect(range, rowRange(partition, term));
    }
  }
  // What stands beside in parentheses narrows as well.
  for (const part of conjuncts(expression)) if (part.kind === 'or') range = intersect(range, rangeOf(part));
  return range;
}

function conjuncts(expression: Expression): Expression[] {
  return expression.kind === 'and'
    ? [...conjuncts(expression.left), ...conjuncts(expression.right)]
    : [expression];
}

function termsOf(expression: Expression): KeyTerm[] {
  return conjuncts(expression).flatMap((part) => {
    if (part.kind !== 'compare') return [];
    const flipped = part.right.kind === 'property';
    const [property, literal] = flipped ? [part.right, part.left] : [part.left, part.right];
    if (property.kind !== 'property' || literal.kind !== 'literal' || literal.value.type !== 'text')
      return [];
    if (property.name !== 'PartitionKey' && property.name !== 'RowKey') return [];
    const by = flipped ? MIRRORED[part.by] : part.by;
    return [{ key: property.name, by, value: literal.value.value }];
  });
}

function partitionRange({ by, value: pk }: KeyTerm): KeyRange {
  const [before, behind] = [
    { pk, behind: false },
    { pk, behind: true },
  ];
  switch (by) {
    case 'eq':
      return { from: before, to: behind };
    case 'ge':
      return { from: before };
    case 'gt':
      return { from: behind };
    case 'lt':
      return { to: before };
    case 'le':
      return { to: behind };
    case 'ne':
      return {};
  }
}

function rowRange(pk: string, { by, value: rk }: KeyTerm): KeyRange {
  const [before, behind] = [
    { pk, rk, behind: false },
    { pk, rk, behind: true },
  ];
  switch (by) {
    case 'eq':
      return { from: before, to: behind };
    case 'ge':
      return { from: before };
    case 'gt':
      return { from: behind };
    case 'lt':
      return { to: before };
    case 'le':
      return { to: behind };
    case 'ne':
      return {};
  }
}

/** Orders places: a partition's edge stands before or behind all of its rows. */
export function compareBounds(one: KeyBound, other: KeyBound): number {
  const byPartition = compareText(one.pk, other.pk);
  if (byPartition !== 0) return byPartition;
  if (one.rk === undefined || other.rk === undefined) {
    return edge(one) - edge(other);
  }
  return compareText(one.rk, other.rk) || Number(one.behind) - Number(other.behind);
}

const edge = ({ rk, behind }: KeyBound): number => (rk !== undefined ? 0 : behind ? 1 : -1);

function intersect(one: KeyRange, other: KeyRange): KeyRange {
  const from = pick(one.from, other.from, (order) => order > 0);
  const to = pick(one.to, other.to, (order) => order < 0);
  return { ...(from && { from }), ...(to && { to }) };
}

function union(one: KeyRange, other: KeyRange): KeyRange {
  const from = one.from && other.from && pick(one.from, other.from, (order) => order < 0);
  const to = one.to && other.to && pick(one.to, other.to, (order) => order > 0);
  return { ...(from && { from }), ...(to && { to }) };
}

function pick(
  one: KeyBound | undefined,
  other: KeyBound | undefined,
  first: (order: number) => boolean,
): KeyBound | undefined {
  if (!one || !other) return one ?? other;
  return first(compareBounds(one, other)) ? one : other;
}
