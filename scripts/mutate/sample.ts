/** Numbers from 0 to 1, the same for the same seed. Source: mulberry32, public domain. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws up to `count` items, from every stratum the same number as far as it has so many. */
export function stratified<T>(
  items: readonly T[],
  stratumOf: (item: T) => string,
  count: number,
  random: () => number,
): T[] {
  const strata = [...Map.groupBy(items, stratumOf)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, members]) => shuffled(members, random));
  const drawn: T[] = [];
  for (let round = 0; drawn.length < Math.min(count, items.length); round += 1) {
    for (const members of strata) {
      const item = members[round];
      if (item !== undefined && drawn.length < count) drawn.push(item);
    }
  }
  return drawn;
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}
