import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { containers } from '../../src/storage/names.ts';
import { commandsOf, shellBlocks } from '../docs/shell-blocks.ts';
import { document, personText } from '../people/pfif/records.ts';
import { structureFaults } from '../people/pfif/structure.ts';
import { match, matching } from '../results/fixtures.ts';
import { openCommandLine } from '../support/command-line.ts';
import { projectRoot } from '../support/project-root.ts';

let cli: Awaited<ReturnType<typeof openCommandLine>>;
beforeAll(async () => {
  cli = await openCommandLine();
});
afterAll(() => cli?.close());
beforeEach(() => cli.imaginem('clear', '--yes'));

/** The commands of a document, one after the other, from the project's folder. */
async function follow(page: string): Promise<string[]> {
  const markdown = await readFile(path.join(projectRoot, 'docs', page), 'utf8');
  const outs: string[] = [];
  for (const { words, text } of shellBlocks(markdown).flatMap(commandsOf)) {
    const [, , ...argv] = words;
    const here = argv.map((word) => (word.startsWith('samples') ? path.join(projectRoot, word) : word));
    const { code, out, err } = await cli.imaginem(...here);
    expect(code, `${text}\n${err}`).toBe(0);
    outs.push(out);
  }
  return outs;
}

test('docs/pfif.md goes as written', async () => {
  const [first = '', enquiries = '', second = '', xml = ''] = await follow('pfif.md');
  expect(first).toContain('Persons: 2 new.');
  expect(first).toContain('Notes: 2 new.');
  expect(first).toContain('Opened 1 enquiry, with 1 photograph.');
  expect(first).toContain('the note (n.3) has a value that PFIF does not allow: note_record_id.');
  expect(enquiries).toContain('open');
  expect(second).toContain('Persons: 2 here already.');
  expect(second).toContain('Opened 0 enquiries');
  expect(structureFaults(`${xml}\n`)).toEqual([]);
  expect(xml).toContain('tracing.example.org/p.1');
  expect(xml).not.toContain('tracing.example.org/p.2');
  expect(xml).not.toContain('photo_url');
  const names: string[] = [];
  for await (const { name } of cli.app.storage.blobs.list(containers.input)) names.push(name);
  expect(names.filter((name) => name.startsWith('_enquiry/')).length).toBe(1);
  const { out } = await cli.imaginem('audit', 'list');
  expect(out).toContain('pfif');
});

test('a file that is none, and a file that is there, are refused in a sentence', async () => {
  const file = path.join(cli.home, 'people.csv');
  await writeFile(file, 'name,age\nAna,9\n');
  const basis = ['--purpose', 'p', '--legal-basis', 'l'];
  const none = await cli.imaginem('pfif', 'import', file, ...basis);
  expect(none.code).toBe(1);
  expect(none.out).toContain('This is not PFIF');
  expect((await cli.imaginem('pfif', 'import', path.join(cli.home, 'no.xml'), ...basis)).code).toBe(2);
  const there = await cli.imaginem('pfif', 'export', '--domain', 'a.org', '--out', file);
  expect(there.code).toBe(2);
  expect(there.err).toContain('is there already');
  expect((await cli.imaginem('pfif', 'export', '--domain', 'no domain')).code).toBe(2);
});

test('records that are refused are written down, each; photographs outside the folder are not read', async () => {
  const file = path.join(cli.home, 'missing.xml');
  const refused = path.join(cli.home, 'refused.txt');
  const outside = '<pfif:photo_url>https://a.org/..%2f..%2fresults.db</pfif:photo_url>';
  const note =
    '<pfif:note><pfif:note_record_id>a.org/n</pfif:note_record_id><pfif:author_name>B</pfif:author_name><pfif:source_date>2026-01-02T03:04:05Z</pfif:source_date><pfif:status>believed_missing</pfif:status></pfif:note>';
  await writeFile(file, document(personText('1') + personText('2') + personText('a.org/3', outside + note)));
  const { out, code } = await cli.imaginem(
    ...['pfif', 'import', file, '--purpose', 'p', '--legal-basis', 'l', '--refused', refused, '--json'],
  );
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    persons: { made: 1 },
    refused: { count: 2 },
    enquiries: 1,
    photographs: { taken: 0, failed: 0 },
  });
  expect((await readFile(refused, 'utf8')).trim().split('\n')).toHaveLength(2);
});

test('docs/calibration.md goes as written, and says "too few" of an archive that knows nothing yet', async () => {
  const store = await cli.app.results();
  await store.save(matching('a', []));
  await store.save(matching('b', [], { matches: [match('b', 'a', 0.8)] }));
  await (await cli.app.people()).settle(['a', 'b']);
  const [drawn = '', ran = '', shown = '', list = ''] = await follow('calibration.md');
  expect(drawn).toContain('drew 1 new pair for reviewers (seed 1)');
  expect(ran).toContain('too few');
  expect(ran).toContain('Too few decisions for both error rates');
  expect(shown).toContain('Nobody has published figures of the service that answers here');
  expect(list).toContain('too few');
  await (await cli.app.people()).decide('a-0', 'b-0', 'same', { by: 'ann' });
  const { out } = await cli.imaginem('calibrate', 'run', '--json', '--seed', '3');
  expect(JSON.parse(out)).toMatchObject({ seed: 3, result: { pairs: 1, persons: 1, enough: false } });
});

test('reviewers are measured at the command line: a rate, one who agrees, figures that are too few', async () => {
  expect((await cli.imaginem('calibrate', 'reviewers', 'rate', '3')).code).toBe(2);
  const set = await cli.imaginem('calibrate', 'reviewers', 'rate', '20');
  expect(set.out).toContain('Of 20 pairs that are reviewed one has a known answer, for those who agree.');
  expect(set.out).toContain('have not agreed to be measured');
  const agreed = await cli.imaginem('calibrate', 'reviewers', 'agree');
  expect(agreed.out).toContain('1 reviewer agreed. Known: 0 pairs of one person, 0 pairs of two.');
  expect(agreed.out).toContain('0 answers; of pairs of two people (too few) called the same');
  expect(agreed.out).toContain('All together: fewer than three reviewers have answered');
  const { out } = await cli.imaginem('calibrate', 'reviewers', 'show', '--json');
  expect(JSON.parse(out)).toMatchObject({ oneIn: 20, own: { answers: 0 }, group: { reviewers: 1 } });
  const left = await cli.imaginem('calibrate', 'reviewers', 'withdraw', '--json');
  expect(JSON.parse(left.out)).toMatchObject({ agreedAt: null, own: null });
  expect((await cli.imaginem('calibrate', 'reviewers', 'rate', 'off')).out).toContain('Nobody is measured');
});
