/**
 * The one that comes after: of one that is put off and stays in the list the next in it, from the last on to the first.
 * One that has left the list is followed by the first.
 *
 * @returns undefined where there is no other
 */
export function followingOf(ids: readonly string[], now: string): string | undefined {
  const next = ids[(ids.indexOf(now) + 1) % ids.length];
  return next === now ? undefined : next;
}
