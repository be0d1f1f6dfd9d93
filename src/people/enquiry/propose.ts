import { subject } from '../../audit/subject.ts';
import { listOf } from '../../database/chunks.ts';
import type { Row } from '../../database/database.ts';
import { sql, text } from '../../database/sql.ts';
import { enquiryBatch, isReserved } from '../../domain/enquiry-batch.ts';
import type { Clock } from '../../domain/ports.ts';
import { tombstoneOf } from '../../domain/tombstone.ts';
import { PeopleRefusedError, UnknownNodeError } from '../errors.ts';
import type { People } from '../people.ts';
import type { PeopleTransaction, Saying } from '../transaction.ts';
import { hasFace } from './candidate-members.ts';
import { refuseWhereOver } from './over.ts';
import { readProposals } from './proposals.ts';
import { type SolveOptions, solveEnquiry } from './solve.ts';

interface ProposeDeps extends Pick<SolveOptions, 'needed'> {
  readonly people: People;
  readonly clock: Clock;
}

export interface PutForwardFace {
  /** Of the archive. */
  readonly face: string;
  /** The face of the enquiry that it is compared with; needed only where several are sought. */
  readonly own?: string;
  readonly reason?: string;
}

/**
 * Puts a face forward that the machine did not propose for an enquiry: it is judged as a candidate like every other, by
 * two people, and has no score. Putting forward is no word on who it is. Whoever does so twice changes nothing.
 *
 * @param by the name of who does
 * @returns id of the candidate in which the face is now
 * @throws {UnknownEnquiryError} @throws {UnknownNodeError} @throws {PeopleRefusedError}
 */
export function proposeByHand(
  enquiry: string,
  { face, own, reason }: PutForwardFace,
  by: string,
  { people, clock, needed }: ProposeDeps,
): Promise<string> {
  return people.write(async (transaction) => {
    const { session, at, recognition } = transaction;
    await refuseWhereOver(session, enquiry, clock());
    const other = await archiveFace(transaction, face);
    const ours = await ownFace(transaction, enquiry, own);
    const candidateOf = async () => {
      const [rows] = await session.read([
        sql`SELECT candidate_id FROM candidate WHERE enquiry_id = ${text(enquiry)} AND ${hasFace(other)}`,
      ]);
      return rows?.[0]?.candidate_id as string | undefined;
    };
    const known = await candidateOf();
    const isThere = (await readProposals(session, enquiry)).some((one) => one.other === other);
    if (isThere && known !== undefined) return known;
    const candidateId = known ?? transaction.newId();
    const saying: Saying = { by, candidateId, enquiryId: enquiry, ...(reason !== undefined && { reason }) };
    if (!isThere) {
      await transaction.append('propose', { ...saying, faces: [ours, other] });
      transaction.audit({
        who: by,
        action: 'candidate.proposed',
        about: [subject.candidate(candidateId), subject.enquiry(enquiry), subject.face(other)],
      });
    }
    const naming = { face: other, id: candidateId };
    await solveEnquiry(session, enquiry, { at, model: recognition.model, needed, naming });
    return (await candidateOf()) ?? candidateId;
  });
}

/** @returns its key of now */
async function archiveFace(transaction: PeopleTransaction, face: string): Promise<string> {
  const [key = face] = await transaction.currentOf([face]);
  const place = (await placesOf(transaction, [key]))[0];
  if (!place) throw new UnknownNodeError([face]);
  if (isReserved(place.batch_id as string))
    throw new PeopleRefusedError(
      'FaceOfEnquiry',
      "This face is in a photograph of an enquiry, and those are nobody's candidates: choose a face of the archive.",
    );
  refuseForbidden(place);
  return key;
}

/** The face of the enquiry that is meant. @returns its key of now */
async function ownFace(
  transaction: PeopleTransaction,
  enquiry: string,
  given: string | undefined,
): Promise<string> {
  const { session } = transaction;
  const [sought = []] = await session.read([
    sql`SELECT f.face_key, o.do_not_match, o.batch_id, f.image_id FROM face f JOIN pipeline_output o ON o.id = f.image_id
      WHERE o.batch_id = ${text(enquiryBatch(enquiry))} AND NOT EXISTS (SELECT 1 FROM enquiry_face e
        WHERE e.enquiry_id = ${text(enquiry)} AND e.face_key = f.face_key AND e.left_out = 1) ORDER BY f.face_key`,
  ]);
  if (given !== undefined) {
    const [key] = await transaction.currentOf([given]);
    const found = sought.find(({ face_key }) => face_key === key);
    if (!found)
      throw new PeopleRefusedError(
        'NotSought',
        'This is no face of the enquiry, or not who is sought: say with which face of the enquiry you compare it.',
      );
    refuseForbidden(found);
    return found.face_key as string;
  }
  const [only, ...others] = sought;
  if (!only)
    throw new PeopleRefusedError(
      'NoFaceSought',
      'The enquiry has no face to compare with yet: add a photograph that shows who is sought, and wait until it is through.',
    );
  if (others.length > 0)
    throw new PeopleRefusedError(
      'ChooseFaceSought',
      'Several faces of the enquiry may be who is sought: say with which of them you compare this one.',
    );
  refuseForbidden(only);
  return only.face_key as string;
}

/** Faces that are in the results, and in no photograph that is being erased. */
async function placesOf({ session }: PeopleTransaction, faces: readonly string[]): Promise<Row[]> {
  const [rows = []] = await session.read([
    sql`SELECT f.face_key, f.image_id, o.batch_id, o.do_not_match FROM face f JOIN pipeline_output o ON o.id = f.image_id
      WHERE f.face_key IN (${listOf(faces)})`,
  ]);
  if (rows.length === 0) return [];
  const hashes = rows.map(({ image_id }) => tombstoneOf(image_id as string));
  const [erased = []] = await session.read([
    sql`SELECT image_hash FROM erased_image WHERE image_hash IN (${listOf(hashes)})`,
  ]);
  const gone = new Set(erased.map(({ image_hash }) => image_hash as string));
  return rows.filter(({ image_id }) => !gone.has(tombstoneOf(image_id as string)));
}

function refuseForbidden({ do_not_match }: Row): void {
  if (do_not_match === 1)
    throw new PeopleRefusedError(
      'MatchingForbidden',
      "The batch of this photograph forbids matching: its faces are nobody's candidates.",
    );
}
