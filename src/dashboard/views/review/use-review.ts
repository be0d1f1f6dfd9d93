import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { ReviewItem, ReviewPage, Verdict } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { type ApiError, getJson, query } from '../../live/client.ts';
import { decide } from '../../live/decide.ts';
import { notify } from '../../live/notices.ts';
import { strings } from '../../strings.ts';
import { atHand, collapse, keyOf, type ReviewPair } from './queue.ts';

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
  const shown = useRef<ReadonlySet<string>>(new Set());
  /** When each was said, by pair: what is taken back is that word, and no later one of somebody else. */
  const saidAt = useRef(new Map<string, string>());
  /** One after the other: what is taken back has been said before. */
  const saving = useRef<Promise<void>>(Promise.resolve());

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
      setItems((now = []) => atHand(now, fresh, { more: after !== null, shown: shown.current }));
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
  useLayoutEffect(() => {
    shown.current = new Set(pair == null ? [] : [pair.item, ...pair.same].map(keyOf));
  });

  const without = (gone: ReviewPair) => {
    const keys = new Set([gone.item, ...gone.same].map(keyOf));
    setItems((now = []) => now.filter((item) => !keys.has(keyOf(item))));
  };
  const placed = (own: readonly ReviewItem[], place: (others: readonly ReviewItem[]) => ReviewItem[]) => {
    const keys = new Set(own.map(keyOf));
    setItems((now = []) => place(now.filter((item) => !keys.has(keyOf(item)))));
  };
  /** Not before the one on the screen: whoever is about to answer that must not answer another. */
  const putBehind = ({ item, same }: ReviewPair) =>
    placed([item, ...same], (others) => [...others, item, ...same]);
  const putBack = (back: ReviewPair) => {
    const own = [back.item, ...back.same];
    placed(own, (others) => [...own, ...others]);
    setLater((now) => now.filter((key) => key !== keyOf(back.item)));
  };

  const keep = async (decided: ReviewPair, verdict: Verdict) => {
    const own = [decided.item, ...decided.same];
    const isUndo = verdict === 'undecided';
    for (const item of own) {
      if (isUndo) done.current.delete(keyOf(item));
      else done.current.add(keyOf(item));
    }
    try {
      for (const item of own) {
        const said = saidAt.current.get(keyOf(item));
        // What was not noted needs no taking back.
        if (isUndo && said === undefined) continue;
        const seen = isUndo ? (said ?? null) : null;
        const decision = await decide(item.a.face, item.b.face, verdict, { seen, inReview: true });
        if (isUndo) saidAt.current.delete(keyOf(item));
        else if (decision !== undefined) saidAt.current.set(keyOf(item), decision.at);
      }
    } catch (problem) {
      const { code, status, message } = problem as ApiError;
      // Decided by somebody else, or erased, since it was shown: there is nothing to say of it any more.
      const isOver = code === 'ChangedMeanwhile' || status === 404;
      if (!isUndo) {
        if (!isOver) {
          for (const item of own) done.current.delete(keyOf(item));
          putBehind(decided);
        }
        setPast((now) => now.filter((one) => one.pair !== decided));
      } else if (isOver) without(decided);
      const words = `${strings.review.notSaved} ${message}`;
      setNote(words);
      notify(words, 'error');
    }
  };
  const save = (decided: ReviewPair, verdict: Verdict) => {
    saving.current = saving.current.then(() => keep(decided, verdict));
  };

  const say = (verdict: 'confirmed' | 'notSame' | 'later') => {
    if (pair == null) return;
    if (verdict === 'later')
      setLater((now) => [...now.filter((key) => key !== keyOf(pair.item)), keyOf(pair.item)]);
    else without(pair);
    setPast((now) => [...now, { pair, verdict }]);
    const { saidSame, saidNot, putOff } = strings.review;
    setNote(verdict === 'later' ? putOff : verdict === 'confirmed' ? saidSame : saidNot);
    if (verdict !== 'later') save(pair, verdict);
    if (pairs.length < 6 && more.current) reload();
  };

  const undo = () => {
    const last = past.at(-1);
    if (last === undefined) return;
    setPast(past.slice(0, -1));
    putBack(last.pair);
    setNote(strings.review.undone);
    if (last.verdict !== 'later') save(last.pair, 'undecided');
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
