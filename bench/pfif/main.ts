/**
 * What it takes to read a large PFIF file, a tenth of whose records are broken, and whether memory stays flat.
 *
 *   npm run bench:pfif -- [--records 1000000] [--import 20000]
 *
 * Writes the file, reads it from the disk as an import does, and compares the memory of the first tenth with the most there
 * ever was; of `--import` records it also makes persons, in SQLite. Ends with exit code 1 where memory has grown, or where a
 * broken record was not refused for its reason.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { importPfif } from '../../src/admin/pfif-import.ts';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { People } from '../../src/people/people.ts';
import { PfifLedger } from '../../src/people/pfif/ledger.ts';
import { readPfif, refusalSentence } from '../../src/people/pfif/read.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { fileOf, recordAt } from './records.ts';

const { values } = parseArgs({
  options: { records: { type: 'string', default: '1000000' }, import: { type: 'string', default: '20000' } },
});
const [records, imported] = [Number(values.records), Number(values.import)];
/** Garbage that waits to be collected is no growth. */
const SLACK_MB = 80;

const folder = await mkdtemp(join(tmpdir(), 'bench-pfif-'));
const wrong: string[] = [];
const seconds = (since: number) => Number(((performance.now() - since) / 1000).toFixed(1));
const mb = () => Math.round(process.memoryUsage().rss / 1e6);

try {
  const file = join(folder, 'registry.xml');
  await pipeline(Readable.from(fileOf(records)), createWriteStream(file));
  console.log(`${records} records, ${Math.round((await stat(file)).size / 1e6)} MB`);

  const started = performance.now();
  let [seen, refused, early, most] = [0, 0, 0, 0];
  for await (const entry of readPfif(createReadStream(file))) {
    const { refused: reason } = recordAt(seen);
    const sentence = entry.kind === 'refused' ? refusalSentence(entry) : undefined;
    if (entry.kind === 'refused') refused += 1;
    if ((reason === undefined) !== (sentence === undefined) || (reason && !sentence?.includes(reason)))
      wrong.push(`record ${seen}: ${sentence ?? 'taken'} in place of ${reason ?? 'taken'}`);
    seen += 1;
    if (seen % 1000 !== 0) continue;
    most = Math.max(most, mb());
    if (seen <= records / 10) early = Math.max(early, mb());
  }
  if (seen !== records) wrong.push(`${seen} records were read of ${records}`);
  console.log(
    `read: ${seconds(started)} s, ${Math.round(records / seconds(started))} records a second; ${refused} refused, each with its reason; memory ${early} MB in the first tenth, ${most} MB at most`,
  );
  if (most > early + SLACK_MB) wrong.push(`memory has grown from ${early} MB to ${most} MB`);

  if (imported > 0) {
    const store = new SqlResultStore(await SqliteDatabase.open(join(folder, 'results.db')));
    await store.migrate();
    const people = new People(store.database, { clock: Date.now });
    const deps = {
      people,
      ledger: new PfifLedger(store.database),
      clock: Date.now,
      erasePersons: async () => undefined,
      openEnquiry: async () => '',
      addPhotograph: async () => undefined,
      photograph: async () => undefined,
    };
    const options = { purpose: 'p', legalBasis: 'l', deaths: false, enquiries: false };
    const since = performance.now();
    const report = await importPfif(fileOf(imported), 'bench', options, deps, new AbortController().signal);
    console.log(
      `imported: ${report.persons.made} persons of ${imported} records in ${seconds(since)} s, ${report.refused.count} refused; memory ${mb()} MB`,
    );
    if (report.persons.made + report.refused.count !== imported)
      wrong.push('some records were lost in the import');
    await store.close();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
for (const sentence of wrong.slice(0, 20)) console.error(sentence);
process.exitCode = wrong.length > 0 ? 1 : 0;
