import { createStore, useStore } from './store.ts';

export type Theme = 'auto' | 'light' | 'dark';
const KEY = 'imaginem-theme';

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : 'auto';
  } catch {
    return 'auto';
  }
}

const store = createStore<Theme>(stored());

function show(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
show(store.get());

export function setTheme(theme: Theme): void {
  store.set(theme);
  show(theme);
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Where storing is forbidden the choice lasts for this visit.
  }
}

export const useTheme = (): Theme => useStore(store);
