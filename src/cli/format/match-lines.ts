import type { StoredImage } from '../../results/rows.ts';
import { inWords } from './confidence.ts';
import { imageName } from './image-name.ts';

/** One line per possible match: this face, the other image, how sure; strongest first. */
export function matchLines(image: StoredImage): string[] {
  const number = new Map(image.faces.map(({ key }, index) => [key, index + 1]));
  const cells = [...image.matches]
    .sort((one, other) => other.confidence - one.confidence)
    .map((match) => ({
      here: `${imageName(image.imageUrl)} (face ${number.get(match.face) ?? '?'} of ${image.faces.length})`,
      there: imageName(match.otherImageUrl),
      how: `${inWords(match.confidence)}${match.margin === undefined ? '' : `, next best ${match.margin.toFixed(2)} lower`}`,
    }));
  const width = (of: 'here' | 'there') => Math.max(...cells.map((cell) => cell[of].length));
  return cells.map(
    ({ here, there, how }) =>
      `${here.padEnd(width('here'))}  possible match  ${there.padEnd(width('there'))}  ${how}`,
  );
}
