import type { StoredImage } from '../../results/rows.ts';
import { imageCells } from './image-cells.ts';
import { table } from './table.ts';

const TEXT_LENGTH = 120;

/** Many images as a table: what `results` shows, and the summary after a submission. */
export function imageTable(images: readonly StoredImage[], width?: number): string {
  const rows = images.map((image) => {
    const { name, status, tags, text, faces, matches } = imageCells(image, TEXT_LENGTH);
    return [name, status, tags, text, faces, matches.join('\n')];
  });
  return table(['Image', 'Status', 'Tags', 'Text', 'Faces', 'Possible matches'], rows, width);
}
