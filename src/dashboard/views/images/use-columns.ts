import { type RefObject, useLayoutEffect, useState } from 'react';
import { BOX, type Density, SHAPES } from './density.ts';

interface Columns {
  columns: number;
  rowHeight: number;
  gap: number;
  /** Where the grid begins, from the top of the page. */
  offset: number;
}

/** CSS pixels: narrower grids are those of a phone. */
const PHONE = 560;

/** As many columns as fit, measured again whenever the grid changes its size or its place. */
export function useColumns(list: RefObject<HTMLElement | null>, density: Density): Columns {
  const [shape, setShape] = useState<Columns>({ columns: 4, rowHeight: 260, gap: 20, offset: 0 });
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    const { tile: least, words, phone } = SHAPES[density];
    const measure = () => {
      const width = element.clientWidth;
      const gap = density === 'small' ? 6 : width < PHONE ? 12 : 20;
      const columns = Math.max(phone, Math.floor((width + gap) / (least + gap)));
      const tile = (width - gap * (columns - 1)) / columns;
      const rowHeight = Math.round(tile / BOX + words);
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
  }, [list, density]);
  return shape;
}
