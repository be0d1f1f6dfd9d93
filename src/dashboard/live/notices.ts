import { createStore, useStore } from './store.ts';

/** Something that is to be seen wherever one is, and however far one has scrolled. */
interface Notice {
  id: number;
  text: string;
  kind: 'calm' | 'error';
}

const store = createStore<readonly Notice[]>([]);
let ids = 0;
/** What went well need not be put away by hand. */
const CALM_MS = 6000;

export function notify(text: string, kind: Notice['kind'] = 'calm'): void {
  const notice = { id: ids++, text, kind };
  store.set((all) => [...all.filter((one) => one.text !== text), notice].slice(-3));
  if (kind === 'calm') setTimeout(() => putAway(notice.id), CALM_MS);
}

export const putAway = (id: number): void => store.set((all) => all.filter((one) => one.id !== id));

export const useNotices = (): readonly Notice[] => useStore(store);
