import type { Group } from './groups.ts';
import type { Place } from './places.ts';

/** Faces whose group has other members than it had before; a face without a place was alone. */
export function regrouped(
  before: ReadonlyMap<string, Pick<Place, 'group'>>,
  groups: readonly Pick<Group, 'faces'>[],
): string[] {
  const sizes = new Map<string, number>();
  for (const { group } of before.values()) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const groupOf = (face: string) => before.get(face)?.group ?? face;
  return groups.flatMap(({ faces }) => {
    const group = groupOf(faces[0] as string);
    const isSame = (sizes.get(group) ?? 1) === faces.length && faces.every((face) => groupOf(face) === group);
    return isSame ? [] : faces;
  });
}
