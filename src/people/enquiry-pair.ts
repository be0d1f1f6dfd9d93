import { isReserved } from '../domain/enquiry-batch.ts';
import type { Decision } from './decision.ts';
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

/**
 * What was said of a candidate is taken back there, where it is known who said it: nobody undoes alone, as a word on two
 * faces, what it took two people to find, and leaves the enquiry saying that they are found.
 *
 * @param decision that is to be taken back
 * @throws {PeopleRefusedError}
 */
export function refuseCandidateWord({ kind, candidateId }: Decision): void {
  const isWord = kind === 'same' || kind === 'different' || kind === 'verify';
  if (!isWord || candidateId === undefined) return;
  throw new PeopleRefusedError(
    'DecisionOfCandidate',
    'This was said of a candidate of an enquiry, where it takes two people: open the enquiry and take a word back there.',
  );
}
