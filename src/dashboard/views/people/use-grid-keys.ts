import { type KeyboardEvent, useState } from 'react';
import { gridStep } from '../images/grid-step.ts';

/** Cells of a row, as they lie in the window now. */
function columnsOf(grid: HTMLElement): number {
  const cells = [...grid.children] as HTMLElement[];
  const top = cells[0]?.offsetTop;
  const next = cells.findIndex(({ offsetTop }) => offsetTop !== top);
  return next < 0 ? Math.max(1, cells.length) : next;
}

/** One cell of a grid has the place in the order of tabs; arrow keys move it, as in the grid of the photographs. */
export function useGridKeys(count: number, onChoose: (index: number) => void) {
  const [chosen, setCurrent] = useState(0);
  const current = Math.min(chosen, Math.max(0, count - 1));
  const onKeyDown = (event: KeyboardEvent<HTMLUListElement>) => {
    if (event.altKey || event.ctrlKey || event.metaKey || count === 0) return;
    if (event.key === ' ' || event.key === 'x') {
      event.preventDefault();
      onChoose(current);
      return;
    }
    const element = event.currentTarget;
    const rtl = getComputedStyle(element).direction === 'rtl';
    const next = gridStep(event.key, current, { columns: columnsOf(element), count, rtl });
    if (next === undefined) return;
    event.preventDefault();
    setCurrent(next);
    element.children[next]?.querySelector<HTMLElement>('[data-cell]')?.focus();
  };
  return { current, setCurrent, onKeyDown };
}
