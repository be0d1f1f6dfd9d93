import { useCallback, useEffect, useRef, useState } from 'react';
import type { ReviewItem, ReviewPage, Verdict } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { type ApiError, getJson } from '../../live/client.ts';
import { decide } from '../../live/decide.ts';
import { strings } from '../../strings.ts';

interface Decided {
  item: ReviewItem;
  verdict: Verdict | 'later';
}

export const keyOf = (item: ReviewItem): string => `${item.a.face} ${item.b.face}`;

export interface Review {
  /** Undefined until the first answer, then the pair to look at, or null where there is none. */
  item: ReviewItem | null | undefined;
  /** The pair after it, to have its photographs at hand. */
  following: ReviewItem | undefined;
  decided: number;
  note: string;
  error: ApiError | undefined;
  mayUndo: boolean;
  say(verdict: 'confirmed' | 'notSame' | 'later'): void;
  undo(): void;
  reload(): void;
}

/** The queue of undecided pairs, as this person goes through it. Decisions show at once; one that is not saved comes back. */
export function useReview(stamp: string): Review {
  const [items, setItems] = useState<readonly ReviewItem[]>();
  const [past, setPast] = useState<readonly Decided[]>([]);
  const [note, setNote] = useState('');
  const [error, setError] = useState<ApiError>();
  const [turn, setTurn] = useState(0);
  const next = useRef<string>(null);
  const done = useRef(new Set<string>());

  // biome-ignore lint/correctness/useExhaustiveDependencies: stamp and turn are the reasons to load again
  useEffect(() => {
    const abort = new AbortController();
    const load = async () => {
      const page = await getJson<ReviewPage>(`${routes.review}?limit=50`, abort.signal);
      setError(undefined);
      next.current = page.next;
      setItems((now = []) => {
        // What is on the screen keeps its place, whatever surer pairs have come.
        const fresh = page.items.filter((item) => !done.current.has(keyOf(item)));
        const still = new Set(fresh.map(keyOf));
        const kept = now.filter((item) => page.next !== null || still.has(keyOf(item)));
        const known = new Set(kept.map(keyOf));
        return [...kept, ...fresh.filter((item) => !known.has(keyOf(item)))];
      });
    };
    load().catch((problem: ApiError) => {
      if (!abort.signal.aborted) setError(problem);
    });
    return () => abort.abort();
  }, [stamp, turn]);

  const reload = useCallback(() => setTurn((now) => now + 1), []);
  const item = items === undefined ? undefined : (items[0] ?? null);

  const save = async (pair: ReviewItem, verdict: Verdict) => {
    const key = keyOf(pair);
    if (verdict === 'undecided') done.current.delete(key);
    else done.current.add(key);
    try {
      await decide(pair.a.face, pair.b.face, verdict);
    } catch (problem) {
      if (verdict !== 'undecided') {
        done.current.delete(key);
        setItems((now = []) => [pair, ...now.filter((one) => keyOf(one) !== key)]);
        setPast((now) => now.filter((one) => one.item !== pair));
      }
      setNote(`${strings.review.notSaved} ${(problem as ApiError).message}`);
    }
  };

  const say = (verdict: 'confirmed' | 'notSame' | 'later') => {
    if (item == null) return;
    const rest = (items ?? []).slice(1);
    setItems(verdict === 'later' ? [...rest, item] : rest);
    setPast((now) => [...now, { item, verdict }]);
    const { saidSame, saidNot, putOff } = strings.review;
    setNote(verdict === 'later' ? putOff : verdict === 'confirmed' ? saidSame : saidNot);
    if (verdict !== 'later') void save(item, verdict);
    if (rest.length < 5 && next.current !== null) reload();
  };

  const undo = () => {
    const last = past.at(-1);
    if (last === undefined) return;
    const key = keyOf(last.item);
    setPast(past.slice(0, -1));
    setItems((now = []) => [last.item, ...now.filter((one) => keyOf(one) !== key)]);
    setNote(strings.review.undone);
    if (last.verdict !== 'later') void save(last.item, 'undecided');
  };

  return {
    item,
    following: items?.[1],
    decided: past.filter(({ verdict }) => verdict !== 'later').length,
    note,
    error,
    mayUndo: past.length > 0,
    say,
    undo,
    reload,
  };
}
