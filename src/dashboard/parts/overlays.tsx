import { lazy, Suspense, useEffect } from 'react';
import { useKeys } from '../live/keys.ts';
import { go, href, usePlace } from '../live/router.ts';
import { strings } from '../strings.ts';
import { KeysHelp } from './keys-help.tsx';
import { closeOverlay, openKeys, openPalette, useOverlay } from './palette-open.ts';

/** Loaded when it is first asked for: most visits need no palette. */
const Palette = lazy(() => import('./palette.tsx'));

/** Puts the cursor into the search of the images, wherever one is. */
function search(): void {
  const box = () => document.querySelector<HTMLInputElement>('.search-box input');
  if (box() === null) go(href(['images']));
  // The view has to be there first.
  const focus = (tries: number) => {
    const found = box();
    if (found !== null) found.focus();
    else if (tries > 0) requestAnimationFrame(() => focus(tries - 1));
  };
  focus(60);
}

/** The palette and the list of keys, and the keys that open them. */
export function Overlays() {
  const overlay = useOverlay();
  const place = usePlace();
  // Another view, by whatever way one came there, is not to be hidden behind it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place is the reason
  useEffect(closeOverlay, [place]);
  useKeys(strings.keys.everywhere, [
    { keys: ['/'], does: strings.keys.search, run: search },
    { keys: ['?'], does: strings.keys.help, run: openKeys },
  ]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (
        event.key.toLowerCase() !== 'k' ||
        !(event.ctrlKey || event.metaKey) ||
        event.altKey ||
        event.shiftKey
      )
        return;
      event.preventDefault();
      if (document.querySelector('dialog[open]') === null) openPalette();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <>
      {overlay === 'palette' && (
        <Suspense>
          <Palette />
        </Suspense>
      )}
      {overlay === 'keys' && <KeysHelp />}
    </>
  );
}
