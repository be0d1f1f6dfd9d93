import { useDeferredValue, useEffect, useState } from 'react';
import type { ImageFacets } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { useCommands } from '../../live/commands.ts';
import { useKeys } from '../../live/keys.ts';
import { useStamp } from '../../live/live.ts';
import { go, href } from '../../live/router.ts';
import { useResource } from '../../live/use-resource.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Message } from '../../parts/message.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { strings } from '../../strings.ts';
import { ActiveFilters, activeFilters } from './active-filters.tsx';
import { firstDensity } from './density.ts';
import { DensitySwitch } from './density-switch.tsx';
import { FilterBar } from './filter-bar.tsx';
import { apiQuery } from './filters.ts';
import { ImageGrid } from './image-grid.tsx';
import { SelectionBar } from './selection-bar.tsx';
import { TagChips } from './tag-chips.tsx';
import { useImagePages } from './use-image-pages.ts';
import { type Selecting, useSelection } from './use-selection.ts';
import './images.css';

const text = strings.images;

/** What the keys and the palette do with a selection. */
function useSelectionKeys(selecting: Selecting): void {
  useKeys(text.title, [
    { keys: ['ArrowLeft', 'ArrowUp', 'ArrowDown', 'ArrowRight'], does: text.keys.move },
    { keys: ['Enter'], does: text.keys.open },
    { keys: ['x', ' '], does: text.keys.select },
    { keys: ['Shift'], does: text.keys.extend },
    { keys: ['a'], does: text.keys.all, run: selecting.all },
    ...(selecting.on ? [{ keys: ['Escape'], does: text.keys.none, run: () => selecting.clear() }] : []),
  ]);
  useCommands(text.title, [
    { label: text.keys.all, key: 'a', run: selecting.all },
    { label: strings.selection.start, run: selecting.begin },
    ...(selecting.on ? [{ label: text.keys.none, key: 'Esc', run: () => selecting.clear() }] : []),
  ]);
}

export function ImagesView({ search }: { search: URLSearchParams }) {
  useTitle(text.title);
  const query = useDeferredValue(apiQuery(search));
  const stamp = useStamp();
  const { images, more, error, loadMore, reload } = useImagePages(query, stamp);
  const facets = useResource<ImageFacets>(
    `${routes.imageFacets}?${query}${query === '' ? '' : '&'}limit=80`,
    stamp,
  ).data;
  const [density, setDensity] = useState(firstDensity);
  const total = Math.max(facets?.images ?? 0, images?.length ?? 0);
  const uncertain = facets?.imagesIsMinimum ?? more;
  const selecting = useSelection(images ?? [], query, total);
  useSelectionKeys(selecting);
  const filtered = query !== '';
  const change = (next: URLSearchParams, replace = false) => go(href(['images'], next), replace);
  const none = images?.length === 0;
  // Where conditions rarely meet, a page may be empty and yet not be the last one.
  useEffect(() => {
    if (none && more && error === undefined) loadMore();
  }, [none, more, error, loadMore]);
  const batches = [...new Set(images?.filter(({ id }) => selecting.has(id)).map(({ batchId }) => batchId))];

  return (
    <div className="view images-view" data-selecting={selecting.on || undefined}>
      <h1 className="visually-hidden">{text.title}</h1>
      <search className="filters" aria-label={text.filters}>
        <FilterBar
          search={search}
          onChange={change}
          set={activeFilters(search).length}
          tools={
            <>
              <DensitySwitch density={density} onChange={setDensity} />
              <button
                type="button"
                className="button select-toggle"
                aria-pressed={selecting.on}
                onClick={() => (selecting.on ? selecting.clear() : selecting.begin())}
              >
                {strings.selection.start}
              </button>
            </>
          }
        >
          <TagChips search={search} onChange={change} facets={facets} />
        </FilterBar>
      </search>
      <div className="count-bar">
        <p className="count" role="status">
          {images !== undefined && total > 0 && text.count(total, uncertain)}
        </p>
        <ActiveFilters search={search} onChange={change} />
        {filtered && (
          <button type="button" className="link" onClick={() => change(new URLSearchParams())}>
            {text.clear}
          </button>
        )}
      </div>
      {error !== undefined && <ErrorMessage error={error} onRetry={reload} />}
      {(images === undefined || (none && more)) && error === undefined && (
        <Skeleton form="tiles" count={12} />
      )}
      {none &&
        !more &&
        (filtered ? (
          <Message title={text.noneTitle} text={text.none} />
        ) : (
          <Message title={text.emptyTitle} text={text.empty}>
            <a className="button primary" href={href(['upload'])}>
              {text.emptyAction}
            </a>
          </Message>
        ))}
      {images !== undefined && images.length > 0 && (
        <ImageGrid
          key={query}
          images={images}
          more={more}
          density={density}
          selecting={selecting}
          onMore={loadMore}
        />
      )}
      {selecting.on && (
        <SelectionBar
          selecting={selecting}
          total={total}
          more={uncertain}
          batches={batches}
          onDone={reload}
        />
      )}
    </div>
  );
}
