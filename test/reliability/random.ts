import type { Random } from '../../src/domain/ports.ts';

export { seeded } from '../../src/domain/seeded.ts';

/** The seed of this run: what `SEED` in the environment says, else a new one. Print it, so that a failure can be repeated. */
export function runSeed(given = process.env.SEED): number {
  const seed = Number(given);
  return given !== undefined && Number.isInteger(seed) ? seed : Math.floor(Math.random() * 2 ** 31);
}

export function pick<T>(items: readonly T[], random: Random): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError('There is nothing to pick from.');
  return item;
}

/** `count` different items, in their order. */
export function sample<T>(items: readonly T[], count: number, random: Random): T[] {
  const left = items.map((_, index) => index);
  const taken = new Set<number>();
  while (taken.size < count && left.length > 0) {
    taken.add(left.splice(Math.floor(random() * left.length), 1)[0] ?? 0);
  }
  return items.filter((_, index) => taken.has(index));
}
