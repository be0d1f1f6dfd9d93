import type { Chance } from '../chance.ts';

/** Languages by the script they are written in: their words come with Node, as names of countries and the like. */
export const LANGUAGES: Readonly<Record<string, readonly string[]>> = {
  Latin: 'en fr de es pl cs tr ro sv pt hu vi sk lt lv hr is sq id nl it fi nb'.split(' '),
  Cyrillic: 'ru uk bg sr be mk kk mn'.split(' '),
  Arabic: 'ar fa ur ps'.split(' '),
  Greek: ['el'],
  Hebrew: ['he'],
  Devanagari: ['hi', 'mr', 'ne'],
  Ethiopic: ['am', 'ti'],
  Georgian: ['ka'],
  Armenian: ['hy'],
  Thai: ['th'],
  Bengali: ['bn'],
  Tamil: ['ta'],
  Han: ['zh'],
  Kana: ['ja'],
  Hangul: ['ko'],
};

const known = new Map<string, string[]>();

/** One to four words of a language, in capitals, small letters or as they are; now and then a number. */
export function someWords(language: string, random: Chance): string {
  const words = wordsOf(language);
  const count = random.whole(1, 4);
  let text = Array.from({ length: count }, () => words[random.whole(0, words.length - 1)]).join(' ');
  const style = random.next();
  if (style < 0.25) text = text.toLocaleUpperCase(language);
  else if (style < 0.5) text = text.toLocaleLowerCase(language);
  if (random.next() < 0.15) text += ` ${random.whole(0, 999)}`;
  return text.normalize('NFC').slice(0, 40).trim();
}

function wordsOf(language: string): string[] {
  const found = known.get(language) ?? collect(language);
  known.set(language, found);
  return found;
}

function collect(language: string): string[] {
  const names = new Set<string>();
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const codes = letters.flatMap((a) => letters.map((b) => a + b));
  const kinds = [
    ['region', codes],
    ['language', codes.map((code) => code.toLowerCase())],
    ['currency', Intl.supportedValuesOf('currency')],
  ] as const;
  for (const [type, all] of kinds) {
    const display = new Intl.DisplayNames([language], { type, fallback: 'none' });
    for (const code of all) names.add(display.of(code) ?? '');
  }
  // Names that a language has no word of its own for stand in Latin letters.
  const latin = LANGUAGES.Latin?.includes(language) === true;
  const own = [...names].filter((name) => latin || !/\p{Script=Latin}/u.test(name));
  return [...new Set(own.flatMap((name) => name.split(/\s+/)).filter((word) => word.length > 1))];
}
