import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useRef } from 'react';
import type { ImageSummary } from '../../../api/contract.ts';
import { strings } from '../../strings.ts';
import type { Density } from './density.ts';
import { gridStep } from './grid-step.ts';
import { ImageTile } from './image-tile.tsx';
import { useColumns } from './use-columns.ts';
import { useCurrent } from './use-current.ts';
import type { Selecting } from './use-selection.ts';

interface ImageGridProps {
  images: readonly ImageSummary[];
  more: boolean;
  density: Density;
  selecting: Selecting;
  onMore(): void;
}

/** CSS pixels: its height and some air. */
const HEADER = 80;

/** Where one was, so that "back" leads to the same photograph. */
let lastOpened: string | undefined;

/** Brings a row into the window, behind no header; with the first row comes what stands above it. All are of one height. */
function scrollTo(top: number, height: number, first: boolean): void {
  const { scrollY, innerHeight } = window;
  if (first) window.scrollTo({ top: 0 });
  else if (top - HEADER < scrollY) window.scrollTo({ top: top - HEADER });
  else if (top + height > scrollY + innerHeight) window.scrollTo({ top: top + height - innerHeight });
}

/** Only the rows near the window exist in the document: a million images scroll like a hundred. */
export function ImageGrid({ images, more, density, selecting, onMore }: ImageGridProps) {
  const list = useRef<HTMLUListElement>(null);
  const { columns, rowHeight, gap, offset } = useColumns(list, density);
  const rows = Math.ceil(images.length / columns);
  const ids = images.map(({ id }) => id);
  const { current, setCurrent } = useCurrent(ids, Math.max(0, ids.indexOf(lastOpened ?? '')));
  /** The tile that is to have the focus once it is there: the list may be drawn again before that one is current. */
  const wanted = useRef(current > 0 ? ids[current] : undefined);
  const isWanted = () => wanted.current !== undefined && wanted.current === ids[current];

  const virtualizer = useWindowVirtualizer({
    count: rows,
    estimateSize: () => rowHeight + gap,
    overscan: 3,
    scrollMargin: offset,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new size makes all measures void
  useLayoutEffect(() => virtualizer.measure(), [rowHeight, columns]);

  const items = virtualizer.getVirtualItems();
  const lastRow = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && lastRow >= rows - 4) onMore();
  }, [more, lastRow, rows, onMore]);

  const row = Math.floor(current / columns);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another row is a reason to scroll
  useEffect(() => {
    if (isWanted()) scrollTo(offset + row * (rowHeight + gap), rowHeight + gap, row === 0);
  }, [row]);
  useEffect(() => {
    if (!isWanted()) return;
    const tile = list.current?.querySelector<HTMLElement>(`[data-index="${current}"] a`);
    if (tile === null || tile === undefined) return;
    wanted.current = undefined;
    // Not away from whoever types a search meanwhile: their letters would choose photographs.
    const active = document.activeElement;
    if (active === null || active.contains(list.current) || list.current?.contains(active))
      tile.focus({ preventScroll: true });
  });

  /** Tiles are drawn anew only where they change, and so may hold what was handed to them before. */
  const latest = useRef(selecting);
  useLayoutEffect(() => {
    latest.current = selecting;
  });
  const select = useCallback((index: number, range: boolean) => {
    if (range) latest.current.extendTo(index);
    else latest.current.toggle(index);
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'x' || event.key === ' ') {
      event.preventDefault();
      selecting.toggle(current);
      return;
    }
    const rtl = getComputedStyle(event.currentTarget).direction === 'rtl';
    const next = gridStep(event.key, current, { columns, count: images.length, rtl });
    if (next === undefined) return;
    event.preventDefault();
    wanted.current = ids[next];
    setCurrent(next);
    if (event.shiftKey) selecting.extendTo(next);
  };

  return (
    <ul
      ref={list}
      className="grid"
      data-density={density}
      data-selecting={selecting.on || undefined}
      aria-label={`${strings.images.grid}. ${strings.images.gridHint}`}
      style={{ blockSize: virtualizer.getTotalSize() }}
      onKeyDown={onKeyDown}
    >
      {items.flatMap((item) =>
        images.slice(item.index * columns, (item.index + 1) * columns).map((image, column) => {
          const index = item.index * columns + column;
          return (
            <ImageTile
              key={image.id}
              image={image}
              index={index}
              count={more ? -1 : images.length}
              current={index === current}
              selected={selecting.has(image.id)}
              selecting={selecting.on}
              onSelect={(range) => select(index, range)}
              style={{
                transform: `translateY(${item.start - offset}px)`,
                inlineSize: `calc((100% - ${(columns - 1) * gap}px) / ${columns})`,
                insetInlineStart: `calc((100% + ${gap}px) / ${columns} * ${column})`,
                blockSize: rowHeight,
              }}
              onFocus={() => setCurrent(index)}
              onOpen={() => {
                lastOpened = image.id;
              }}
            />
          );
        }),
      )}
    </ul>
  );
}
