import { utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { clockBehind } from '../../../src/local/launcher/clock-behind.ts';
import { folder } from './support.ts';

test('a clock that is behind the last write by more than an hour is said, with both times', async () => {
  const root = await folder(onTestFinished);
  const [old, last, missing] = ['old', 'last', 'missing'].map((name) => path.join(root, name)) as [
    string,
    string,
    string,
  ];
  const written = Date.parse('2026-11-30T12:00:00Z');
  for (const [file, at] of [
    [old, 0],
    [last, written],
  ] as const) {
    writeFileSync(file, '');
    utimesSync(file, at / 1000, at / 1000);
  }
  const files = [old, last, missing];
  expect(await clockBehind(files, written)).toBeUndefined();
  expect(await clockBehind(files, written - 3_600_000)).toBeUndefined();
  expect(await clockBehind(files, written - 3_600_001)).toContain('says 2026-11-30 10:59 UTC');
  const sentence = await clockBehind(files, 60_000);
  expect(sentence).toContain(
    'says 1970-01-01 00:01 UTC, and the data folder was last written to at 2026-11-30 12:00 UTC',
  );
  // A new folder has nothing to compare with.
  expect(await clockBehind([missing], 0)).toBeUndefined();
});
