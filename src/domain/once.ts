/** What makes a thing at the first call and gives the same from then on. */
interface Once<T> {
  (): T;
  /** The thing, where it has been made. */
  readonly made: T | undefined;
}

/**
 * Makes a thing at the first call only. A promise that fails is forgotten, so that the next call tries again: a setting
 * or a token can be mended, and what was met may have passed.
 */
export function once<T>(make: () => T): Once<T> {
  let kept: { value: T } | undefined;
  const get = () => {
    if (kept) return kept.value;
    const fresh = { value: make() };
    kept = fresh;
    if (fresh.value instanceof Promise) {
      fresh.value.catch(() => {
        if (kept === fresh) kept = undefined;
      });
    }
    return fresh.value;
  };
  return Object.defineProperty(get, 'made', { get: () => kept?.value }) as Once<T>;
}
