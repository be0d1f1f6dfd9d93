import { count } from '../format/count.ts';
import { printable } from '../format/printable.ts';
import type { Found } from './find-files.ts';
import type { Submitted } from './upload.ts';

/** Nothing is passed over in silence. @returns no line where nothing is left out */
export function leftOutLines({ leftOut, passedOver, files }: Found): string[] {
  const lines: string[] = [];
  if (leftOut.length > 0) {
    lines.push(`Left out, not images by their names: ${leftOut.map(printable).join(', ')}`);
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

export function submittedLine(submitted: readonly Submitted[]): string {
  const there = submitted.filter((one) => one.there).length;
  const before = there === 0 ? '' : ` (${there} there already, with the same content: not done again)`;
  return `Submitted ${count(submitted.length, 'image')}${before}.`;
}
