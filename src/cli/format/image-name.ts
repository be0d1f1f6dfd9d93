import { inputNameOf } from '../../storage/input-name.ts';
import { printable } from './printable.ts';

/** The blob name in an address of the input container, as people dropped it; any other address as it is. */
export function imageName(imageUrl: string): string {
  return printable(inputNameOf(imageUrl) ?? imageUrl);
}
