import type { Row } from '../database/database.ts';
import type { Rectangle } from '../domain/rectangle.ts';
import type { FacePlace } from './pair-view.ts';

/** The rectangle of a row with the columns `rect_left`, `rect_top`, `rect_width` and `rect_height`. */
export const rectangleOf = (row: Row): Rectangle => ({
  left: row.rect_left as number,
  top: row.rect_top as number,
  width: row.rect_width as number,
  height: row.rect_height as number,
});

/** Where a face of a known image is, of its row and its image's: `crop`, `width` and `height` may be NULL. */
export const placeOf = (row: Row): FacePlace & { batchId: string } => ({
  face: row.face_key as string,
  imageId: row.image_id as string,
  imageUrl: row.image_url as string,
  batchId: row.batch_id as string,
  rectangle: rectangleOf(row),
  ...(row.crop !== null && { crop: row.crop as string }),
  ...(row.width !== null && { imageWidth: row.width as number }),
  ...(row.height !== null && { imageHeight: row.height as number }),
});
