import { createStore, useStore } from '../live/store.ts';

/** What stands over the page: one thing at a time. */
type Overlay = 'palette' | 'keys' | undefined;
const overlay = createStore<Overlay>(undefined);

export const useOverlay = (): Overlay => useStore(overlay);
export const openPalette = (): void => overlay.set('palette');
export const openKeys = (): void => overlay.set('keys');
export const closeOverlay = (): void => overlay.set(undefined);
