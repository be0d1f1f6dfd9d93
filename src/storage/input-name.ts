import { containers } from './names.ts';

/** The blob name that an address of the input container holds, whatever the account; undefined where it is elsewhere. */
export function inputNameOf(imageUrl: string): string | undefined {
  if (!URL.canParse(imageUrl)) return undefined;
  const [, encoded] = new URL(imageUrl).pathname.split(`/${containers.input}/`);
  if (!encoded) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
