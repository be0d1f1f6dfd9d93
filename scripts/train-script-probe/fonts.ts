import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Font {
  family: string;
  style: string;
  file: string;
  /** Languages whose letters it has, as fontconfig names them. */
  languages: ReadonlySet<string>;
}

/** Families that draw pictures, not letters, and those that the rendered sets of `npm run bench:accuracy` are set in. */
const LEFT_OUT = /dejavu|math|symbol|dingbat|emoji|music|barcode|braille/i;

/** The fonts of a folder and its sub-folders, as fontconfig's `fc-scan` describes them. */
export function findFonts(folder: string): Font[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ttf|otf|ttc)$/i.test(name) && !LEFT_OUT.test(name))
    .map((name) => join(folder, name));
  return files.flatMap((file) => {
    const { stdout } = spawnSync('fc-scan', ['--format', '%{family[0]}|%{style[0]}|%{lang}\n', file], {
      encoding: 'utf8',
    });
    const [first] = (stdout ?? '').split('\n');
    const [family, style, ...languages] = (first ?? '').split('|');
    if (family === undefined || style === undefined || languages.length === 0) return [];
    return [{ family, style, file, languages: new Set(languages) }];
  });
}
