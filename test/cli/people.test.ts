import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { image } from '../results/fixtures.ts';
import { openCommandLine } from '../support/command-line.ts';
import { jpeg } from '../support/images.ts';

let cli: Awaited<ReturnType<typeof openCommandLine>>;
beforeAll(async () => {
  cli = await openCommandLine();
});
afterAll(() => cli?.close());

/** What a command says in JSON. */
async function json<T>(...argv: string[]): Promise<T> {
  const { code, out, err } = await cli.imaginem(...argv, '--json');
  expect(code, `${argv.join(' ')}\n${err}`).toBe(0);
  return JSON.parse(out) as T;
}

test('a person is made, changed, found, merged and erased', async () => {
  const amal = await json<{ id: string }>('person', 'make', '--name', 'Amal', '--born', '1998-07', '--minor');
  expect(amal).toMatchObject({ fullName: 'Amal', dateOfBirth: '1998-07', minor: true });
  const changed = await json(
    'person',
    'set',
    amal.id,
    '--adult',
    '--expires',
    '2099-01-31',
    '--name',
    'Amal B',
  );
  expect(changed).toMatchObject({ fullName: 'Amal B', minor: false, expiryDate: '2099-01-31T00:00:00.000Z' });
  const other = await json<{ id: string }>('person', 'make', '--name', 'Amal C');
  expect((await json<{ id: string }[]>('person', 'list', 'Amal')).map(({ id }) => id).sort()).toEqual(
    [amal.id, other.id].sort(),
  );

  await json('person', 'merge', other.id, amal.id, '--reason', 'one card');
  expect(await json('person', 'show', other.id)).toMatchObject({ keptAs: amal.id, faces: [] });
  expect((await cli.imaginem('person', 'show', other.id)).out).toContain(`Merged into ${amal.id}.`);

  const asked = await cli.answering('no', 'person', 'erase', amal.id);
  expect(asked).toMatchObject({ code: 1, err: expect.stringContaining('Nothing was erased') });
  const receipt = await json<{ id: string }>('person', 'erase', amal.id, '--yes');
  expect(receipt).toMatchObject({ kind: 'person', state: 'provisional', images: 1 });
  expect((await cli.imaginem('receipts', receipt.id)).out).toContain('person, 1 person record, provisional');
  expect((await cli.imaginem('person', 'show', amal.id)).err).toContain(`There is no person ${amal.id}`);
});

test('an enquiry is opened, changed, noted, ended and opened again', async () => {
  const file = path.join(cli.home, 'portrait.jpg');
  await writeFile(file, await jpeg());
  const grounds = ['--purpose', 'tracing', '--legal-basis', 'public interest'];
  const opened = await json<{ id: string; images: string[] }>(
    ...['enquiry', 'open', ...grounds, '--photo', file, '--taken', '2019', '--case', 'TR-1'],
  );
  expect(opened).toMatchObject({ state: 'open', case_reference: 'TR-1', minor: true });
  expect(opened.images).toHaveLength(1);

  const { id } = opened;
  expect(await json('enquiry', 'set', id, '--case', '', '--adult')).toMatchObject({
    case_reference: null,
    minor: false,
  });
  await json('enquiry', 'note', id, 'the office was told');
  expect(await json('enquiry', 'end', id, 'closed', '--reason', 'found elsewhere')).toMatchObject({
    state: 'closed',
  });
  await json('enquiry', 'reopen', id, '--reason', 'by mistake');
  const { out } = await cli.imaginem('enquiry', 'show', id);
  expect(out).toContain('taken 2019');
  expect(out).toContain('the office was told');
  expect(await json('enquiry', 'list', '--search', 'no case has this')).toEqual([]);
  expect((await json<{ id: string }[]>('enquiry', 'list', '--state', 'open')).map((one) => one.id)).toEqual([
    id,
  ]);
});

test('a face is put forward for an enquiry by hand; where that cannot be it says why', async () => {
  const store = await cli.app.results();
  const opened = ['enquiry', 'open', '--purpose', 'tracing', '--legal-basis', 'public interest'];
  const { id } = await json<{ id: string }>(...opened);
  const one = (key: string) => [
    { key, rectangle: { left: 10, top: 10, width: 50, height: 50 }, enrolled: true },
  ];
  await store.save(image('child', { faces: one('child-0') }));
  const refused = await cli.imaginem('candidates', 'propose', id, 'child-0');
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringContaining('has no face to compare with yet'),
  ]);
  await store.save(image('portrait', { batchId: `_enquiry/${id}`, faces: one('portrait-0') }));
  const put = ['candidates', 'propose', id, 'child-0', '--own', 'portrait-0', '--reason', 'the scar'];
  const candidate = await json<{ id: string }>(...put);
  expect(candidate).toMatchObject({
    ...{ standing: 'open', score: null, model: null, best_face: 'child-0', own_face: 'portrait-0' },
    proposals: [{ other: 'child-0', reason: 'the scar' }],
  });
  const { out } = await cli.imaginem('candidates', 'show', candidate.id);
  expect(out).toContain('Score         none');
  expect(out).toMatch(/By hand {7}child-0, proposed by .*, the scar/);
  expect((await cli.imaginem('decisions', 'list')).out).toContain('propose');
});

test.each([
  [['person', 'make', '--born', '1998-13'], /--born.*must be a year, 2015/],
  [['person', 'taken', 'face', '30.7.1998'], /must be a year, 2015/],
  [['person', 'set', 'someone', '--expires', 'tomorrow'], /--expires.*must be a date such as 2027-01-31/],
  [['person', 'make', '--sex', 'x'], /--sex.*must be one of female, male, other/],
  [['enquiry', 'photo', 'one', 'a.jpg', '--taken', '1998-13'], /--taken.*must be a year, 2015/],
  [['enquiry', 'set', 'one', '--expires', '2027-02-29'], /--expires.*must be a date such as 2027-01-31/],
  [['enquiry', 'set', 'one', '--expires', '2027-02-40'], /--expires.*must be a date such as 2027-01-31/],
  [['enquiry', 'set', 'one', '--purpose', ''], /purpose of an enquiry cannot be taken back/],
  [['enquiry', 'set', 'one'], /Say what changes/],
  [['enquiry', 'end', 'one', 'gone', '--reason', 'r'], /ends as one of reunited, closed, withdrawn/],
])('%j is refused in a sentence', async (argv, sentence) => {
  const { code, err } = await cli.imaginem(...argv);
  expect(code).toBe(2);
  expect(err).toMatch(sentence);
});
