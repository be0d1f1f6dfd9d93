import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settingNames } from '../../src/domain/settings.ts';
import { containers, tables } from '../../src/storage/names.ts';
import { projectRoot } from '../support/project-root.ts';

const text = readFileSync(join(projectRoot, 'PRIVACY.md'), 'utf8');

test('PRIVACY.md says of every container and table how long it is kept', () => {
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  for (const place of [...Object.values(containers), ...Object.values(tables)]) {
    expect(
      rows.filter((row) => row.includes(`\`${place}\``)),
      place,
    ).toHaveLength(1);
  }
});

test('what it says to set can be set', () => {
  for (const name of ['FACE_RECOGNITION', 'KEEP_EXIF']) {
    expect(text).toContain(name);
    expect(settingNames).toContain(name);
  }
});
