import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { ReviewItem, ReviewPage, Verdict } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { type ApiError, getJson, query } from '../../live/client.ts';
import { decide } from '../../live/decide.ts';
import { notify } from '../../live/notices.ts';
import { untilSaved } from '../../live/unsaved.ts';
import { useLoad } from '../../live/use-load.ts';
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

/**
 * What was said here, for as long as the page lives: another filter, or another view in between, must not ask again for a word
 * that is still under way.
 */
const said = {
  /** By pair, up to which load its answer was not yet noted: a later one knows of it by itself. */
  until: new Map<string, number>(),
  /** When each was said: what is taken back, or said anew, is that word, and no later one of somebody else. */
  at: new Map<string, string>(),
  loads: 0,
  /** One after the other: what is taken back has been said before. */
  saving: Promise.resolve(),
};
const isSaid = (item: ReviewItem, load: number): boolean => load <= (said.until.get(keyOf(item)) ?? -1);

/** The queue of undecided pairs, as this person goes through it. Decisions show at once; one that is not saved comes back. */
export function useReview(stamp: string, { batch, person, copiesOnly }: ReviewFilter): Review {
  type Loaded = { items: readonly ReviewItem[]; more: boolean; wants: number };
  const [loaded, setLoaded] = useState<Loaded>();
  const items = loaded?.items;
  const setItems = (change: (now: readonly ReviewItem[]) => readonly ReviewItem[]) =>
    setLoaded((now) => ({ more: false, wants: 0, ...now, items: change(now?.items ?? []) }));
  const [later, setLater] = useState<readonly string[]>([]);
  const [past, setPast] = useState<readonly Decided[]>([]);
  const [note, setNote] = useState('');
  const [error, setError] = useState<ApiError>();
  const [turn, setTurn] = useState(0);
  const [wants, setWants] = useState(0);
  const shown = useRef<ReadonlySet<string>>(new Set());

  // Another choice is another list; what was said meanwhile does not make one that is under way useless.
  useLoad(`${batch} ${person} ${copiesOnly}`, `${stamp} ${wants}`, turn, async (signal) => {
    said.loads += 1;
    const number = said.loads;
    try {
      const all: ReviewItem[] = [];
      const fresh = () => all.filter((item) => !isSaid(item, number));
      let after: string | null | undefined;
      for (let page = 0; page < PAGES && after !== null; page += 1) {
        const answer: ReviewPage = await getJson(
          `${routes.review}${query({ batch, person, limit: PAGE, after: after ?? undefined })}`,
          signal,
        );
        all.push(...answer.items);
        // Nothing counts of what is asked about again.
        for (const item of answer.items) if (!isSaid(item, number)) said.at.delete(keyOf(item));
        after = answer.next;
        const found = collapse(fresh());
        if ((copiesOnly ? found.copies : found.pairs).length >= AT_HAND) break;
      }
      if (signal.aborted) return;
      const more = after !== null;
      setError(undefined);
      // What was said while the pages came is said.
      const found = fresh();
      setLoaded((now) => ({
        items: atHand(now?.items ?? [], found, { more, shown: shown.current }),
        ...{ more, wants },
      }));
    } catch (problem) {
      if (!signal.aborted) setError(problem as ApiError);
    }
  });

  const reload = useCallback(() => setTurn((now) => now + 1), []);
  const { pairs, copies } = useMemo(() => {
    const found = collapse(items ?? []);
    const shown = copiesOnly ? found.copies.map((item) => ({ item, same: [] })) : found.pairs;
    const place = ({ item }: ReviewPair) => later.indexOf(keyOf(item));
    // What was put off stands at the end, in the order in which it was.
    return { copies: found.copies.length, pairs: shown.toSorted((one, two) => place(one) - place(two)) };
  }, [items, later, copiesOnly]);
  // That there is none is said only where no more are to come: those that were asked for when the last ones were decided.
  const none = loaded === undefined || (loaded.more && loaded.wants !== wants) ? undefined : null;
  const pair = pairs[0] ?? none;
  useLayoutEffect(() => {
    shown.current = new Set(pair == null ? [] : [pair.item, ...pair.same].map(keyOf));
  });

  const without = (gone: ReviewPair) => {
    const keys = new Set([gone.item, ...gone.same].map(keyOf));
    setItems((now) => now.filter((item) => !keys.has(keyOf(item))));
  };
  const placed = (own: readonly ReviewItem[], place: (others: readonly ReviewItem[]) => ReviewItem[]) => {
    const keys = new Set(own.map(keyOf));
    setItems((now) => place(now.filter((item) => !keys.has(keyOf(item)))));
  };
  /** Not before the one on the screen: whoever is about to answer that must not answer another. */
  const putBehind = ({ item, same }: ReviewPair) =>
    placed([item, ...same], (others) => [...others, item, ...same]);
  const putBack = (back: ReviewPair) => {
    const own = [back.item, ...back.same];
    placed(own, (others) => [...own, ...others]);
    setLater((now) => now.filter((key) => key !== keyOf(back.item)));
  };

  const keep = async (decided: Decided, verdict: Verdict) => {
    const own = [decided.pair.item, ...decided.pair.same];
    const isUndo = verdict === 'undecided';
    const notSaved = (problem: unknown) => {
      const words = `${strings.review.notSaved} ${(problem as ApiError).message}`;
      setNote(words);
      notify(words, 'error');
    };
    if (isUndo) for (const item of own) said.until.delete(keyOf(item));
    for (const [index, item] of own.entries()) {
      const key = keyOf(item);
      const seen = said.at.get(key);
      // What was not noted needs no taking back.
      if (isUndo && seen === undefined) continue;
      try {
        const decision = await decide(item.a.face, item.b.face, verdict, {
          seen: seen ?? null,
          inReview: true,
        });
        if (isUndo) said.at.delete(key);
        else if (decision !== undefined) said.at.set(key, decision.at);
        if (!isUndo) said.until.set(key, said.loads);
      } catch (problem) {
        const { code, status } = problem as ApiError;
        notSaved(problem);
        // Decided by somebody else, or erased, since it was shown: there is nothing to say of it any more.
        if (code === 'ChangedMeanwhile' || status === 404) {
          said.at.delete(key);
          if (isUndo) without({ item, same: [] });
          else said.until.set(key, said.loads);
          if (own.length === 1) setPast((now) => now.filter((one) => one !== decided));
          continue;
        }
        if (isUndo) return;
        const [first, ...same] = own.slice(index);
        for (const one of own.slice(index)) said.until.delete(keyOf(one));
        if (first !== undefined) putBehind({ item: first, same });
        return setPast((now) => now.filter((one) => one !== decided));
      }
    }
  };
  const save = (decided: Decided, verdict: Verdict) => {
    const { item, same } = decided.pair;
    if (verdict !== 'undecided')
      for (const one of [item, ...same]) said.until.set(keyOf(one), Number.POSITIVE_INFINITY);
    said.saving = untilSaved(said.saving.then(() => keep(decided, verdict)));
  };

  const say = (verdict: 'confirmed' | 'notSame' | 'later') => {
    if (pair == null) return;
    if (verdict === 'later')
      setLater((now) => [...now.filter((key) => key !== keyOf(pair.item)), keyOf(pair.item)]);
    else without(pair);
    const decided = { pair, verdict };
    setPast((now) => [...now, decided]);
    const { saidSame, saidNot, putOff } = strings.review;
    setNote(verdict === 'later' ? putOff : verdict === 'confirmed' ? saidSame : saidNot);
    if (verdict !== 'later') save(decided, verdict);
    if (pairs.length < 6 && loaded?.more) setWants((now) => now + 1);
  };

  const undo = () => {
    const last = past.at(-1);
    if (last === undefined) return;
    setPast(past.slice(0, -1));
    putBack(last.pair);
    setNote(strings.review.undone);
    if (last.verdict !== 'later') save(last, 'undecided');
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
