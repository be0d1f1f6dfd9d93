import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorCodes, errorsPage, explain } from '../../src/domain/error-codes.ts';
import { projectRoot } from '../support/stack.ts';

/** Codes of the vision services and of Node, which the source reads rather than gives. */
const FOREIGN = new Set(['FaceNotFound', 'UnsupportedFeature', 'ENOTFOUND']);

/** The codes that the source gives to errors: `code: 'X'`, and the first argument of an error class that takes one. */
function codesInSource(): Set<string> {
  const source = join(projectRoot, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      file.endsWith('.ts') && !/^(local|cli|dashboard)\W/.test(file) && !file.endsWith('error-codes.ts'),
  );
  const codes = new Set<string>();
  for (const file of files) {
    const text = readFileSync(join(source, file), 'utf8');
    for (const [, plain, classed, end] of text.matchAll(
      /\bcode(?::| \?\?) '([A-Z]\w+)'|(?:Permanent|Unavailable|VisionCall|FaceListState)Error\(\s*(?:'full', )?'([A-Z]\w+)'|'(Image(?:Gone|Superseded))'/g,
    )) {
      codes.add(plain ?? classed ?? end ?? '');
    }
  }
  return codes;
}

test('every code in the source is explained, and every explained code is in the source', () => {
  const known = Object.keys(errorCodes);
  const used = [...codesInSource()].filter((code) => !FOREIGN.has(code));
  expect(used.length).toBeGreaterThan(40);
  expect(used.filter((code) => !known.includes(code))).toEqual([]);
  const text = readdirSync(join(projectRoot, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('error-codes.ts'))
    .map((file) => readFileSync(join(projectRoot, 'src', file), 'utf8'))
    .join('\n');
  expect(known.filter((code) => !text.includes(`'${code}'`))).toEqual([]);
});

test('every code says what to do', () => {
  for (const [code, { meaning, advice }] of Object.entries(errorCodes)) {
    expect(meaning, code).toMatch(/^[\w"].*\.$/);
    expect(advice, code).toMatch(/^[A-Z].*\.$/);
    expect(`${meaning}${advice}`, code).not.toMatch(/[|\n]/);
  }
});

test('a code of a service, also one named like a property of every object, is explained in general', () => {
  expect(explain('InvalidImageSize').advice).toMatch(/Upload another image/);
  expect(explain('constructor')).toBe(explain('InvalidImageSize'));
});

test('docs/errors.md is what the code says (update it with "npx vitest run test/domain/error-codes.test.ts -u")', async () => {
  await expect(errorsPage()).toMatchFileSnapshot(join(projectRoot, 'docs/errors.md'));
});
