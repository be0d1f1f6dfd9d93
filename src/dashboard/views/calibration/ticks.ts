/** Steps between figures on an axis, of each power of ten. */
const STEPS = [1, 2, 2.5, 5, 10];

/**
 * Round figures for an axis, ascending, all of them within it.
 *
 * @param most of them at most: as many as can be read side by side
 */
export function ticksBetween(from: number, to: number, most: number): number[] {
  if (!(to > from)) return [from];
  const least = (to - from) / most;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * (STEPS.find((one) => one * power >= least) ?? 10);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  // Counted and not added up: tenths do not add up exactly.
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) =>
    Number(((first + at) * step).toPrecision(12)),
  );
}
