import type { Live } from '../../api/contract.ts';
import { routes } from '../../api/routes.ts';
import { getJson } from './client.ts';
import { createStore, useStore } from './store.ts';

/** Milliseconds between looks: with the age of an answer (`FRESH_MS` in the API) less than two seconds. */
export const EVERY_MS = 1500;
const AFTER_ERROR_MS = 4000;

export interface LiveState {
  live: Live | undefined;
  reachable: boolean;
}

const store = createStore<LiveState>({ live: undefined, reachable: true });
let timer: ReturnType<typeof setTimeout> | undefined;
let asking = false;

async function look(): Promise<void> {
  clearTimeout(timer);
  if (asking) return;
  asking = true;
  let pause = EVERY_MS;
  try {
    const live = await getJson<Live>(routes.live);
    store.set((now) =>
      now.reachable && JSON.stringify(now.live) === JSON.stringify(live) ? now : { live, reachable: true },
    );
  } catch {
    pause = AFTER_ERROR_MS;
    store.set((now) => (now.reachable ? { ...now, reachable: false } : now));
  } finally {
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

/** Changes whenever lists should be loaded again. */
export function useStamp(): string {
  const { live } = useLive();
  return live?.stamp ?? '';
}

/** Changes whenever anything at all moves: queues and dead letters too. */
export function usePulse(): string {
  const { live } = useLive();
  if (live === undefined) return '';
  const { count, latest } = live.deadLetters;
  return [live.stamp, ...live.queues.map((queue) => queue.messages), count, latest].join(' ');
}

/** Messages in all queues together. */
export const underWay = (live: Live | undefined): number =>
  (live?.queues ?? []).reduce((sum, queue) => sum + queue.messages, 0);
