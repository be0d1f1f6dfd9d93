import { count } from '../format/count.ts';
import { printable } from '../format/printable.ts';
import type { Submitted } from './upload.ts';

/** Nothing is passed over in silence. @returns no line where nothing is left out */
export function leftOutLines(leftOut: readonly string[]): string[] {
  if (leftOut.length === 0) return [];
  return [`Left out, not images by their names: ${leftOut.map(printable).join(', ')}`];
}

export function submittedLine(submitted: readonly Submitted[]): string {
  const there = submitted.filter((one) => one.there).length;
  const before = there === 0 ? '' : ` (${there} there already, with the same content: not done again)`;
  return `Submitted ${count(submitted.length, 'image')}${before}.`;
}
