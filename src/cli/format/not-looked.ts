import type { Looked } from '../../domain/looked-for.ts';
import type { StoredImage } from '../../results/rows.ts';
import { count } from './count.ts';
import { printable } from './printable.ts';

/** What stands in a cell where nothing was looked for: an empty one would say that there is nothing. */
export const NOT_LOOKED = '–';

/** Why an image has no possible match, or that it cannot be said. */
export function whyNotCompared({ id, faces, matches }: StoredImage, { state, step, reason }: Looked): string {
  const why = reason ? ` ${printable(reason.message)} (${printable(reason.code)})` : '';
  const lacking = faces.length > 0 || step !== 'facedetection';
  const what = lacking ? 'its faces were not compared' : 'faces were not looked for';
  switch (state) {
    case 'looked': {
      const compared = faces.filter(({ enrolled }) => enrolled).length;
      return `no possible match: ${count(compared, 'face')} of ${faces.length} compared, none looks like another.`;
    }
    case 'nothingToCompare':
      return faces.length === 0
        ? 'no possible match: faces were looked for, and none was found.'
        : 'no possible match: none of its faces can be compared (too small, too unclear, or no longer kept comparable).';
    case 'notAsked':
      return `${what}: its pipeline has no step "${step}". "imaginem rerun --step facematch --all --image ${id}" does it.`;
    case 'ended':
      return `nothing was looked for in it.${why}`;
    case 'failed':
      return `${lacking ? 'its faces could not be compared' : 'faces could not be looked for'}.${why}`;
    default:
      return `${what}.${why}${matches.length > 0 ? ' Those above are what others found.' : ''}`;
  }
}
