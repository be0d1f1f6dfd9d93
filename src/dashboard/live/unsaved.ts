let unsaved = 0;
const ask = (event: BeforeUnloadEvent): void => event.preventDefault();

/** While something is under way that the person takes as done, the browser asks before it leaves the page: it would be lost. */
export async function untilSaved<T>(work: Promise<T>): Promise<T> {
  if (unsaved === 0) window.addEventListener('beforeunload', ask);
  unsaved += 1;
  try {
    return await work;
  } finally {
    unsaved -= 1;
    if (unsaved === 0) window.removeEventListener('beforeunload', ask);
  }
}
