import { useCallback, useState } from 'react';
import { type ApiError, getJson } from './client.ts';
import { Recent } from './recent.ts';
import { useLoad } from './use-load.ts';

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

  useLoad(path, stamp, turn, async (signal) => {
    if (path === undefined) return;
    setLoading(true);
    try {
      const data = await getJson<T>(path, signal);
      if (signal.aborted) return;
      answers.set(path, data);
      setState({ path, data });
    } catch (problem) {
      if (signal.aborted) return;
      const error = problem as ApiError;
      // What is gone, erased perhaps, is not shown any longer; what could not be asked stays as it was.
      const isGone = error.status === 404;
      if (isGone) answers.delete(path);
      setState((now) => ({ path, data: now.path === path && !isGone ? now.data : undefined, error }));
    }
    setLoading(false);
  });

  const current = state.path === path;
  const known = path === undefined ? undefined : (answers.get(path) as T | undefined);
  return { data: current ? state.data : known, error: current ? state.error : undefined, loading, reload };
}
