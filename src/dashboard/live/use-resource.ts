import { useCallback, useEffect, useRef, useState } from 'react';
import { type ApiError, getJson } from './client.ts';
import { Recent } from './recent.ts';

interface Resource<T> {
  data: T | undefined;
  error: ApiError | undefined;
  loading: boolean;
  reload(): void;
}

/** Last answers by path: going back to a view shows it at once, and brings it up to date after. */
const answers = new Recent<unknown>(200);

/**
 * What a path answers, loaded again whenever `stamp` changes; the old answer stays in place meanwhile.
 *
 * @param path nothing is loaded while it is undefined
 */
export function useResource<T>(path: string | undefined, stamp = ''): Resource<T> {
  const [state, setState] = useState<{ path: string | undefined; data: T | undefined; error?: ApiError }>(
    () => ({
      path,
      data: path === undefined ? undefined : (answers.get(path) as T | undefined),
    }),
  );
  const [loading, setLoading] = useState(path !== undefined);
  const [turn, setTurn] = useState(0);
  const reload = useCallback(() => setTurn((now) => now + 1), []);
  const latest = useRef(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: stamp and turn are the reasons to load again
  useEffect(() => {
    if (path === undefined) return;
    const number = ++latest.current;
    const abort = new AbortController();
    setLoading(true);
    getJson<T>(path, abort.signal).then(
      (data) => {
        answers.set(path, data);
        if (number !== latest.current) return;
        setState({ path, data });
        setLoading(false);
      },
      (error: ApiError) => {
        if (abort.signal.aborted || number !== latest.current) return;
        // What is gone, erased perhaps, is not shown any longer; what could not be asked stays as it was.
        const isGone = error.status === 404;
        if (isGone) answers.delete(path);
        setState((now) => ({ path, data: now.path === path && !isGone ? now.data : undefined, error }));
        setLoading(false);
      },
    );
    return () => abort.abort();
  }, [path, stamp, turn]);

  const current = state.path === path;
  const known = path === undefined ? undefined : (answers.get(path) as T | undefined);
  return { data: current ? state.data : known, error: current ? state.error : undefined, loading, reload };
}
