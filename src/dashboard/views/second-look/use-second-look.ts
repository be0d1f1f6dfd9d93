import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Candidate, CandidateDetail, CandidatePage } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { type ApiError, getJson, query, send } from '../../live/client.ts';
import { notify } from '../../live/notices.ts';
import { useLoad } from '../../live/use-load.ts';
import { useShown } from '../../live/use-shown.ts';
import { strings } from '../../strings.ts';
import type { CandidateWord } from '../candidates/word-bar.tsx';

const PAGE = 100;
const text = strings.secondLook;

export interface SecondLook {
  /** Undefined until the first answer, then the candidate to look at, or null where there is none. */
  candidate: CandidateDetail | null | undefined;
  left: number;
  more: boolean;
  /** Whether any was looked at on this visit. */
  looked: boolean;
  note: string;
  busy: boolean;
  error: ApiError | undefined;
  mayUndo: boolean;
  /** Whether the word was taken. */
  say(word: CandidateWord, reason: string): Promise<boolean>;
  undo(): void;
  reload(): void;
}

/**
 * Candidates that wait for this person's word, one after the other. Only what the server gives to somebody who is to judge
 * blind is ever kept: of the answer to a word, which says what the other had said, nothing but the id of the own one.
 *
 * @param first the one to begin with
 */
export function useSecondLook(me: string | undefined, stamp: string, first: string | null): SecondLook {
  const [waiting, setWaiting] = useState<{ ids: readonly string[]; more: boolean }>();
  const [later, setLater] = useState<readonly string[]>([]);
  const [candidate, setCandidate] = useState<CandidateDetail | null>();
  const [said, setSaid] = useState<{ candidate: string; word: string }>();
  const [looked, setLooked] = useState(false);
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const [unshown, setUnshown] = useState<ApiError>();
  const [turn, setTurn] = useState(0);
  const [retries, setRetries] = useState(0);
  /** What is shown was refused, and is another by now: nothing is said of it before it has come again. */
  const [stale, setStale] = useState(false);
  const failed = useRef(false);
  const wanted = useRef(first);
  /** While a word is under way, a list may have been made before it or after. */
  const acting = useRef(false);
  const onScreen = useRef<string>(undefined);
  const reload = () => setTurn((now) => now + 1);

  useLoad('waiting', stamp, turn, async (signal) => {
    try {
      const { candidates, next } = await getJson<CandidatePage>(
        `${routes.candidates}${query({ standing: 'secondLook', limit: PAGE })}`,
        signal,
      );
      if (signal.aborted || acting.current) return;
      setError(undefined);
      const ids = candidates.map(({ id }: Candidate) => id);
      // The one that was asked for by its address may stand on another page; whether it waits its own answer says.
      const asked = wanted.current;
      if (asked !== null && !ids.includes(asked)) ids.unshift(asked);
      if (onScreen.current !== undefined && !ids.includes(onScreen.current)) setNote(text.notWaiting);
      setWaiting({ ids, more: next !== null });
      // One that could not be shown is asked for again; of one that is shown every look is written down.
      if (failed.current) setRetries((now) => now + 1);
    } catch (problem) {
      if (!signal.aborted) setError(problem as ApiError);
    }
  });

  // The one on the screen stays there when others come: a word that is about to be said must not be said of another.
  const place = (id: string) => {
    if (id === wanted.current) return -3;
    const putOff = later.indexOf(id);
    return putOff < 0 && id === candidate?.id ? -2 : putOff;
  };
  const ids = waiting?.ids.toSorted((one, two) => place(one) - place(two));
  const current = ids?.[0];
  const known = ids !== undefined;
  useLayoutEffect(() => {
    onScreen.current = candidate?.id === current ? current : undefined;
  });
  const without = (id: string) =>
    setWaiting((now) => now && { ...now, ids: now.ids.filter((one) => one !== id) });
  /** It waits for nobody's word, or not for this person's. */
  const pass = (id: string) => {
    if (wanted.current === id) {
      wanted.current = null;
      setNote(text.notWaiting);
    }
    setUnshown(undefined);
    without(id);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was refused, or could not be shown, is asked for again
  useEffect(() => {
    if (!known) return;
    failed.current = false;
    if (current === undefined) {
      setUnshown(undefined);
      setStale(false);
      return setCandidate(null);
    }
    const abort = new AbortController();
    getJson<CandidateDetail>(routes.candidate(current), abort.signal).then(
      (detail) => {
        // Somebody else was faster: it is to be judged blind no longer.
        setUnshown(undefined);
        if (!detail.blind) return pass(current);
        setCandidate(detail);
        setStale(false);
      },
      (problem: ApiError) => {
        if (abort.signal.aborted) return;
        if (problem.status === 404) return pass(current);
        failed.current = true;
        setUnshown(problem);
      },
    );
    return () => abort.abort();
  }, [current, known, retries]);

  const shown = useShown();
  const act = async (does: () => Promise<void>): Promise<boolean> => {
    acting.current = true;
    setBusy(true);
    try {
      await does();
      return true;
    } catch (problem) {
      const { message } = problem as ApiError;
      if (!shown()) notify(`${strings.review.notSaved} ${message}`, 'error');
      setNote(message);
      // It may be another than was shown by now.
      setStale(true);
      setRetries((now) => now + 1);
      return false;
    } finally {
      acting.current = false;
      setBusy(false);
      reload();
    }
  };
  const say = async (word: CandidateWord, reason: string) => {
    if (candidate == null) return false;
    const { id, version } = candidate;
    return act(async () => {
      const answer = await send<CandidateDetail>('PUT', routes.candidateWord(id), {
        word,
        ...(reason !== '' && { reason }),
        version,
      });
      if (wanted.current === id) wanted.current = null;
      const own = answer?.words.findLast(({ by }) => by === me)?.id;
      setSaid(own === undefined ? undefined : { candidate: id, word: own });
      setLooked(true);
      if (word === 'later') {
        setLater((now) => [...now.filter((one) => one !== id), id]);
        // Where there is no other, it is the one to be judged again: as it is after this word.
        setStale(true);
        setRetries((now) => now + 1);
      } else without(id);
      setNote(word === 'later' ? text.putOff : text.noted);
    });
  };
  const undo = () => {
    if (said === undefined || busy) return;
    void act(async () => {
      await send('POST', routes.candidateWordUndo(said.word), {});
      // Not before: it waits for a word only now.
      wanted.current = said.candidate;
      setSaid(undefined);
      setLater((now) => now.filter((one) => one !== said.candidate));
      setNote(strings.candidate.undone);
    });
  };
  return {
    candidate: candidate == null || candidate.id === current ? candidate : undefined,
    left: ids?.length ?? 0,
    more: waiting?.more ?? false,
    looked,
    note,
    busy: busy || stale,
    error: error ?? unshown,
    mayUndo: said !== undefined,
    say,
    undo,
    reload,
  };
}
