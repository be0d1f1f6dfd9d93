import { type RefObject, useLayoutEffect, useState } from 'react';

/** CSS pixels. Tiles are never narrower than this, except on a phone, which has two columns. */
const MIN_TILE = 232;
const WORDS = 64;

export interface Columns {
  columns: number;
  rowHeight: number;
  gap: number;
  /** Where the grid begins, from the top of the page. */
  offset: number;
}

/** As many columns as fit, measured again whenever the grid changes its size or its place. */
export function useColumns(list: RefObject<HTMLElement | null>): Columns {
  const [shape, setShape] = useState<Columns>({ columns: 4, rowHeight: 260, gap: 20, offset: 0 });
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    const measure = () => {
      const width = element.clientWidth;
      const gap = width < 560 ? 12 : 20;
      const columns = Math.max(2, Math.floor((width + gap) / (MIN_TILE + gap)));
      const tile = (width - gap * (columns - 1)) / columns;
      const rowHeight = Math.round(tile * 0.8 + WORDS);
      const offset = Math.round(element.getBoundingClientRect().top + window.scrollY);
      setShape((now) =>
        now.columns === columns && now.rowHeight === rowHeight && now.gap === gap && now.offset === offset
          ? now
          : { columns, rowHeight, gap, offset },
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [list]);
  return shape;
}
