import { afterAll, beforeAll, expect, test } from 'vitest';
import { matching } from '../results/fixtures.ts';
import { openCommandLine } from '../support/command-line.ts';

let cli: Awaited<ReturnType<typeof openCommandLine>>;
beforeAll(async () => {
  cli = await openCommandLine();
  const store = await cli.app.results();
  await store.save(matching('a', ['b'], { batchId: 'camp' }));
  await store.save(matching('b', ['a'], { batchId: 'other' }));
});
afterAll(() => cli?.close());

const json = async (...argv: string[]) => JSON.parse((await cli.imaginem(...argv, '--json')).out);

test('what is said of a batch is shown, kept with its rows, exported, and found by', async () => {
  expect(await cli.imaginem('batch', 'show', 'camp')).toMatchObject({ code: 1 });
  const said = await cli.imaginem(
    ...[
      'batch',
      'set',
      '--yes',
      'camp',
      '--purpose',
      'tracing',
      '--legal-basis',
      'consent',
      '--expires',
      '2030-01-31',
    ],
  );
  expect(said).toMatchObject({ code: 0 });
  expect(said.out).toMatch(
    /Purpose +tracing\nLegal basis +consent\nExpires +2030-01-31T00:00:00.000Z\nMatching +allowed/,
  );
  expect(await json('batch', 'show', 'camp')).toMatchObject({
    purpose: 'tracing',
    do_not_match: false,
    pending: false,
  });
  expect(await json('results', '--purpose', 'tracing')).toMatchObject([
    { id: 'a', purpose: 'tracing', legal_basis: 'consent', expires: '2030-01-31T00:00:00.000Z' },
  ]);
  expect((await cli.imaginem('export', '--format', 'csv', '--batch', 'camp')).out).toMatch(
    /,"tracing","consent","2030-01-31T/,
  );
  await cli.imaginem('batch', 'set', 'camp', '--purpose', '', '--expires', '', '--yes');
  expect(await json('batch', 'show', 'camp')).toMatchObject({
    purpose: null,
    legal_basis: 'consent',
    expires: null,
  });
});

test('a batch that may not be matched leaves the matches of others, and that is in the audit trail', async () => {
  await cli.imaginem('batch', 'set', 'camp', '--do-not-match', '--yes');
  expect(await json('results', '--do-not-match')).toMatchObject([
    { id: 'a', do_not_match: true, matches: [] },
  ]);
  expect(await json('matches', 'b')).toMatchObject({ matches: [] });
  expect((await json('audit', 'list', '--action', 'batch.changed', '--limit', '1'))[0].detail).toEqual({
    changed: ['doNotMatch'],
    doNotMatch: true,
  });
  expect((await cli.imaginem('batch', 'set', 'camp', '--match', '--yes')).out).toMatch(/Matching +allowed/);
});

test('what makes no sense is refused', async () => {
  for (const wrong of [
    [],
    ['--expires', 'soon'],
    ['--purpose', 'x'.repeat(201)],
    ['--match', '--do-not-match'],
  ]) {
    expect((await cli.imaginem('batch', 'set', 'wrong', ...wrong)).code, wrong.join(' ')).toBe(2);
  }
  expect(await cli.app.batches.get('wrong')).toBeUndefined();
});
