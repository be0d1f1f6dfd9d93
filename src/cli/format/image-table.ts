import type { StoredImage } from '../../results/rows.ts';
import { imageCells } from './image-cells.ts';
import { NOT_LOOKED } from './not-looked.ts';
import { table } from './table.ts';

const TEXT_LENGTH = 120;

/** Many images as a table: what `results` shows, and the summary after a submission. */
export function imageTable(images: readonly StoredImage[], width?: number): string {
  const rows = images.map((image) => {
    const { name, status, tags, text, faces, matches, not } = imageCells(image, TEXT_LENGTH);
    return [
      ...[name, status, tags || not.tags, text || not.text],
      ...[faces || (not.faces === '' ? '0' : not.faces), matches.join('\n') || not.matches],
    ];
  });
  const shown = table(['Image', 'Status', 'Tags', 'Text', 'Faces', 'Possible matches'], rows, width);
  return rows.flat().includes(NOT_LOOKED)
    ? `${shown}\n${NOT_LOOKED} not looked for, or not possible: "imaginem why <image>" says why.`
    : shown;
}
