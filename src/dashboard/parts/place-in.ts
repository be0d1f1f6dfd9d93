import type { CSSProperties } from 'react';
import type { Rectangle } from '../../api/contract.ts';

/**
 * A rectangle in pixels of a picture, as shares of that picture: right at every size it is shown in. Physical
 * sides on purpose: a photograph is not mirrored where people read from the right.
 */
export function placeIn(rectangle: Rectangle, width: number, height: number): CSSProperties {
  const share = (part: number, whole: number) => `${(part / whole) * 100}%`;
  return {
    left: share(rectangle.left, width),
    top: share(rectangle.top, height),
    width: share(rectangle.width, width),
    height: share(rectangle.height, height),
  };
}
