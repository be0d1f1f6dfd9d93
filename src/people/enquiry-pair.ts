import { isReserved } from '../domain/enquiry-batch.ts';
import { PeopleRefusedError } from './errors.ts';
import { isPerson, type Node } from './node.ts';

/**
 * Whether a face of the archive is who an enquiry looks for is said of a candidate, by two people: nobody says it alone of the
 * two faces, or by giving both to one person. Where a find has joined them already, others may follow.
 *
 * @param sides who is one person with either of the two by decisions, each of them included
 * @param batchOf the batch of a face's photograph
 * @throws {PeopleRefusedError}
 */
export function refuseEnquiryPair(
  kind: 'same' | 'different',
  sides: readonly [ReadonlySet<Node>, ReadonlySet<Node>],
  batchOf: (face: Node) => string | undefined,
): void {
  const [one, two] = sides.map((side) => {
    const known = [...side].filter((node) => !isPerson(node) && batchOf(node) !== undefined);
    const ours = known.filter((face) => isReserved(batchOf(face) ?? ''));
    return { enquiry: ours.length > 0, archive: ours.length < known.length };
  }) as [Side, Side];
  const isBoth = ({ enquiry, archive }: Side) => enquiry && archive;
  if (isBoth(one) || isBoth(two)) return;
  const crosses = (one.enquiry && two.archive) || (one.archive && two.enquiry);
  if (!crosses) return;
  throw new PeopleRefusedError(
    'EnquiryPair',
    `Whether a face of the archive is ${kind === 'same' ? '' : 'not '}who an enquiry looks for is said of its candidate, and takes two people: open the enquiry and judge the candidate there.`,
  );
}

interface Side {
  readonly enquiry: boolean;
  readonly archive: boolean;
}
