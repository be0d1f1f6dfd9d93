import { useState } from 'react';
import { notify } from '../../live/notices.ts';
import { strings } from '../../strings.ts';
import type { Done } from './acts.ts';

export interface Acted {
  last: Done | undefined;
  busy: boolean;
  take(done: Done): void;
  undo(): void;
}

/**
 * The last thing that was done here, until it is taken back.
 *
 * @param onChange what is shown is no longer so: by what was done, or because it was taken back
 * @param before what was done where one comes from, and led here
 */
export function useDone(onChange: (done?: Done) => void, before?: () => Done | undefined): Acted {
  const [last, setLast] = useState<Done | undefined>(before);
  const [busy, setBusy] = useState(false);
  const undo = async () => {
    if (last === undefined || busy) return;
    setBusy(true);
    try {
      await last.undo();
      setLast(undefined);
      notify(strings.people.undone);
    } catch (problem) {
      notify((problem as Error).message, 'error');
    } finally {
      setBusy(false);
      onChange();
    }
  };
  return {
    last,
    busy,
    take: (done) => {
      setLast(done);
      onChange(done);
    },
    undo: () => void undo(),
  };
}
