import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { Survey, Surveyed } from './sqlite-survey.ts';

/** The engine waits for a lock that long: nobody else waits for this thread. */
const WAIT_MS = 10_000;

function answer({ path, statements }: Survey): Surveyed {
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: WAIT_MS });
    try {
      database.exec('BEGIN');
      return {
        sets: statements.map(({ text, values }) =>
          database
            .prepare(text)
            .all(...values)
            .map((row) => ({ ...row })),
        ),
      };
    } finally {
      database.close();
    }
  } catch (error) {
    const { message, errcode } = error as { message: string; errcode?: unknown };
    return { error: { message, errcode } };
  }
}

parentPort?.postMessage(answer(workerData as Survey));
