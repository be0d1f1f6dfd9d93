import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../support/project-root.ts';

test('a PFIF file is read in little memory, and every broken record of it is refused for its reason', () => {
  // It ends with an error where memory grows, or where one record is lost or refused for another reason.
  const out = execFileSync(
    process.execPath,
    [
      '--max-old-space-size=32',
      join(projectRoot, 'bench/pfif/main.ts'),
      '--records',
      '12000',
      '--import',
      '300',
    ],
    { encoding: 'utf8' },
  );
  expect(out).toContain('1200 refused, each with its reason');
  expect(out).toContain('imported: 270 persons of 300 records');
});
