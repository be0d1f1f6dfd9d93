import type { Database } from '../../database/database.ts';
import type { FiguresSource } from '../../domain/match-worth.ts';
import type { Clock, Random } from '../../domain/ports.ts';
import type { People } from '../people.ts';
import type { Follower } from '../solve.ts';
import { Candidates } from './candidates.ts';
import { Enquiries } from './enquiries.ts';
import { Review } from './review.ts';
import { enquiriesAbout, type SolveOptions, solveEnquiry } from './solve.ts';

/** What candidates depend on beside the database. */
type CandidateOptions = Omit<SolveOptions, 'at'>;

/** Makes the candidates again of every enquiry that some groups concern, in the transaction that changed these. */
export const candidateFollower =
  (options: CandidateOptions): Follower =>
  async (session, { before, after, gone, at }) => {
    const faces = new Set([...before.keys(), ...after.flatMap((group) => group.faces), ...gone]);
    for (const enquiry of await enquiriesAbout(session, [...faces]))
      await solveEnquiry(session, enquiry, { ...options, at });
  };

/** Enquiries, as each of those who work with them sees them. */
export interface EnquiryParts {
  readonly enquiries: Enquiries;
  readonly review: Review;
  readonly candidates: Candidates;
}

export function openEnquiries(
  deps: CandidateOptions & {
    database: Database;
    people: People;
    figures: FiguresSource | null;
    clock: Clock;
    random: Random;
    /** Of the archive. */
    countFaces: () => Promise<number>;
  },
): EnquiryParts {
  const { figures, countFaces, database } = deps;
  return {
    enquiries: new Enquiries({ ...deps, figures: figures ?? undefined }),
    review: new Review(deps),
    candidates: new Candidates(database, figures, countFaces),
  };
}
