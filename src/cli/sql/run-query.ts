import { fork } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { NearNames } from '../../domain/near.ts';
import { schemaNames } from '../../results/schema-names.ts';
import { CliError } from '../errors.ts';
import { printable } from '../format/printable.ts';
import type { Answer, Asked } from './child.ts';

const CHILD = fileURLToPath(new URL(`./child${path.extname(import.meta.url)}`, import.meta.url));

interface Running {
  /** App settings that name the result store. */
  settings: Readonly<Record<string, string | undefined>>;
  /** Milliseconds after which it is ended. */
  limitMs: number;
  signal: AbortSignal;
}

/**
 * Runs a person's statement, which may take for ever, so that it can be ended: by the person, or by its time.
 *
 * @throws {CliError} saying what is wrong with it
 */
export function runQuery(
  asked: Asked,
  { settings, limitMs, signal }: Running,
): Promise<Record<string, unknown>[]> {
  const child = fork(CHILD, [], {
    env: { ...process.env, ...settings },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    const end = (error: Error) => {
      child.kill('SIGKILL');
      reject(error);
    };
    const limit = setTimeout(
      () =>
        end(
          new CliError(
            `The statement took longer than ${limitMs / 1000} s and was ended: ask for less, or give it more time by --timeout.`,
          ),
        ),
      limitMs,
    );
    const stop = () => end(new CliError('Stopped.'));
    signal.addEventListener('abort', stop, { once: true });
    child.once('message', (answer: Answer) => {
      if ('rows' in answer) resolve(answer.rows);
      else reject(new CliError(whatIsWrong(answer.error)));
    });
    child.once('error', end);
    child.once('exit', () => {
      clearTimeout(limit);
      signal.removeEventListener('abort', stop);
      // Without an answer before: it was killed from elsewhere.
      reject(new CliError('The statement was ended before it had an answer.'));
    });
    child.send(asked);
  });
}

/** The database's own words, and the name that may have been meant. */
function whatIsWrong({ name, message }: { name: string; message: string }): string {
  if (name === 'NotReadOnlyError') return message;
  const [, what, asked = ''] =
    /no such (table|column): (?:\w+\.)?(\w+)/i.exec(message) ??
    /Invalid (object|column) name '(?:\w+\.)?(\w+)'/i.exec(message) ??
    [];
  if (what === undefined) return `The statement cannot be run: ${printable(message)}`;
  const isTable = what !== 'column';
  const names = isTable ? schemaNames.tables : schemaNames.columns;
  const near = new NearNames(asked, 3);
  for (const one of names) near.add(one);
  const meant = near.names.length > 0 ? ` Did you mean ${near.names.join(', ')}?` : '';
  const all = isTable && meant === '' ? ` The tables are ${names.join(', ')}.` : '';
  return `The statement cannot be run: there is no ${isTable ? 'table' : 'column'} "${printable(asked)}".${meant}${all} docs/sql.md describes them.`;
}
