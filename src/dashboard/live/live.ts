import type { Live } from '../../api/contract.ts';
import { routes } from '../../api/routes.ts';
import { ApiError, getJson } from './client.ts';
import { createStore, useStore } from './store.ts';

/** Milliseconds between looks: with the age of an answer (`FRESH_MS` in the API) less than two seconds. */
export const EVERY_MS = 1500;
const AFTER_ERROR_MS = 4000;
/** A line that is down without saying so answers never. */
const PATIENCE_MS = 30_000;

interface LiveState {
  live: Live | undefined;
  reachable: boolean;
  /** Why the app cannot answer at all, where it says so itself. */
  refusal?: string;
  /** Grows whenever lists should be loaded again. */
  version: number;
  /** Grows whenever anything at all moves. */
  pulse: number;
}

const store = createStore<LiveState>({ live: undefined, reachable: true, version: 0, pulse: 0 });
let timer: ReturnType<typeof setTimeout> | undefined;
let asking = false;
let answers = 0;

const pulseOf = ({ stamp, queues, deadLetters: { count, latest } }: Live): string =>
  [stamp, ...queues.map((queue) => queue.messages), count, latest].join(' ');

function take(now: LiveState, live: Live): LiveState {
  answers += 1;
  // With the first answer a view has just asked for its own: what was written between the two is caught by the second.
  const anyway = answers === 2 || !now.reachable;
  const before = now.live ?? live;
  const version = now.version + (anyway || before.stamp !== live.stamp ? 1 : 0);
  const pulse = now.pulse + (version !== now.version || pulseOf(before) !== pulseOf(live) ? 1 : 0);
  if (pulse === now.pulse && JSON.stringify(now.live) === JSON.stringify(live)) return now;
  return { live, reachable: true, version, pulse };
}

async function look(): Promise<void> {
  clearTimeout(timer);
  if (asking) return;
  asking = true;
  let pause = EVERY_MS;
  const abort = new AbortController();
  const patience = setTimeout(() => abort.abort(), PATIENCE_MS);
  try {
    const live = await getJson<Live>(routes.live, abort.signal);
    store.set((now) => take(now, live));
  } catch (error) {
    pause = AFTER_ERROR_MS;
    const refusal = error instanceof ApiError && error.code === 'AppRefused' ? error.message : undefined;
    store.set((now) =>
      now.reachable || now.refusal !== refusal
        ? { ...now, reachable: false, ...(refusal !== undefined && { refusal }) }
        : now,
    );
  } finally {
    clearTimeout(patience);
    asking = false;
  }
  if (document.visibilityState === 'visible') timer = setTimeout(look, pause);
}

/** Polls the one cheap endpoint for as long as the tab is looked at. */
export function startLive(): void {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void look();
    else clearTimeout(timer);
  });
  void look();
}

/** Looks at once, after something this page did itself. */
export const lookNow = (): void => void look();

export const useLive = (): LiveState => useStore(store);

/** Changes whenever lists should be loaded again: results or decisions were written, or the connection is back. */
export const useStamp = (): string => String(useLive().version);

/** Changes whenever anything at all moves: queues and dead letters too. */
export const usePulse = (): string => String(useLive().pulse);

/** Messages in all queues together. */
export const underWay = (live: Live | undefined): number =>
  (live?.queues ?? []).reduce((sum, queue) => sum + queue.messages, 0);
