import { MOST_NAME } from '../who-column.ts';

/** What a reviewer said of a candidate. `later` is a word without a verdict. */
export type Word = 'same' | 'different' | 'later';

/**
 * How a candidate stands. `pending`: the same person, says one; another must say so without knowing. `contested`: some
 * say the same and some different, and one of them must take that back.
 */
export const STANDINGS = ['open', 'pending', 'contested', 'different', 'found'] as const;
export type Standing = (typeof STANDINGS)[number];

export interface SaidWord {
  readonly id: string;
  readonly word: Word | 'undo';
  /** As `reviewerOf` makes it. */
  readonly reviewer: string;
  /** The candidate it was said of: two that have become one since may have been judged differently. */
  readonly candidate: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Whether it is a second look: said without knowing the word of another. */
  readonly blind?: boolean;
  /** Of an undo: the word it takes back. */
  readonly supersedes?: string;
}

/** Who speaks: by a name, and by the id of their account where the platform has one: names change, and two may share one. */
export type Speaker = string | { readonly name: string; readonly id?: string };

export const nameOf = (speaker: Speaker): string => (typeof speaker === 'string' ? speaker : speaker.name);

/**
 * One person under all spellings of a name: the platform, or a person at the command line, may write it in other
 * letters, or with some that nobody sees. Nobody seconds themselves by typing differently.
 */
const spelling = (name: string): string =>
  name
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .trim()
    .replaceAll(/\s+/g, ' ')
    .toLowerCase()
    .slice(0, MOST_NAME)
    .toWellFormed();

/** By whom a word is: by the account where one is known, else by the name. */
export const reviewerOf = (speaker: Speaker): string =>
  typeof speaker === 'string' || speaker.id === undefined
    ? spelling(nameOf(speaker))
    : `account:${spelling(speaker.id)}`.slice(0, MOST_NAME);

/**
 * The same among words of which some are from before accounts were known: who has spoken by this name is taken for the
 * same person, and seconds nobody of that name.
 */
export function reviewerAmong(words: readonly Pick<SaidWord, 'reviewer'>[], speaker: Speaker): string {
  const byName = spelling(nameOf(speaker));
  return words.some(({ reviewer }) => reviewer === byName) ? byName : reviewerOf(speaker);
}

/** The words that count: of each reviewer the last about a candidate that was not taken back, in whatever order they come. */
export function wordsThatCount<W extends SaidWord>(words: readonly W[]): W[] {
  const undone = new Set(words.flatMap(({ word, supersedes }) => (word === 'undo' ? [supersedes] : [])));
  const last = new Map<string, W>();
  for (const one of [...words].sort(inOrder)) {
    if (one.word === 'undo' || undone.has(one.id)) continue;
    last.set(JSON.stringify([one.reviewer, one.candidate]), one);
  }
  return [...last.values()].sort(inOrder);
}

const inOrder = (a: SaidWord, b: SaidWord): number =>
  a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0;

/**
 * @param words that count
 * @param needed how many different people make a find: 2, or 1 where SECOND_REVIEW is off
 */
export function standingOf(
  words: readonly Pick<SaidWord, 'word' | 'reviewer' | 'candidate' | 'blind'>[],
  needed: 1 | 2,
): Standing {
  const same = words.filter(({ word }) => word === 'same');
  if (words.some(({ word }) => word === 'different')) return same.length > 0 ? 'contested' : 'different';
  // Two who judged different candidates have not judged that these are one person: the machine has.
  const isFound = same.some(
    ({ candidate }) =>
      new Set(same.flatMap((one) => (one.candidate === candidate || one.blind ? [one.reviewer] : []))).size >=
      needed,
  );
  if (isFound) return 'found';
  return same.length > 0 ? 'pending' : 'open';
}

/**
 * Whose word is waiting for a second look: one person has given a verdict, and whoever looks next must not know which,
 * nor the score.
 *
 * @param controlled whether a second look is asked for although the word was "different": were only those looked at
 *   again of which somebody said "same", being asked would be the answer
 * @returns the one who has spoken; undefined where no second look is asked for
 */
export function awaitingSecond(
  words: readonly Pick<SaidWord, 'word' | 'reviewer'>[],
  standing: Standing,
  controlled: boolean,
): string | undefined {
  if (standing !== 'pending' && !(standing === 'different' && controlled)) return undefined;
  const speakers = new Set(words.flatMap(({ word, reviewer }) => (word === 'later' ? [] : [reviewer])));
  const [first] = speakers;
  // Of several who each judged another candidate that has become this one, one waits for all.
  return standing === 'pending' || speakers.size === 1 ? first : undefined;
}

/** Of those of which one says "different", so many are looked at again by another: one in this many, by chance. */
export const CONTROL_EVERY = 8;
