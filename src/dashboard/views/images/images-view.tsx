import { useDeferredValue, useEffect } from 'react';
import { useStamp } from '../../live/live.ts';
import { go, href } from '../../live/router.ts';
import { useTitle } from '../../live/use-title.ts';
import { ErrorMessage } from '../../parts/error-message.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Message } from '../../parts/message.tsx';
import { Spinner } from '../../parts/spinner.tsx';
import { strings } from '../../strings.ts';
import { FilterBar } from './filter-bar.tsx';
import { apiQuery } from './filters.ts';
import { ImageGrid } from './image-grid.tsx';
import { TagChips } from './tag-chips.tsx';
import { useImagePages } from './use-image-pages.ts';
import './images.css';

export function ImagesView({ search }: { search: URLSearchParams }) {
  useTitle(strings.images.title);
  const query = useDeferredValue(apiQuery(search));
  const { images, more, error, loadMore, reload } = useImagePages(query, useStamp());
  const filtered = query !== '';
  const change = (next: URLSearchParams, replace = false) => go(href(['images'], next), replace);
  const none = images?.length === 0;
  // Where conditions rarely meet, a page may be empty and yet not be the last one.
  useEffect(() => {
    if (none && more && error === undefined) loadMore();
  }, [none, more, error, loadMore]);

  return (
    <div className="view images-view">
      <h1 className="visually-hidden">{strings.images.title}</h1>
      <search className="filters" aria-label={strings.images.filters}>
        <FilterBar search={search} onChange={change} />
        <TagChips search={search} onChange={change} />
      </search>
      <div className="count-bar">
        <p className="count" role="status">
          {images !== undefined && images.length > 0 && strings.images.count(images.length, more)}
          {filtered && (
            <button type="button" className="link" onClick={() => change(new URLSearchParams())}>
              {strings.images.clear}
            </button>
          )}
        </p>
        <a className="find-link" href={href(['find'])}>
          <Icon name="face" />
          {strings.find.link}
        </a>
      </div>
      {error !== undefined && <ErrorMessage error={error} onRetry={reload} />}
      {(images === undefined || (none && more)) && error === undefined && <Spinner />}
      {none &&
        !more &&
        (filtered ? (
          <Message title={strings.images.noneTitle} text={strings.images.none} />
        ) : (
          <Message title={strings.images.emptyTitle} text={strings.images.empty}>
            <a className="button primary" href={href(['upload'])}>
              {strings.images.emptyAction}
            </a>
          </Message>
        ))}
      {images !== undefined && images.length > 0 && (
        <ImageGrid key={query} images={images} more={more} onMore={loadMore} />
      )}
    </div>
  );
}
