import { useCommands } from '../../live/commands.ts';
import { useKeys } from '../../live/keys.ts';
import { isMirrored } from '../../live/mirrored.ts';
import { cameFromGrid, go, href, imageHref } from '../../live/router.ts';
import { Icon } from '../../parts/icon.tsx';
import { strings } from '../../strings.ts';
import { neighbours } from '../images/use-image-pages.ts';

const text = strings.image;

/** Where the grid was the entry before, it is shown with its filters. */
function back(): void {
  if (cameFromGrid() && history.length > 1) history.back();
  else go(href(['images']));
}

/** Stepping replaces the entry, so that "back" still leads to the grid. */
const stepTo = (id: string): void => location.replace(imageHref(id));

/** Back to the grid as it was, and along it. */
export function ImageNav({ id }: { id: string }) {
  const { previous, next } = neighbours(id);
  const toPrevious = () => previous !== undefined && stepTo(previous);
  const toNext = () => next !== undefined && stepTo(next);
  const keys = [
    { keys: ['k'], does: text.keys.previous, run: toPrevious },
    { keys: ['j'], does: text.keys.next, run: toNext },
    { keys: ['ArrowLeft'], does: text.keys.previous, run: () => (isMirrored() ? toNext() : toPrevious()) },
    { keys: ['ArrowRight'], does: text.keys.next, run: () => (isMirrored() ? toPrevious() : toNext()) },
    { keys: ['Escape'], does: text.keys.back, run: back },
  ];
  useKeys(text.back, keys);
  useCommands(text.back, [
    ...(next === undefined ? [] : [{ label: text.keys.next, key: 'j', run: toNext }]),
    ...(previous === undefined ? [] : [{ label: text.keys.previous, key: 'k', run: toPrevious }]),
    { label: text.keys.back, key: 'Esc', run: back },
  ]);
  const onStep = (event: React.MouseEvent, to: string) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    stepTo(to);
  };
  return (
    <nav className="image-nav" aria-label={text.back}>
      <a
        href={href(['images'])}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          back();
        }}
      >
        <Icon name="back" />
        {text.back}
      </a>
      <span className="image-nav-steps">
        {previous !== undefined && (
          <a href={imageHref(previous)} aria-keyshortcuts="k" onClick={(event) => onStep(event, previous)}>
            {text.previous}
          </a>
        )}
        {next !== undefined && (
          <a href={imageHref(next)} aria-keyshortcuts="j" onClick={(event) => onStep(event, next)}>
            {text.next}
          </a>
        )}
      </span>
    </nav>
  );
}
