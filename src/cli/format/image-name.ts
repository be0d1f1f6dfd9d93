import { containers } from '../../storage/names.ts';
import { printable } from './printable.ts';

/** The blob name in an address of the input container, as people dropped it; any other address as it is. */
export function imageName(imageUrl: string): string {
  return printable(blobNameOf(imageUrl) ?? imageUrl);
}

/** The blob name that an address of the input container holds, or undefined where it is elsewhere. */
export function blobNameOf(imageUrl: string): string | undefined {
  if (!URL.canParse(imageUrl)) return undefined;
  const [, encoded] = new URL(imageUrl).pathname.split(`/${containers.input}/`);
  if (!encoded) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
