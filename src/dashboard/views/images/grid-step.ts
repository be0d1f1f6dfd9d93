interface GridShape {
  columns: number;
  count: number;
  /** Whether the first column is at the right. */
  rtl: boolean;
}

/** Where a key leads from tile `index`; undefined for keys that mean nothing here. */
export function gridStep(key: string, index: number, { columns, count, rtl }: GridShape): number | undefined {
  const steps: Record<string, number> = {
    ArrowLeft: rtl ? 1 : -1,
    ArrowRight: rtl ? -1 : 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -3 * columns,
    PageDown: 3 * columns,
    Home: -count,
    End: count,
  };
  const step = steps[key];
  if (step === undefined || count === 0) return undefined;
  const next = index + step;
  if (Math.abs(step) === columns && columns > 1 && (next < 0 || next >= count)) {
    // From the row above an unfinished last row, down leads to its end.
    const lastRow = Math.floor((count - 1) / columns);
    return next >= count && Math.floor(index / columns) < lastRow ? count - 1 : index;
  }
  return Math.min(count - 1, Math.max(0, next));
}
