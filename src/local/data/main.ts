/**
 * Takes a backup of a data folder, makes a folder of one, verifies one: `main backup <data> <folder>`,
 * `main restore <folder> <data>`, `main check <data> [--hashes]`, each with `--json` for one JSON object. The command line
 * runs it, for it knows nothing of what stands around the app. Exits 1, with sentences, where something is wrong.
 */
import { parseArgs } from 'node:util';
import { backup } from './backup.ts';
import { check } from './check.ts';
import { DataFolderError } from './parts.ts';
import { restore } from './restore.ts';

process.umask(0o077);
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { hashes: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});
const [what, first = '', second = ''] = positionals;
/** What was done, for programs or in sentences. */
const tell = (facts: object, ...sentences: string[]) => {
  for (const line of values.json ? [JSON.stringify(facts, undefined, 2)] : sentences) console.log(line);
};
const some = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

try {
  if (what === 'backup') {
    const manifest = await backup(first, second, Date.now);
    tell(
      manifest,
      `The backup is in ${second}: ${some(manifest.databases.length, 'database')}, ${some(manifest.files, 'file')} of large blobs.`,
      'It holds photographs and the key of the storage: keep it as you keep the data folder.',
    );
  } else if (what === 'restore') {
    const manifest = await restore(first, second);
    tell(
      manifest,
      `${second} is as it was on ${manifest.takenAt}. Start it with "npm start"; what was under way then goes on.`,
      'What was erased after that moment is back: see the receipts kept since, and erase it again.',
    );
  } else {
    const report = await check(first, values);
    for (const sentence of values.json ? [] : report.wrong) console.error(sentence);
    tell(
      report,
      `${some(report.databases, 'database')}, ${some(report.blobs, 'blob')}, ${some(report.files, 'file')}, ${some(report.hashed, 'hash', 'hashes')} checked: ${
        report.wrong.length === 0 ? 'all is well.' : `${some(report.wrong.length, 'thing')} wrong.`
      }${report.orphans > 0 ? ` ${some(report.orphans, 'file')} that nothing names: the next start takes ${report.orphans === 1 ? 'it' : 'them'} away.` : ''}`,
    );
    if (report.wrong.length > 0) process.exitCode = 1;
  }
} catch (error) {
  if (error instanceof DataFolderError) console.error(error.message);
  else {
    const { code, message } = error as NodeJS.ErrnoException;
    console.error(code === 'ENOSPC' ? `The disk is full: ${message}` : message);
  }
  process.exitCode = 1;
}
