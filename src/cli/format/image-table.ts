import type { StoredImage } from '../../results/rows.ts';
import { addedOutputLines, type StepWords } from './added-outputs.ts';
import { imageCells } from './image-cells.ts';
import { NOT_LOOKED } from './not-looked.ts';
import { shorten } from './printable.ts';
import { table } from './table.ts';

const TEXT_LENGTH = 120;

/**
 * Many images as a table: what `results` shows, and the summary after a submission.
 *
 * @param wordsOf how the steps that somebody has added call what they found
 */
export function imageTable(
  images: readonly StoredImage[],
  wordsOf: (step: string) => StepWords | undefined = () => undefined,
  width?: number,
): string {
  const added = images.map(({ jobOutput }) => addedOutputLines(jobOutput, wordsOf));
  const more = added.some((lines) => lines.length > 0);
  const rows = images.map((image, index) => {
    const { name, status, tags, text, faces, matches, not } = imageCells(image, TEXT_LENGTH);
    const lines = (added[index] ?? []).map((line) => shorten(line, TEXT_LENGTH));
    return [
      ...[name, status, tags || not.tags, text || not.text],
      ...[faces || (not.faces === '' ? '0' : not.faces), matches.join('\n') || not.matches],
      ...(more ? [lines.join('\n')] : []),
    ];
  });
  const head = ['Image', 'Status', 'Tags', 'Text', 'Faces', 'Possible matches', ...(more ? ['Also'] : [])];
  const shown = table(head, rows, width);
  return rows.flat().includes(NOT_LOOKED)
    ? `${shown}\n${NOT_LOOKED} not looked for, or not possible: "imaginem why <image>" says why.`
    : shown;
}
