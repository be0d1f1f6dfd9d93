import { expect, test } from 'vitest';
import { imageCsv, imageCsvHead } from '../../../src/admin/export/image-csv.ts';
import type { StoredImage } from '../../../src/results/rows.ts';
import { face, image, match } from '../../results/fixtures.ts';

/** By column, as a spreadsheet shows it. */
function cells(given: Partial<StoredImage>): Record<string, string> {
  const line = imageCsv({ ...image('i'), ...given } as StoredImage);
  const values = [...line.matchAll(/(?<=^|,)(?:"([^"]*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted ?? plain,
  );
  const names = imageCsvHead().split(',');
  expect(values).toHaveLength(names.length);
  return Object.fromEntries(names.map((name, at) => [name, values[at] ?? '']));
}

test('what holds for an image by its consent is said, and what nobody said is left empty', () => {
  const consent = {
    purpose: 'tracing',
    legalBasis: 'consent',
    expires: '2027-01-01T00:00:00.000Z',
    doNotMatch: true,
  };
  expect(cells({ consent })).toMatchObject({
    ...{
      purpose: 'tracing',
      legal_basis: 'consent',
      expires: '2027-01-01T00:00:00.000Z',
      do_not_match: 'yes',
    },
  });
  expect(cells({ consent: { purpose: 'tracing', doNotMatch: false } })).toMatchObject({
    purpose: 'tracing',
    do_not_match: '',
  });
  expect(cells({})).toMatchObject({ purpose: '', legal_basis: '', expires: '', do_not_match: '' });
});

test('no face is 0 where somebody looked, and empty where nobody did', () => {
  expect(cells({ faces: [face('f')] }).faces).toBe('1');
  expect(cells({}).faces).toBe('');
  const steps = { facedetection: { state: 'done', attempts: 1 } } as StoredImage['steps'];
  expect(cells({ steps, jobOutput: { facedetection: { faces: [] } } }).faces).toBe('0');
});

test('lists stand in one cell: tags, matches, warnings, and the steps that are not done', () => {
  expect(
    cells({
      tags: [
        { name: 'person', confidence: 1 },
        { name: 'tent', confidence: 0.5 },
      ],
      matches: [match('i', 'x', 0.756), match('i', 'y', 0.5)] as StoredImage['matches'],
      warnings: [
        { code: 'ReadInPart', message: '' },
        { code: 'Turned', message: '' },
      ] as never,
      steps: {
        ocr: { state: 'done', attempts: 1 },
        facematch: { state: 'failed', attempts: 3, error: { code: 'Throttled', message: '' } },
        faceprint: { state: 'skipped', attempts: 0 },
      } as StoredImage['steps'],
    }),
  ).toMatchObject({
    tags: 'person; tent',
    matches: expect.stringMatching(/x\.jpg \(0\.76\); \S+y\.jpg \(0\.50\)$/),
    warnings: 'ReadInPart; Turned',
    errors: 'facematch failed Throttled; faceprint skipped',
  });
});
