import path from 'node:path';
import { count } from '../format/count.ts';
import { printable } from '../format/printable.ts';
import type { Found } from './find-files.ts';
import type { Submitted } from './upload.ts';

/** Files left out that are named; of more, some and their number. */
const NAMED = 3;

/** Nothing is passed over in silence. @returns no line where nothing is left out */
export function leftOutLines({ leftOut, passedOver, files }: Found): string[] {
  const lines: string[] = [];
  if (leftOut.length > 0) {
    const some = leftOut.slice(0, NAMED).map((file) => printable(path.basename(file)));
    lines.push(
      leftOut.length > NAMED
        ? `${count(leftOut.length, 'other file')} left out, for they are no images (${some.join(', ')} ...).`
        : `Left out, for they are no images: ${some.join(', ')}.`,
    );
  }
  if (passedOver.size > 0) {
    const all = [...passedOver.values()].reduce((sum, number) => sum + number, 0);
    const names = [...passedOver.keys()].map(printable).join(', ');
    lines.push(`Passed over, hidden or of the system: ${count(all, 'file')} (${names})`);
  }
  for (const { path, blobName, originalName } of files) {
    if (originalName === undefined) continue;
    lines.push(`Not UTF-8, stored as "${printable(blobName)}": ${printable(path)} (${originalName})`);
  }
  return lines;
}

/** The engine loads its networks with the first image. */
export const WARMING_UP =
  'Nothing is through yet. After a start the first image takes longest, up to half a minute: the engine loads its networks.';

export function submittedLine(submitted: readonly Submitted[]): string {
  const again = submitted.filter((one) => one.again).length;
  const there = submitted.filter((one) => one.there && !one.again).length;
  const parts = [
    there === 0 ? '' : `${there} there already, with the same content: not done again`,
    again === 0 ? '' : `${again} rejected before: looked at once more`,
  ].filter((part) => part !== '');
  return `Submitted ${count(submitted.length, 'image')}${parts.length === 0 ? '' : ` (${parts.join('; ')})`}.`;
}
