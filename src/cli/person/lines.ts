import type { Person } from '../../people/person.ts';
import { printable } from '../format/printable.ts';
import { table } from '../format/table.ts';

/** Persons, groups or faces in one listing. */
export const MOST = 1000;

export const nameOf = ({ fullName, id }: Pick<Person, 'fullName' | 'id'>): string =>
  printable(fullName ?? id);

export const faceLines = (
  faces: readonly { face: string; imageUrl: string; decided: boolean; taken?: string }[],
): string[] =>
  faces.length === 0
    ? ['No faces.']
    : [
        table(
          ['face', '', 'taken', 'photograph'],
          faces.map(({ face, decided, taken, imageUrl }) => [
            face,
            decided ? 'decided' : 'possible',
            taken ?? '',
            printable(imageUrl),
          ]),
        ),
      ];
