import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { ReviewItem, ReviewPage, Verdict } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { type ApiError, getJson, query } from '../../live/client.ts';
import { decide } from '../../live/decide.ts';
import { notify } from '../../live/notices.ts';
import { strings } from '../../strings.ts';
import { collapse, keyOf, type ReviewPair } from './queue.ts';

interface Decided {
  pair: ReviewPair;
  verdict: Verdict | 'later';
}

/** Pairs at hand, and pages that are asked for to have them. */
const AT_HAND = 20;
const PAGE = 100;
const PAGES = 10;

export interface Review {
  /** Undefined until the first answer, then the pair to look at, or null where there is none. */
  pair: ReviewPair | null | undefined;
  /** The pair after it, to have its photographs at hand. */
  following: ReviewPair | undefined;
  /** Pairs that look like copies of one picture, and are left out. */
  copies: number;
  decided: number;
  note: string;
  error: ApiError | undefined;
  mayUndo: boolean;
  say(verdict: 'confirmed' | 'notSame' | 'later'): void;
  undo(): void;
  reload(): void;
}

interface ReviewFilter {
  batch: string;
  /** Id of who one of the faces is taken to be; empty for anybody. */
  person: string;
  /** Whether the pairs that look like copies are looked at, and nothing else. */
  copiesOnly: boolean;
}

/** The queue of undecided pairs, as this person goes through it. Decisions show at once; one that is not saved comes back. */
export function useReview(stamp: string, { batch, person, copiesOnly }: ReviewFilter): Review {
  const [items, setItems] = useState<readonly ReviewItem[]>();
  const [later, setLater] = useState<readonly string[]>([]);
  const [past, setPast] = useState<readonly Decided[]>([]);
  const [note, setNote] = useState('');
  const [error, setError] = useState<ApiError>();
  const [turn, setTurn] = useState(0);
  const more = useRef(false);
  const done = useRef(new Set<string>());

  // biome-ignore lint/correctness/useExhaustiveDependencies: stamp and turn are the reasons to load again
  useEffect(() => {
    const abort = new AbortController();
    const load = async () => {
      const fresh: ReviewItem[] = [];
      let after: string | null | undefined;
      for (let page = 0; page < PAGES && after !== null; page += 1) {
        const answer: ReviewPage = await getJson(
          `${routes.review}${query({ batch, person, limit: PAGE, after: after ?? undefined })}`,
          abort.signal,
        );
        fresh.push(...answer.items.filter((item) => !done.current.has(keyOf(item))));
        after = answer.next;
        if (!copiesOnly && collapse(fresh).pairs.length >= AT_HAND) break;
        if (copiesOnly && collapse(fresh).copies.length >= AT_HAND) break;
      }
      more.current = after !== null;
      setError(undefined);
      // What is on the screen keeps its place, whatever surer pairs have come.
      setItems((now = []) => {
        const still = new Set(fresh.map(keyOf));
        const kept = now.filter((item) => more.current || still.has(keyOf(item)));
        const known = new Set(kept.map(keyOf));
        return [...kept, ...fresh.filter((item) => !known.has(keyOf(item)))];
      });
    };
    load().catch((problem: ApiError) => {
      if (!abort.signal.aborted) setError(problem);
    });
    return () => abort.abort();
  }, [stamp, turn, batch, person, copiesOnly]);

  const reload = useCallback(() => setTurn((now) => now + 1), []);
  const { pairs, copies } = useMemo(() => {
    const found = collapse(items ?? []);
    const shown = copiesOnly ? found.copies.map((item) => ({ item, same: [] })) : found.pairs;
    const place = ({ item }: ReviewPair) => later.indexOf(keyOf(item));
    // What was put off stands at the end, in the order in which it was.
    return { copies: found.copies.length, pairs: shown.toSorted((one, two) => place(one) - place(two)) };
  }, [items, later, copiesOnly]);
  const pair = items === undefined ? undefined : (pairs[0] ?? null);

  const without = (gone: ReviewPair) => {
    const keys = new Set([gone.item, ...gone.same].map(keyOf));
    setItems((now = []) => now.filter((item) => !keys.has(keyOf(item))));
  };
  const putBack = (back: ReviewPair) => {
    const own = [back.item, ...back.same];
    const keys = new Set(own.map(keyOf));
    setItems((now = []) => [...own, ...now.filter((item) => !keys.has(keyOf(item)))]);
    setLater((now) => now.filter((key) => key !== keyOf(back.item)));
  };

  const save = async (decided: ReviewPair, verdict: Verdict) => {
    const own = [decided.item, ...decided.same];
    for (const item of own) {
      if (verdict === 'undecided') done.current.delete(keyOf(item));
      else done.current.add(keyOf(item));
    }
    try {
      for (const { a, b } of own) await decide(a.face, b.face, verdict, true);
    } catch (problem) {
      if (verdict !== 'undecided') {
        for (const item of own) done.current.delete(keyOf(item));
        putBack(decided);
        setPast((now) => now.filter((one) => one.pair !== decided));
      }
      const words = `${strings.review.notSaved} ${(problem as ApiError).message}`;
      setNote(words);
      notify(words, 'error');
    }
  };

  const say = (verdict: 'confirmed' | 'notSame' | 'later') => {
    if (pair == null) return;
    if (verdict === 'later')
      setLater((now) => [...now.filter((key) => key !== keyOf(pair.item)), keyOf(pair.item)]);
    else without(pair);
    setPast((now) => [...now, { pair, verdict }]);
    const { saidSame, saidNot, putOff } = strings.review;
    setNote(verdict === 'later' ? putOff : verdict === 'confirmed' ? saidSame : saidNot);
    if (verdict !== 'later') void save(pair, verdict);
    if (pairs.length < 6 && more.current) reload();
  };

  const undo = () => {
    const last = past.at(-1);
    if (last === undefined) return;
    setPast(past.slice(0, -1));
    putBack(last.pair);
    setNote(strings.review.undone);
    if (last.verdict !== 'later') void save(last.pair, 'undecided');
  };

  return {
    pair,
    following: pairs[1],
    copies,
    decided: past
      .filter(({ verdict }) => verdict !== 'later')
      .reduce((sum, { pair: { same } }) => sum + 1 + same.length, 0),
    note,
    error,
    mayUndo: past.length > 0,
    say,
    undo,
    reload,
  };
}
