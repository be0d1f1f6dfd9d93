import { type DragEvent, useState } from 'react';

/** What an element needs so that files can be dropped on it. */
interface DropTarget {
  'data-over': true | undefined;
  onDragEnter(event: DragEvent): void;
  onDragOver(event: DragEvent): void;
  onDragLeave(event: DragEvent): void;
  onDrop(event: DragEvent): void;
}

/** @param onDrop called within the drop event: what it carries is void after it */
export function useDrop(disabled: boolean, onDrop: (transfer: DataTransfer) => void): DropTarget {
  const [over, setOver] = useState(false);
  const drag = (event: DragEvent, now: boolean) => {
    // Else the browser would leave the page and show the file.
    event.preventDefault();
    setOver(now && !disabled);
  };
  return {
    'data-over': over || undefined,
    onDragEnter: (event) => drag(event, true),
    onDragOver: (event) => drag(event, true),
    onDragLeave: (event) => drag(event, event.currentTarget.contains(event.relatedTarget as Node | null)),
    onDrop: (event) => {
      drag(event, false);
      if (!disabled) onDrop(event.dataTransfer);
    },
  };
}
