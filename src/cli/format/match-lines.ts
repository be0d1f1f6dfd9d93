import { type MatchWorth, marginAmong } from '../../domain/match-worth.ts';
import type { StoredImage, StoredMatch } from '../../results/rows.ts';
import { inWords, leadInWords } from './confidence.ts';
import { count } from './count.ts';
import { imageName } from './image-name.ts';

/** One line per possible match: this face, the other image, how sure; strongest first. */
export function matchLines(image: StoredImage): string[] {
  const number = new Map(image.faces.map(({ key }, index) => [key, index + 1]));
  const cells = [...image.matches]
    .sort((one, other) => other.confidence - one.confidence)
    .map((match) => ({
      here: `${imageName(image.imageUrl)} (face ${number.get(match.face) ?? '?'} of ${image.faces.length})`,
      there: imageName(match.otherImageUrl),
      how: [inWords(match.confidence), leadInWords(marginOf(match, image.matches))]
        .filter((part) => part !== '')
        .join(', '),
    }));
  const width = (of: 'here' | 'there') => Math.max(...cells.map((cell) => cell[of].length));
  return cells.map(
    ({ here, there, how }) =>
      `${here.padEnd(width('here'))}  possible match  ${there.padEnd(width('there'))}  ${how}`,
  );
}

function marginOf(match: StoredMatch, all: readonly StoredMatch[]): number | null {
  const others = all.filter((other) => other !== match && other.face === match.face);
  return marginAmong(
    match.confidence,
    others.map(({ confidence }) => confidence),
    match.margin,
  );
}

/** What a possible match is worth in an archive of this size, and whose figure that is. */
export function worthLine({ faces, falseCandidates }: MatchWorth): string {
  if (falseCandidates === null) return 'How often such a likeness is somebody else was not measured.';
  const offers =
    falseCandidates < 0.5
      ? 'hardly ever offers somebody who only looks alike'
      : `offers about ${count(Math.round(falseCandidates), 'person', 'people')} who only ${Math.round(falseCandidates) === 1 ? 'looks' : 'look'} alike`;
  return `In an archive of ${count(faces, 'face')} a search ${offers} (published for this engine, not measured on your photographs).`;
}
