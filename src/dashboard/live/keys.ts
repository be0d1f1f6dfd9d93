import { useEffect, useLayoutEffect, useRef } from 'react';

/** What a key does where the page is now. */
interface KeyBinding {
  /** As events name them: `j`, `ArrowRight`, `Escape`. */
  keys: readonly string[];
  does: string;
  /** Absent where an element of the view takes the key itself, and only the list of keys tells of it. */
  run?(): void;
}

interface KeyGroup {
  title: string;
  bindings: readonly KeyBinding[];
}

interface Registered {
  title: string;
  now(): readonly KeyBinding[];
}

const registered = new Set<Registered>();

/** Where keys are letters of a text, or belong to whatever stands over the page. */
const isTaken = (target: EventTarget | null): boolean =>
  (target instanceof HTMLElement &&
    target.closest('input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]') !==
      null) ||
  document.querySelector('dialog[open]') !== null;

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || isTaken(event.target))
    return;
  // The view that came last is in front.
  for (const { now } of [...registered].reverse()) {
    const run = now().find(({ keys, run }) => run !== undefined && keys.includes(event.key))?.run;
    if (run === undefined) continue;
    event.preventDefault();
    if (!event.repeat || event.key.startsWith('Arrow')) run();
    return;
  }
}

/** Listens for as long as the page lives. */
export const startKeys = (): void => window.addEventListener('keydown', onKeyDown);

/** Gives keys a meaning while a view is shown; the list of keys (`?`) tells of them. */
export function useKeys(title: string, bindings: readonly KeyBinding[]): void {
  const latest = useRef(bindings);
  useLayoutEffect(() => {
    latest.current = bindings;
  });
  useEffect(() => {
    const own: Registered = { title, now: () => latest.current };
    registered.add(own);
    return () => void registered.delete(own);
  }, [title]);
}

/** Every key that means something now, the view's own first. */
export const keyGroups = (): KeyGroup[] =>
  [...registered]
    .reverse()
    .map(({ title, now }) => ({ title, bindings: now() }))
    .filter(({ bindings }) => bindings.length > 0);
