import { href, imageHref } from '../../live/router.ts';
import { Icon } from '../../parts/icon.tsx';
import { strings } from '../../strings.ts';
import { neighbours } from '../images/use-image-pages.ts';

/** Back to the grid as it was, and along it. */
export function ImageNav({ id }: { id: string }) {
  const { previous, next } = neighbours(id);
  return (
    <nav className="image-nav" aria-label={strings.image.back}>
      <a
        href={href(['images'])}
        onClick={(event) => {
          // Where the grid was the entry before, it is shown with its filters.
          if (previous === undefined && next === undefined) return;
          if (history.length < 2) return;
          event.preventDefault();
          history.back();
        }}
      >
        <Icon name="back" />
        {strings.image.back}
      </a>
      <span className="image-nav-steps">
        {previous !== undefined && (
          <a href={imageHref(previous)} onClick={(event) => stepTo(event, previous)}>
            {strings.image.previous}
          </a>
        )}
        {next !== undefined && (
          <a href={imageHref(next)} onClick={(event) => stepTo(event, next)}>
            {strings.image.next}
          </a>
        )}
      </span>
    </nav>
  );
}

/** Stepping replaces the entry, so that "back" still leads to the grid. */
function stepTo(event: React.MouseEvent, id: string): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  location.replace(imageHref(id));
}
