/**
 * The search index's words, made here and not by a database so that SQLite and SQL Server find the same.
 *
 * 1. NFKC and lower case (not by locale): full-width and ligature forms are the letters they stand for.
 * 2. A word is a run of letters, marks and digits; all else parts words ("don't" is `don` and `t`).
 * 3. A word is indexed as it is and in the form in which its spellings meet (`fold.ts`): "jose" and "josé" both find José
 *    and Jose, what is spelled as it was typed first.
 * 4. Scripts that put no spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) are indexed by overlapping
 *    pairs of characters, as Lucene's CJKBigramFilter does: 東京駅 is 東京, 京駅 and, so that its end is found, 駅.
 */

import { fold } from './fold.ts';

/** Code points of a word; longer ones are cut, when indexing and when searching alike. */
export const MAX_WORD_LENGTH = 64;

/** Distinct words of one image; of a longer text the first ones are found. */
export const MAX_WORDS_PER_IMAGE = 10_000;

const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu;
// Literals, though they repeat the scripts: a test looks at every literal for what is slow on a text made for it.
const RUNS =
  /(?:(?=[\p{L}\p{M}])[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}])+|(?:(?![\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}])[\s\S]|\p{N})+/gu;
const UNSPACED_LETTER =
  /^(?=[\p{L}\p{M}])[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;

const normalize = (text: string): string =>
  text.toWellFormed().normalize('NFKC').toLowerCase().normalize('NFKC');

const cut = (word: string): string =>
  word.length <= MAX_WORD_LENGTH ? word : [...word].slice(0, MAX_WORD_LENGTH).join('').normalize('NFKC');

interface Run {
  characters: string[];
  unspaced: boolean;
}

function* runs(text: string): Generator<Run> {
  for (const [word] of normalize(text).matchAll(WORD)) {
    for (const [run] of word.matchAll(RUNS)) {
      yield { characters: [...run], unspaced: UNSPACED_LETTER.test(run) };
    }
  }
}

const pairs = (characters: readonly string[]): string[] =>
  characters.slice(0, -1).map((character, index) => character + characters[index + 1]);

/**
 * The words under which texts are found, in order of first occurrence, at most `MAX_WORDS_PER_IMAGE`; each with whether
 * it stands in no text so, but is the folded form of one that does.
 */
export function indexEntries(texts: Iterable<string>): Map<string, boolean> {
  const words = new Map<string, boolean>();
  const add = (word: string, folded = false) => {
    if (word === '' || (!words.has(word) && words.size >= MAX_WORDS_PER_IMAGE)) return;
    words.set(word, folded && words.get(word) !== false);
  };
  for (const text of texts) {
    for (const { characters, unspaced } of runs(text)) {
      if (unspaced) {
        for (const pair of pairs(characters)) add(pair);
        add(characters.at(-1) ?? '');
      } else {
        const word = cut(characters.join(''));
        add(word);
        const folded = cut(fold(word));
        if (folded !== word) add(folded, true);
      }
    }
  }
  return words;
}

export interface SearchWord {
  /** As it was typed. */
  word: string;
  /** The form in which its spellings meet. */
  folded: string;
  /** Whether the word may go on. */
  prefix: boolean;
}

/**
 * What a person typed, as words that must all occur. A `*` right after a word makes it a prefix.
 *
 * @returns empty when nothing typed is a word
 */
export function searchWords(typed: string): SearchWord[] {
  const found = new Map<string, SearchWord>();
  for (const piece of typed.split(/\s+/u)) {
    const all = [...runs(piece)];
    all.forEach(({ characters, unspaced }, index) => {
      const starred = piece.endsWith('*') && index === all.length - 1;
      if (unspaced && characters.length > 1) {
        for (const word of pairs(characters)) found.set(word, { word, folded: word, prefix: false });
      } else {
        const word = cut(characters.join(''));
        const prefix = starred || unspaced;
        found.set(`${word}${prefix ? '*' : ''}`, { word, folded: unspaced ? word : cut(fold(word)), prefix });
      }
    });
  }
  return [...found.values()];
}

/**
 * The least text above everything that starts with `prefix`, in the order of code points (SQLite) and of UTF-16 code
 * units (SQL Server's BIN2) alike: its last character's successor. Letters and digits always have one in both orders.
 */
export function afterPrefix(prefix: string): string {
  const characters = [...prefix];
  const last = characters.pop()?.codePointAt(0) ?? 0;
  return characters.join('') + String.fromCodePoint(last + 1);
}
