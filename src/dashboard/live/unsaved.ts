import { createStore, useStore } from './store.ts';

/** After so long somebody who waits for an answer is told that it is not there yet, in milliseconds. */
const LATE_MS = 10_000;
/** How much has no answer by then. */
const late = createStore(0);

/** Whether something that was done has waited for its answer for long. */
export const useLate = (): boolean => useStore(late) > 0;

let unsaved = 0;
const ask = (event: BeforeUnloadEvent): void => event.preventDefault();

/** While something is under way that the person takes as done, the browser asks before it leaves the page: it would be lost. */
export async function untilSaved<T>(work: Promise<T>): Promise<T> {
  if (unsaved === 0) window.addEventListener('beforeunload', ask);
  unsaved += 1;
  let isLate = false;
  const patience = setTimeout(() => {
    isLate = true;
    late.set((count) => count + 1);
  }, LATE_MS);
  try {
    return await work;
  } finally {
    clearTimeout(patience);
    if (isLate) late.set((count) => count - 1);
    unsaved -= 1;
    if (unsaved === 0) window.removeEventListener('beforeunload', ask);
  }
}
