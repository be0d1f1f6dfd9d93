import type { FiguresSource } from '../domain/match-worth.ts';
import { once } from '../domain/once.ts';
import type { Clock, Random } from '../domain/ports.ts';
import type { ResultStore } from '../results/store.ts';
import type { Candidates } from './enquiry/candidates.ts';
import type { Enquiries } from './enquiry/enquiries.ts';
import type { EnquiryParts } from './enquiry/open.ts';
import type { Review } from './enquiry/review.ts';
import type { People } from './people.ts';

/** What stands over the result store, each loaded and opened at its first use. */
export interface PeopleParts {
  /** Who is who, in the same database. */
  people(): Promise<People>;
  /** Who is looked for. */
  enquiries(): Promise<Enquiries>;
  /** What reviewers say of candidates. */
  review(): Promise<Review>;
  candidates(): Promise<Candidates>;
}

export function openPeople({
  results,
  figuresOf,
  secondReview,
  clock,
  random,
}: {
  results: () => Promise<ResultStore>;
  /** Whose published figures hold for a model. */
  figuresOf: (model: string) => FiguresSource | null;
  /** Whether a find takes the words of two. */
  secondReview: boolean;
  clock: Clock;
  random: Random;
}): PeopleParts {
  const candidateOptions = { needed: secondReview ? 2 : 1 } as const;
  const people = once(async () => {
    const [{ People }, { candidateFollower }] = await Promise.all([
      import('./people.ts'),
      import('./enquiry/open.ts'),
    ]);
    return new People((await results()).database, {
      clock,
      figures: (model) => figuresOf(model) ?? undefined,
      followers: [candidateFollower(candidateOptions)],
      alone: !secondReview,
    });
  });
  const enquiryParts = once(async (): Promise<EnquiryParts> => {
    const { counts, database } = await results();
    const { openEnquiries } = await import('./enquiry/open.ts');
    return openEnquiries({
      ...candidateOptions,
      database,
      people: await people(),
      figuresOf,
      clock,
      random,
      countFaces: () => counts.faces(),
    });
  });
  return {
    people,
    enquiries: async () => (await enquiryParts()).enquiries,
    review: async () => (await enquiryParts()).review,
    candidates: async () => (await enquiryParts()).candidates,
  };
}
