import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CliError } from '../errors.ts';

/**
 * Lets a person edit JSON in the editor of VISUAL or EDITOR, as git does.
 *
 * @returns undefined where nothing was changed
 * @throws {CliError} where there is no editor, it fails, or what it leaves is not JSON
 */
export async function editJson(
  value: unknown,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<unknown> {
  const editor = env.VISUAL || env.EDITOR;
  if (!editor) throw new CliError('No editor: set EDITOR, or give the change by --set <field>=<value>.');
  // A folder of its own, readable by nobody else: a message names a person's photograph.
  const folder = await mkdtemp(path.join(tmpdir(), 'imaginem-edit-'));
  try {
    const file = path.join(folder, 'message.json');
    const before = `${typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)}\n`;
    await writeFile(file, before, { mode: 0o600 });
    const child = spawn(`${editor} "${file}"`, { stdio: 'inherit', shell: true });
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new CliError(`The editor "${editor}" ended with code ${code}: nothing was sent.`);
    const after = await readFile(file, 'utf8');
    if (after === before) return undefined;
    try {
      return JSON.parse(after);
    } catch {
      throw new CliError('What the editor left is not JSON: nothing was sent.');
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
