/** What people decide. Everything else about people follows from these, and can be made again. */
const DECISION_KINDS = [
  /** Two nodes are one person. */
  'same',
  /** They are not. */
  'different',
  /** Somebody else looked at a candidate and agrees. */
  'verify',
  /** A face is to be judged as a candidate of an enquiry: no word on who it is. */
  'propose',
  /** An enquiry, or a candidate, is over. */
  'close',
  'reopen',
  /** What `supersedes` names does not count. */
  'undo',
] as const;
export type DecisionKind = (typeof DECISION_KINDS)[number];

/** One entry of the log. It is never changed; an erasure of what it is about removes it. */
export interface Decision {
  id: string;
  kind: DecisionKind;
  /** Face keys as they were when it was decided; of a pair the lower first. */
  faces: string[];
  /** Their images, in the same order. */
  images: string[];
  /** Of two persons the first was merged into the second. */
  persons: string[];
  candidateId?: string;
  enquiryId?: string;
  by: string;
  /** ISO 8601, UTC. */
  at: string;
  reason?: string;
  /** The confidence that was shown, 0 to 1. */
  score?: number;
  /** The model whose score was shown. */
  model?: string;
  /** Whether an earlier verdict and the score were kept from whoever decided. */
  blind: boolean;
  /** The decision that no longer counts because of this one. */
  supersedes?: string;
}

/**
 * Those decisions that count: no other that counts supersedes them. So an undo of an undo brings back what was undone,
 * and nothing depends on the order in which they are given.
 */
export function counting<D extends Pick<Decision, 'id' | 'supersedes'>>(log: readonly D[]): D[] {
  const superseding = new Map<string, D[]>();
  for (const one of log) {
    if (one.supersedes === undefined) continue;
    const some = superseding.get(one.supersedes);
    if (some) some.push(one);
    else superseding.set(one.supersedes, [one]);
  }
  const known = new Map<string, boolean>();
  const counts = ({ id }: D): boolean => {
    const answer = known.get(id);
    if (answer !== undefined) return answer;
    // Supersession goes back in time; should somebody have written a circle, none of it counts.
    known.set(id, false);
    const found = !(superseding.get(id) ?? []).some(counts);
    known.set(id, found);
    return found;
  };
  return log.filter(counts);
}
