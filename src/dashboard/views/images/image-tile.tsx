import { type CSSProperties, type MouseEvent, memo, useState } from 'react';
import type { ImageSummary } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { imageHref } from '../../live/router.ts';
import { cropPosition } from '../../parts/crop-position.ts';
import { Icon } from '../../parts/icon.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { strings } from '../../strings.ts';
import { BOX } from './density.ts';

interface ImageTileProps {
  image: ImageSummary;
  index: number;
  /** -1 while nobody knows how many there are. */
  count: number;
  current: boolean;
  selected: boolean;
  /** Whether any is chosen, so that a click chooses. */
  selecting: boolean;
  style: CSSProperties;
  onFocus(): void;
  onOpen(): void;
  onSelect(range: boolean): void;
}

/** What is told of an image by its tile: never more than its file name and the machine's caption. */
const altText = (image: { name: string; caption: string | null }): string =>
  image.caption ?? strings.image.alt(image.name);

function Picture({ image }: { image: ImageSummary }) {
  const [broken, setBroken] = useState(false);
  const gone = image.status === 'gone' || image.status === 'rejected' || image.status === 'superseded';
  if (gone || broken) {
    return (
      <span className="tile-none" role="img" aria-label={strings.image.alt(image.name)}>
        <Icon name="images" />
        <span aria-hidden="true">{strings.images.noPicture}</span>
      </span>
    );
  }
  return (
    <img
      src={routes.imageThumbnail(image.id)}
      alt={altText(image)}
      style={{ objectPosition: cropPosition(image, BOX) }}
      loading="lazy"
      decoding="async"
      draggable={false}
      onError={() => setBroken(true)}
    />
  );
}

function Facts({ image }: { image: ImageSummary }) {
  return (
    <span className="tile-facts">
      {image.status !== 'done' && <StatusMark status={image.status} />}
      {image.warningCodes.length > 0 && (
        <span className="tile-warned" title={strings.images.warned}>
          <Icon name="warning" />
          <span className="visually-hidden">{strings.images.warned}</span>
        </span>
      )}
      <span className="tile-batch" title={`${strings.images.batch}: ${image.batchId}`}>
        <bdi>{image.batchId}</bdi>
      </span>
      {image.faceCount > 0 && <span>{strings.common.faces(image.faceCount)}</span>}
      <span className="tile-tags">{image.tags.map((tag) => tag.name).join(' · ')}</span>
    </span>
  );
}

export const ImageTile = memo(
  function ImageTile(props: ImageTileProps) {
    const { image, index, count, current, selected, selecting, style, onFocus, onOpen, onSelect } = props;
    const onClick = (event: MouseEvent) => {
      // Another tab or window is the browser's; Enter (no click was counted) always opens.
      if (event.ctrlKey || event.metaKey || event.detail === 0) return event.detail === 0 && onOpen();
      if (event.shiftKey || selecting) {
        event.preventDefault();
        return onSelect(event.shiftKey);
      }
      return onOpen();
    };
    return (
      <li
        className="tile"
        data-index={index}
        data-selected={selected || undefined}
        style={style}
        aria-setsize={count}
        aria-posinset={index + 1}
      >
        <a href={imageHref(image.id)} tabIndex={current ? 0 : -1} onFocus={onFocus} onClick={onClick}>
          <span className="tile-picture">
            <Picture image={image} />
            {image.matchCount > 0 && (
              <span className="tile-match" title={strings.common.possibleMatches(image.matchCount)}>
                <Icon name="pair" />
                <span aria-hidden="true">{image.matchCount}</span>
                <span className="visually-hidden">{strings.common.possibleMatches(image.matchCount)}</span>
              </span>
            )}
          </span>
          <span className="tile-words">
            <span className="tile-name">
              <bdi>{image.name}</bdi>
            </span>
            <Facts image={image} />
          </span>
        </a>
        <input
          type="checkbox"
          className="tile-check"
          checked={selected}
          tabIndex={-1}
          aria-label={strings.selection.select(image.name)}
          onChange={(event) =>
            onSelect((event.nativeEvent as unknown as { shiftKey?: boolean }).shiftKey === true)
          }
        />
      </li>
    );
  },
  (a, b) =>
    a.image === b.image &&
    a.index === b.index &&
    a.count === b.count &&
    a.current === b.current &&
    a.selected === b.selected &&
    a.selecting === b.selecting &&
    a.style.transform === b.style.transform &&
    a.style.inlineSize === b.style.inlineSize &&
    a.style.blockSize === b.style.blockSize &&
    a.style.insetInlineStart === b.style.insetInlineStart,
);
