import { useLayoutEffect, useRef, useState } from 'react';
import { strings } from '../strings.ts';
import type { ApiError } from './client.ts';
import { notify } from './notices.ts';
import { useShown } from './use-shown.ts';

interface Outcome<T> {
  done?(result: T): void;
  /** In its place; absent where it is said as a notice. */
  failed?(problem: ApiError): void;
}

interface Acting {
  busy: boolean;
  /** From the press until its answer. */
  running: boolean;
  /** Nothing is done while another act is under way. @returns whether it was done */
  act<T>(work: () => Promise<T>, outcome?: Outcome<T>): Promise<boolean>;
}

/**
 * One act at a time, however often a key is pressed. What was not done is said where the person is by then.
 *
 * @param of what is acted on, as it was read; the screen shows it as it was before the act until it is read again, and until
 *   then nothing else is done to it. Absent where the act's own answer is what is shown.
 * @param readAgain called after every act, for who knows what came of one that failed
 */
export function useAct(of?: unknown, readAgain?: () => void): Acting {
  const [acted, setActed] = useState<{ on: unknown }>();
  const [running, setRunning] = useState(false);
  const underWay = useRef(false);
  const now = useRef(of);
  useLayoutEffect(() => {
    now.current = of;
  });
  const shown = useShown();
  const busy = running || (of !== undefined && acted?.on === of);
  const act = async <T>(work: () => Promise<T>, { done, failed }: Outcome<T> = {}): Promise<boolean> => {
    if (busy || underWay.current) return false;
    underWay.current = true;
    setRunning(true);
    try {
      const result = await work();
      done?.(result);
      return true;
    } catch (problem) {
      const { message } = problem as ApiError;
      if (!shown()) notify(`${strings.review.notSaved} ${message}`, 'error');
      else if (failed === undefined) notify(message, 'error');
      else failed(problem as ApiError);
      return false;
    } finally {
      underWay.current = false;
      setRunning(false);
      setActed({ on: now.current });
      readAgain?.();
    }
  };
  return { busy, running, act };
}
