import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Scripts that the recogniser for Latin and Chinese does not know, as Unicode names them (ISO 15924 beside it). */
const SCRIPT_CODES = {
  Arabic: 'Arab',
  Armenian: 'Armn',
  Bengali: 'Beng',
  Cyrillic: 'Cyrl',
  Devanagari: 'Deva',
  Ethiopic: 'Ethi',
  Georgian: 'Geor',
  Greek: 'Grek',
  Hangul: 'Kore',
  Hebrew: 'Hebr',
  Japanese: 'Jpan',
  Myanmar: 'Mymr',
  Tamil: 'Taml',
  Thai: 'Thai',
} as const;

export type Script = keyof typeof SCRIPT_CODES;

/** ISO 15924; `Zyyy`, undetermined, for a script that is not in the list. */
export function scriptCode(script: string): string {
  return (SCRIPT_CODES as Readonly<Record<string, string>>)[script] ?? 'Zyyy';
}

/** Languages by the code of their Tesseract data: script, BCP 47 tag, and letters that tell them from their kin. */
const LANGUAGES: Readonly<Record<string, readonly [script: Script, tag: string, ownLetters?: RegExp]>> = {
  amh: ['Ethiopic', 'am'],
  ara: ['Arabic', 'ar', /[ةإأؤ]|(?<!\p{L})ال/gu],
  bel: ['Cyrillic', 'be', /[ўЎ]/gu],
  ben: ['Bengali', 'bn'],
  bul: ['Cyrillic', 'bg', /[ъЪ]/gu],
  ell: ['Greek', 'el'],
  fas: ['Arabic', 'fa', /[پچژگ]/gu],
  heb: ['Hebrew', 'he'],
  hin: ['Devanagari', 'hi'],
  hye: ['Armenian', 'hy'],
  jpn: ['Japanese', 'ja'],
  kat: ['Georgian', 'ka'],
  kaz: ['Cyrillic', 'kk', /[әғқңұӘҒҚҢҰ]/gu],
  kor: ['Hangul', 'ko'],
  mar: ['Devanagari', 'mr'],
  mkd: ['Cyrillic', 'mk', /[ѓќѕЃЌЅ]/gu],
  mon: ['Cyrillic', 'mn', /[өүӨҮ]/gu],
  mya: ['Myanmar', 'my'],
  nep: ['Devanagari', 'ne'],
  pus: ['Arabic', 'ps', /[ټډړږښګڼې]/gu],
  rus: ['Cyrillic', 'ru', /[ыэёЫЭЁ]/gu],
  snd: ['Arabic', 'sd', /[ٻڀٺٿڄڃ]/gu],
  srp: ['Cyrillic', 'sr', /[ђћЂЋ]/gu],
  tam: ['Tamil', 'ta'],
  tha: ['Thai', 'th'],
  tir: ['Ethiopic', 'ti'],
  uig: ['Arabic', 'ug', /[ېۆۈۋ]/gu],
  ukr: ['Cyrillic', 'uk', /[їєґЇЄҐ]/gu],
  urd: ['Arabic', 'ur', /[ٹڈڑںے]/gu],
};

/** Trained data of one language on this machine. */
export interface LanguageData {
  /** Tesseract's code, also the file's name. */
  code: string;
  script: Script;
  /** BCP 47. */
  tag: string;
  /** Letters that it has and others of its script have not, or seldom; matches nothing where none are known. */
  ownLetters: RegExp;
  folder: string;
  /** Whether the file is `.traineddata.gz`. */
  gzip: boolean;
}

/** What npm and the system hold, by code: nothing is ever downloaded. */
export function findLanguageData(env: NodeJS.ProcessEnv = process.env): LanguageData[] {
  const found = new Map<string, LanguageData>();
  for (const [code, [script, tag, ownLetters = /(?!)/gu]] of Object.entries(LANGUAGES)) {
    const place = [...packageFolders(code), ...systemFolders(env)].find(({ folder, gzip }) =>
      existsSync(join(folder, `${code}.traineddata${gzip ? '.gz' : ''}`)),
    );
    if (place !== undefined) found.set(code, { code, script, tag, ownLetters, ...place });
  }
  return [...found.values()];
}

interface Place {
  folder: string;
  gzip: boolean;
}

const require = createRequire(import.meta.url);

/** The smaller of the two models that such a package carries: of whole numbers, for the neural recogniser alone. */
function packageFolders(code: string): Place[] {
  return (require.resolve.paths('@tesseract.js-data/x') ?? []).map((modules) => ({
    folder: join(modules, '@tesseract.js-data', code, '4.0.0_best_int'),
    gzip: true,
  }));
}

/** Where Tesseract looks itself: `TESSDATA_PREFIX` alone where it is set, else where systems install its data. */
function systemFolders(env: NodeJS.ProcessEnv): Place[] {
  const prefix = env.TESSDATA_PREFIX;
  const folders = prefix
    ? [prefix, join(prefix, 'tessdata')]
    : [
        ...debianFolders(),
        '/usr/share/tessdata',
        '/usr/local/share/tessdata',
        '/opt/homebrew/share/tessdata',
        ...(env.PROGRAMFILES === undefined ? [] : [join(env.PROGRAMFILES, 'Tesseract-OCR', 'tessdata')]),
      ];
  return folders.map((folder) => ({ folder, gzip: false }));
}

/** A folder per version: `/usr/share/tesseract-ocr/5/tessdata`. */
function debianFolders(): string[] {
  const root = '/usr/share/tesseract-ocr';
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .sort()
    .reverse()
    .map((version) => join(root, version, 'tessdata'));
}
