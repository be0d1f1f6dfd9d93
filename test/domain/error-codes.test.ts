import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorCodes, errorsPage, explain } from '../../src/domain/error-codes.ts';
import { PermanentError, reason } from '../../src/domain/errors.ts';
import { projectRoot } from '../support/project-root.ts';

test('every explained code is given somewhere; one that is not explained, the compiler refuses', () => {
  const source = join(projectRoot, 'src');
  const text = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('error-codes'))
    .map((file) => readFileSync(join(source, file), 'utf8'))
    .join('\n');
  const known = Object.keys(errorCodes);
  expect(known.length).toBeGreaterThan(80);
  expect(known.filter((code) => !text.includes(`'${code}'`))).toEqual([]);
  // @ts-expect-error: no such code
  new PermanentError('NoSuchCode', 'x');
  // @ts-expect-error: no such code
  reason('NoSuchCode', 'x');
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
