/** In pixels of the upright working image; a detector's may be fractional and reach over the edges. */
export interface Rectangle {
  left: number;
  top: number;
  width: number;
  height: number;
}
