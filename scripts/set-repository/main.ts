/**
 * `npm run set:repository <owner/name>`: writes the address of the public repository wherever the project needs one: the
 * Deploy button, links, the container image, package.json. Can be run again when the address changes.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandLine } from '../command-line.ts';
import { setRepository } from './set.ts';

const command = commandLine('set:repository', 'Writes the address of the public repository into the project.')
  .argument('<owner/name>', 'as on GitHub')
  .parse();
const project = fileURLToPath(new URL('../../', import.meta.url));
try {
  const changed = await setRepository(command.args[0] ?? '', {
    read: (file) => readFile(join(project, file), 'utf8').catch(() => undefined),
    write: (file, text) => writeFile(join(project, file), text),
  });
  console.log(changed.length === 0 ? 'Nothing to change.' : `Changed: ${changed.join(', ')}.`);
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
