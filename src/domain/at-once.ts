/**
 * Does `work` for each item, so many at a time, in the order they come. After a failure nothing more is begun; what is
 * under way ends first.
 *
 * @throws what the first that fails throws, or the reason of an aborted signal
 */
export async function atOnce<T>(
  many: number,
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const left = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const lane = async () => {
    for (let next = left.next(); !next.done && failures.length === 0; next = left.next()) {
      try {
        signal?.throwIfAborted();
        await work(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: many }, lane));
  if (failures.length > 0) throw failures[0];
}
