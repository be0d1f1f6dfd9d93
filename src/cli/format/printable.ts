/**
 * Text from images, file names and services made fit for one line of a terminal: control characters (which could
 * move the cursor or colour the screen), line breaks and marks of writing direction become spaces.
 */
export function printable(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** @param length in code points, the ellipsis included */
export function shorten(text: string, length: number): string {
  const points = [...printable(text)];
  return points.length <= length
    ? points.join('')
    : `${points
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`;
}
