import { type Pixels, stretch } from './pixels.ts';

/** Side of the square. */
export const SQUARE_SIDE = 512;

const squares = new WeakMap<Pixels, Promise<Pixels>>();

/**
 * A picture stretched to a square of {@link SQUARE_SIDE}, made once: what sees it smaller still starts from here, for
 * shrinking the whole of a photograph takes longer than looking at what comes of it.
 */
export function squareOf(picture: Pixels): Promise<Pixels> {
  const square = squares.get(picture) ?? stretch(picture, SQUARE_SIDE, SQUARE_SIDE);
  squares.set(picture, square);
  return square;
}
