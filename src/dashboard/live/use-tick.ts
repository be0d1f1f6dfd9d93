import { useEffect, useState } from 'react';

/** Grows every so often while `on` and the page is looked at: for what no stamp tells of. */
export function useTick(everyMs: number, on: boolean): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    if (!on) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setTick((now) => now + 1);
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, on]);
  return tick;
}
