import type { Speaker } from '../enquiry/standing.ts';
import type { GroupFigures, ReviewerMeasuring } from './measuring.ts';
import type { ReviewerFigures } from './reviewers.ts';

interface MeasuredReviewers {
  readonly oneIn: number;
  readonly agreedAt: string | null;
  /** Null where they do not agree to be measured. */
  readonly own: ReviewerFigures | null;
  /** Null for everybody but an administrator. */
  readonly group: GroupFigures | null;
}

/** What somebody may know of how reviewers are measured: their own figures, never those of another. */
export async function measuredAsSeenBy(
  measuring: ReviewerMeasuring,
  speaker: Speaker,
  isAdministrator: boolean,
): Promise<MeasuredReviewers> {
  const [{ oneIn }, agreedAt] = await Promise.all([measuring.settings(), measuring.agreedAt(speaker)]);
  return {
    oneIn,
    agreedAt: agreedAt ?? null,
    own: agreedAt === undefined ? null : await measuring.own(speaker),
    group: isAdministrator ? await measuring.group() : null,
  };
}
