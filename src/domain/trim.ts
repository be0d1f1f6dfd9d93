/**
 * `text` without the characters of `set` at its end. A regular expression (`/[. ]+$/`) tries every run in the middle of the
 * text to its end, which is quadratic on a text made for it.
 *
 * @param set single UTF-16 units
 */
export function trimEndOf(text: string, set: string): string {
  let end = text.length;
  while (end > 0 && set.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** `text` without the characters of `set` at either end. */
export function trimOf(text: string, set: string): string {
  let start = 0;
  while (start < text.length && set.includes(text.charAt(start))) start++;
  return trimEndOf(text.slice(start), set);
}
