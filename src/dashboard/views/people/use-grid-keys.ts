import type { KeyboardEvent } from 'react';
import { gridStep } from '../images/grid-step.ts';
import { useCurrent } from '../images/use-current.ts';

/** Cells of a row, as they lie in the window now. */
function columnsOf(grid: HTMLElement): number {
  const cells = [...grid.children] as HTMLElement[];
  const top = cells[0]?.offsetTop;
  const next = cells.findIndex(({ offsetTop }) => offsetTop !== top);
  return next < 0 ? Math.max(1, cells.length) : next;
}

/**
 * One cell of a grid has the place in the order of tabs; arrow keys move it, as in the grid of the photographs.
 *
 * @param ids of the cells, in their order
 */
export function useGridKeys(ids: readonly string[], onChoose: (id: string) => void) {
  const { current, setCurrent } = useCurrent(ids);
  const onKeyDown = (event: KeyboardEvent<HTMLUListElement>) => {
    const id = ids[current];
    if (event.altKey || event.ctrlKey || event.metaKey || id === undefined) return;
    if (event.key === ' ' || event.key === 'x') {
      event.preventDefault();
      onChoose(id);
      return;
    }
    const element = event.currentTarget;
    const rtl = getComputedStyle(element).direction === 'rtl';
    const next = gridStep(event.key, current, { columns: columnsOf(element), count: ids.length, rtl });
    if (next === undefined) return;
    event.preventDefault();
    setCurrent(next);
    element.children[next]?.querySelector<HTMLElement>('[data-cell]')?.focus();
  };
  return { current, setCurrent, onKeyDown };
}
