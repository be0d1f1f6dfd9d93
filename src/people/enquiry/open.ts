import type { Database } from '../../database/database.ts';
import type { FiguresSource } from '../../domain/match-worth.ts';
import type { Clock, Random } from '../../domain/ports.ts';
import type { People } from '../people.ts';
import type { Follower } from '../solve.ts';
import { Candidates } from './candidates.ts';
import { Enquiries } from './enquiries.ts';
import { GroupMembers } from './group-members.ts';
import { Review } from './review.ts';
import { enquiriesAbout, type SolveOptions, solveEnquiry } from './solve.ts';

/** What candidates depend on beside the database. */
type CandidateOptions = Pick<SolveOptions, 'needed'>;

/** Makes the candidates again of every enquiry that some groups concern, in the transaction that changed these. */
export const candidateFollower =
  (options: CandidateOptions): Follower =>
  async (session, { concerned, places, onlyDecided, at, model }) => {
    const groups = new GroupMembers(session, places);
    const formerly = new Set(
      onlyDecided ? [] : [...concerned, ...[...places.before.values()].map(({ group }) => group)],
    );
    for (const enquiry of await enquiriesAbout(session, [...concerned], formerly))
      await solveEnquiry(session, enquiry, { needed: options.needed, at, model, groups });
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
    /** Whose published figures hold for a model. */
    figuresOf: (model: string) => FiguresSource | null;
    clock: Clock;
    random: Random;
    /** Of the archive. */
    countFaces: () => Promise<number>;
  },
): EnquiryParts {
  const { figuresOf, countFaces, database } = deps;
  return {
    enquiries: new Enquiries(deps),
    review: new Review(deps),
    candidates: new Candidates(database, figuresOf, countFaces),
  };
}
