/** What turns one text into another, by the fewest single-character changes (Levenshtein, 1966). */
interface Edits {
  /** Characters of the reference that are missing. */
  missing: number;
  /** Characters that stand where another, or none, should. */
  invented: number;
}

/** Compares by code points; of equally short ways the one that invents fewest characters is counted. */
export function edits(reference: string, found: string): Edits {
  const [from, to] = [[...reference], [...found]];
  let above: Edits[] = to.map((_, i) => ({ missing: 0, invented: i + 1 }));
  above.unshift({ missing: 0, invented: 0 });
  for (const [row, wanted] of from.entries()) {
    const current: Edits[] = [{ missing: row + 1, invented: 0 }];
    for (const [column, character] of to.entries()) {
      const diagonal = above[column] as Edits;
      const up = above[column + 1] as Edits;
      const left = current[column] as Edits;
      let best = character === wanted ? diagonal : plus(diagonal, 0, 1);
      for (const other of [plus(up, 1, 0), plus(left, 0, 1)]) if (isBetter(other, best)) best = other;
      current.push(best);
    }
    above = current;
  }
  return above[to.length] as Edits;
}

function plus({ missing, invented }: Edits, more: number, other: number): Edits {
  return { missing: missing + more, invented: invented + other };
}

function isBetter(a: Edits, b: Edits): boolean {
  const [costA, costB] = [a.missing + a.invented, b.missing + b.invented];
  return costA < costB || (costA === costB && a.invented < b.invented);
}
