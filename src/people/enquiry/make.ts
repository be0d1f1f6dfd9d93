/** A possible match between a face of an enquiry and one of the archive. */
export interface EnquiryPair {
  readonly own: string;
  readonly ownImage: string;
  readonly other: string;
  readonly otherImage: string;
  /** 0 to 1. */
  readonly confidence: number;
}

/** Two faces that a person has put side by side, whatever the machine finds of them. */
export interface PutForward {
  readonly own: string;
  readonly ownImage: string;
  readonly other: string;
  readonly otherImage: string;
  readonly by: string;
}

export interface Member {
  readonly face: string;
  readonly image: string;
}

/** All the faces of a group. */
export type Members = readonly [Member, ...Member[]];

/** What candidates follow from. */
interface Evidence {
  readonly pairs: readonly EnquiryPair[];
  /** Faces that people have spoken of: they stay candidates, whatever the machine says now. */
  readonly spoken: readonly Member[];
  /** By hand, the first first. */
  readonly proposed: readonly PutForward[];
  /** The group of a face: all its members in order of their keys, the face among them, none of an enquiry. */
  groupOf(face: string): Members | undefined;
}

/** A candidate as it follows from the evidence: one group of faces. */
export interface Made {
  readonly members: Members;
  /** The best pair; absent where only people speak of the group. */
  readonly best?: EnquiryPair;
  /** The first proposal of one of its faces. */
  readonly proposed?: PutForward;
  /** Of the best pair; `NO_SCORE` without one. */
  readonly score: number;
  /** How far the next group lies below, where there is one. */
  readonly margin?: number;
}

/** The machine has not found them alike: below every score that it gives. */
export const NO_SCORE = 0;

const byKey = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The candidates of an enquiry, the surest first: one for each group of which a face is like one of its own. */
export function candidatesOf({ pairs, spoken, proposed, groupOf }: Evidence): Made[] {
  const groups = new Map<string, { members: Members; best?: EnquiryPair; proposed?: PutForward }>();
  const groupFor = (face: string, image: string) => {
    const members: Members = groupOf(face) ?? [{ face, image }];
    const id = members[0].face;
    const known = groups.get(id) ?? { members };
    groups.set(id, known);
    return known;
  };
  for (const { face, image } of spoken) groupFor(face, image);
  for (const one of proposed) {
    const group = groupFor(one.other, one.otherImage);
    group.proposed ??= one;
  }
  for (const pair of pairs) {
    const group = groupFor(pair.other, pair.otherImage);
    if (group.best === undefined || isBetter(pair, group.best)) group.best = pair;
  }
  const ranked = [...groups].sort(
    ([one, a], [two, b]) =>
      (b.best?.confidence ?? NO_SCORE) - (a.best?.confidence ?? NO_SCORE) || byKey(one, two),
  );
  return ranked.map(([, { members, best, proposed: first }], rank) => {
    const next = ranked[rank + 1]?.[1].best?.confidence;
    const score = best?.confidence ?? NO_SCORE;
    return {
      members,
      score,
      ...(best && { best }),
      ...(first && { proposed: first }),
      ...(best && next !== undefined && { margin: score - next }),
    };
  });
}

/** Of two as sure the one with the lesser keys, so that nothing depends on the order of what is read. */
const isBetter = (one: EnquiryPair, two: EnquiryPair): boolean =>
  one.confidence > two.confidence ||
  (one.confidence === two.confidence &&
    JSON.stringify([one.other, one.own]) < JSON.stringify([two.other, two.own]));

/** Groups above this many faces are a candidate of several enquiries as one and the same: what is found of them is kept. */
const LARGE = 200;
const sets = new WeakMap<readonly Member[], ReadonlySet<string>>();
const counts = new WeakMap<ReadonlySet<string>, WeakMap<readonly Member[], number>>();

/** @param members that are changed no more */
export function facesOf(members: readonly Member[]): ReadonlySet<string> {
  const known = sets.get(members) ?? new Set(members.map(({ face }) => face));
  sets.set(members, known);
  return known;
}

/** How many of these members have such a face. Neither is changed any more. */
export function countShared(faces: ReadonlySet<string>, members: readonly Member[]): number {
  const kept = counts.get(faces) ?? new WeakMap<readonly Member[], number>();
  counts.set(faces, kept);
  let count = kept.get(members);
  if (count === undefined) {
    count = 0;
    for (const { face } of members) if (faces.has(face)) count += 1;
    kept.set(members, count);
  }
  return count;
}

/** A candidate as it was before. */
export interface Known {
  readonly id: string;
  readonly faces: ReadonlySet<string>;
  /** The face that spoke most for it. */
  readonly bestFace: string | undefined;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/**
 * Which of the candidates made now is which of before: the one that has its best face, else the one that shares most
 * faces with it; the older goes first. Each keeps at most one id, so that of a group that fell apart one part is the
 * candidate that it was.
 *
 * @returns ids of before, in the order of `made`; undefined for a new one
 */
export function sameAsBefore(made: readonly Made[], known: readonly Known[]): (string | undefined)[] {
  const ids = new Array<string | undefined>(made.length).fill(undefined);
  const claims: { at: number; known: Known; hasBest: boolean; shared: number }[] = [];
  const homes = new Map<string, number>();
  const large: number[] = [];
  for (const [at, { members }] of made.entries()) {
    if (members.length > LARGE) large.push(at);
    else for (const { face } of members) homes.set(face, at);
  }
  for (const one of known) {
    const shared = new Map<number, number>();
    for (const face of one.faces) {
      const at = homes.get(face);
      if (at !== undefined) shared.set(at, (shared.get(at) ?? 0) + 1);
    }
    for (const at of large) {
      const count = countShared(one.faces, made[at]?.members ?? []);
      if (count > 0) shared.set(at, count);
    }
    for (const [at, count] of shared) {
      const hasBest = one.bestFace !== undefined && facesOf(made[at]?.members ?? []).has(one.bestFace);
      claims.push({ at, known: one, hasBest, shared: count });
    }
  }
  claims.sort(
    (a, b) =>
      Number(b.hasBest) - Number(a.hasBest) ||
      b.shared - a.shared ||
      byKey(a.known.since, b.known.since) ||
      byKey(a.known.id, b.known.id) ||
      a.at - b.at,
  );
  const taken = new Set<string>();
  for (const { at, known: one } of claims) {
    if (ids[at] !== undefined || taken.has(one.id)) continue;
    ids[at] = one.id;
    taken.add(one.id);
  }
  return ids;
}
