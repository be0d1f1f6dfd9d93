/** "850 ms", "42 s", "3 min", "5 h", "2 days": the largest unit that fits. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const units = [
    ['days', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const;
  const [name, size] =
    units.find(([unit, length]) => ms >= (unit === 'days' ? 2 * length : length)) ?? units[3];
  const value = ms / size;
  return `${value < 10 && name === 's' ? value.toFixed(1) : Math.round(value)} ${name}`;
}
