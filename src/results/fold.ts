/**
 * The form in which spellings of one word meet: what a reader of text, a typist or another keyboard leaves out or writes
 * otherwise. Zürich, Zurich and ZÜRICH are one; so are Straße and Strasse, أحمد and احمد, Артём and Артем.
 */

/** Marks of the scripts in which a word without them is still that word; not the vowels of Indic scripts. */
const MARKS =
  /(?=\p{Mn})[\p{Script=Inherited}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}]/gu;

/**
 * Letters that no decomposition parts. Arabic and Persian as Lucene's normalizers have them (alef, yeh, kaf and heh in all
 * their forms, teh marbuta as heh, no stretching); Hebrew and Greek final forms; Ukrainian and Serbian letters as the
 * Russian ones for which they are taken.
 */
const LETTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ð: 'd', þ: 'th', đ: 'd', ħ: 'h', ı: 'i', ł: 'l', ŋ: 'n', ŧ: 't' },
    ...{ ĸ: 'k', ɨ: 'i', ƶ: 'z', ƀ: 'b', ǥ: 'g', ə: 'e' },
    ...{ ς: 'σ' },
    ...{ ґ: 'г', є: 'е', і: 'и', ј: 'и', ђ: 'д', ћ: 'т', љ: 'л', њ: 'н' },
    ...{ ٱ: 'ا', ى: 'ي', ی: 'ي', ې: 'ي', ے: 'ي', ک: 'ك', ة: 'ه', ہ: 'ه', ھ: 'ه', ە: 'ه', ۀ: 'ه', ـ: '' },
    ...{ ך: 'כ', ם: 'מ', ן: 'נ', ף: 'פ', ץ: 'צ' },
  }),
);

/** Where the ten digits of other scripts begin: Arabic, Persian, Devanagari, Bengali. */
const DIGITS = [0x0660, 0x06f0, 0x0966, 0x09e6] as const;

function letter(character: string): string {
  const known = LETTERS.get(character);
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  const zero = DIGITS.find((first) => code >= first && code < first + 10);
  return zero === undefined ? character : String(code - zero);
}

/** @param word in lower case and NFKC; where nothing is left of it, it is what it was */
export function fold(word: string): string {
  const bare = [...word.normalize('NFD').replace(MARKS, '').normalize('NFC')].map(letter).join('');
  return bare === '' ? word : bare;
}
