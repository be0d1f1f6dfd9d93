import { useCallback, useEffect, useRef } from 'react';

/** Says whether who asks is still shown: while an answer is waited for, the person may have gone elsewhere, and is not called back. */
export function useShown(): () => boolean {
  const shown = useRef(true);
  useEffect(() => {
    shown.current = true;
    return () => {
      shown.current = false;
    };
  }, []);
  return useCallback(() => shown.current, []);
}
