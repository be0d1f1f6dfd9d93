import type { Pages } from '../live/use-pages.ts';
import { strings } from '../strings.ts';

/** The way to the next page of a list, where there is one. */
export function MoreButton({ more, loadMore }: Pick<Pages<unknown>, 'more' | 'loadMore'>) {
  if (!more) return null;
  return (
    <button type="button" className="button" onClick={loadMore}>
      {strings.common.more}
    </button>
  );
}
