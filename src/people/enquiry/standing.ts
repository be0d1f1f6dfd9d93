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
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Of an undo: the word it takes back. */
  readonly supersedes?: string;
}

/**
 * One person under all spellings of a name: the platform, or a person at the command line, may write it in other
 * letters. Nobody seconds themselves by typing differently.
 */
export const reviewerOf = (name: string): string =>
  name.normalize('NFKC').trim().replaceAll(/\s+/g, ' ').toLowerCase();

/** The words that count: of each reviewer the last that was not taken back, whatever order they come in. */
export function wordsThatCount<W extends SaidWord>(words: readonly W[]): W[] {
  const undone = new Set(words.flatMap(({ word, supersedes }) => (word === 'undo' ? [supersedes] : [])));
  const last = new Map<string, W>();
  for (const one of [...words].sort(inOrder)) {
    if (one.word === 'undo' || undone.has(one.id)) continue;
    last.set(one.reviewer, one);
  }
  return [...last.values()].sort(inOrder);
}

const inOrder = (a: SaidWord, b: SaidWord): number =>
  a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0;

/**
 * @param words that count
 * @param needed how many different people make a find: 2, or 1 where SECOND_REVIEW is off
 */
export function standingOf(words: readonly Pick<SaidWord, 'word' | 'reviewer'>[], needed: 1 | 2): Standing {
  const by = (word: Word) => new Set(words.filter((one) => one.word === word).map(({ reviewer }) => reviewer));
  const same = by('same').size;
  const different = by('different').size;
  if (different > 0) return same > 0 ? 'contested' : 'different';
  if (same >= needed) return 'found';
  return same > 0 ? 'pending' : 'open';
}

/**
 * Whether a reader must be kept from what was said, and from the score: one person has said it, and the reader, who has
 * not, may be the second.
 *
 * @param controlled whether a second look is asked for although the word was "different": were only those looked at
 *   again of which somebody said "same", being asked would be the answer
 */
export function isBlind(
  words: readonly Pick<SaidWord, 'word' | 'reviewer'>[],
  { standing, controlled, reader }: { standing: Standing; controlled: boolean; reader: string },
): boolean {
  const verdicts = words.filter(({ word }) => word !== 'later');
  const asked = standing === 'pending' || (standing === 'different' && controlled);
  const speakers = new Set(verdicts.map(({ reviewer }) => reviewer));
  return asked && speakers.size === 1 && !speakers.has(reader);
}

/** Of those of which one says "different", so many are looked at again by another: one in this many, by chance. */
export const CONTROL_EVERY = 8;
