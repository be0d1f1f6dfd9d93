import { useLayoutEffect, useRef, useState } from 'react';
import { notify } from '../../live/notices.ts';
import { useAct } from '../../live/use-act.ts';
import { useShown } from '../../live/use-shown.ts';
import { strings } from '../../strings.ts';
import type { Done } from './acts.ts';

export interface Acted {
  last: Done | undefined;
  busy: boolean;
  /** @param to what it was done to, as it was read; all that is shown where absent */
  take(done: Done, to?: readonly unknown[]): void;
  /** Whether something was done to it that is not shown yet: what is asked of it now would be asked of something else. */
  isOver(one: unknown): boolean;
  undo(): void;
  /** For an act to be told of while it is under way. */
  during(work: Promise<Done>): Promise<Done>;
  /** Whether anything is under way, also what was begun in a form that is closed by now. */
  underWay: boolean;
}

/**
 * The last thing that was done here, until it is taken back.
 *
 * @param onChange what is shown is no longer so: by what was done, or because it was taken back
 * @param of what is shown, as it was read: another object once it has been read again
 * @param before what was done where one comes from, and led here
 */
export function useDone(
  onChange: (done?: Done) => void,
  of: unknown,
  before?: () => Done | undefined,
): Acted {
  const [last, setLast] = useState<Done | undefined>(before);
  const [over, setOver] = useState<readonly unknown[]>([]);
  const { busy, running, act } = useAct(of, onChange);
  const now = useRef(of);
  useLayoutEffect(() => {
    now.current = of;
  });
  const shown = useShown();
  const [works, setWorks] = useState(0);
  const undo = () => {
    if (last === undefined) return;
    void act(last.undo, {
      done: () => {
        // Not what was done since.
        setLast((now) => (now === last ? undefined : now));
        notify(strings.people.undone);
      },
    });
  };
  return {
    last,
    busy,
    isOver: (one) => busy || over.includes(one),
    take: (done, to = [now.current]) => {
      setOver(to);
      // Where there is no place for it any more it is said all the same.
      if (!shown()) notify(done.says);
      setLast(done);
      onChange(done);
    },
    undo,
    during: async (work) => {
      setWorks((now) => now + 1);
      try {
        return await work;
      } finally {
        setWorks((now) => now - 1);
      }
    },
    underWay: running || works > 0,
  };
}
