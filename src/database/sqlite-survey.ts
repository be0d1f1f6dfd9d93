import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Row } from './database.ts';
import { render, type Sql } from './sql.ts';

/** What the thread is given, and how it answers. */
export interface Survey {
  path: string;
  statements: readonly { text: string; values: readonly (string | number | null)[] }[];
}
export type Surveyed = { sets: Row[][] } | { error: { message: string; errcode?: unknown } };

/** From TypeScript source the entry is a .ts, from dist a .js: as this file itself. */
const ENTRY = new URL(`./sqlite-survey-worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Reads in a thread of its own, on a connection of its own, all statements in one snapshot: SQLite answers within the
 * call, and a call of seconds would keep this process from its leases, its time limits and its HTTP.
 */
export async function surveyFile(path: string, statements: readonly Sql[]): Promise<Row[][]> {
  const workerData: Survey = {
    path,
    statements: statements.map((statement) => ({
      text: render(statement, () => '?'),
      values: statement.parameters.map(({ value }) => value),
    })),
  };
  const worker = new Worker(ENTRY, { workerData, execArgv: [] });
  try {
    const answer = await new Promise<Surveyed>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`The thread that reads ended with ${code}.`)));
    });
    if ('error' in answer) throw Object.assign(new Error(answer.error.message), answer.error);
    return answer.sets;
  } finally {
    await worker.terminate();
  }
}
