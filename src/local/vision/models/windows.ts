import type { Box } from '../analysis.ts';

/** A picture up to this long is seen whole; a longer one in windows of the second length, pixels. */
const WHOLE_SIDE = 2560;
const WINDOW_SIDE = 1920;

/** What neighbouring windows share: more than a line of text is high or a face in such a picture wide. */
const OVERLAP = 480;

/**
 * The parts in which a picture is looked at: the whole, or, where it is too tall or too wide to be seen at once,
 * windows along its longer side that overlap, so that what one cuts another shows whole.
 */
export function windowsOf(width: number, height: number): Box[] {
  const length = Math.max(width, height);
  if (length <= WHOLE_SIDE) return [{ left: 0, top: 0, width, height }];
  const count = Math.ceil((length - OVERLAP) / (WINDOW_SIDE - OVERLAP));
  const step = (length - WINDOW_SIDE) / (count - 1);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.round(i * step);
    return width > height
      ? { left: from, top: 0, width: WINDOW_SIDE, height }
      : { left: 0, top: from, width, height: WINDOW_SIDE };
  });
}
