import type { ImageDetail } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { call, getJson } from '../../live/client.ts';
import { strings } from '../../strings.ts';

/** Around the face, as a share of its larger side: a detector wants to see a head, and no neighbour. */
const MARGIN = 0.6;

/** Cuts a face of an image here out, as a file to search by. @throws {Error} where it cannot be shown */
export async function faceFile(image: string, key: string, signal: AbortSignal): Promise<File> {
  const { result, name } = await getJson<ImageDetail>(routes.image(image), signal);
  const face = result?.faces.find((one) => one.key === key);
  if (face === undefined) throw new Error(strings.find.faceGone);
  const bytes = await (await call(routes.imageContent(image), { signal })).blob();
  const picture = await createImageBitmap(bytes);
  const { left, top, width, height } = face.rectangle;
  const margin = MARGIN * Math.max(width, height);
  const x = Math.max(0, left - margin);
  const y = Math.max(0, top - margin);
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(Math.min(picture.width, left + width + margin) - x));
  canvas.height = Math.max(1, Math.round(Math.min(picture.height, top + height + margin) - y));
  canvas.getContext('2d')?.drawImage(picture, -x, -y);
  picture.close();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.95));
  if (blob === null) throw new Error(strings.find.faceGone);
  return new File([blob], name, { type: 'image/jpeg' });
}
