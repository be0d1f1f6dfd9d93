import { expect, test } from 'vitest';
import type { Row } from '../../src/database/database.ts';
import type { Sql } from '../../src/database/sql.ts';
import { sqliteDialect } from '../../src/database/sqlite.ts';
import { recountSteps } from '../../src/results/recount-steps.ts';

const difference = (step: string, images: number): Row => ({
  ...{ name: 'camp', status: 'done', step, code: '', took: 1 },
  ...{ images, attempts: images, retries: 0 },
});

test('what differs only since the long look began, and what does no more, is left alone', async () => {
  const written: unknown[] = [];
  const session = {
    read: async () => [[difference('ocr', 1), difference('facecrop', 2)]],
    run: async (statements: readonly Sql[]) =>
      written.push(...statements.flatMap(({ parameters }) => parameters.map(({ value }) => value))),
  };
  const database = {
    dialect: sqliteDialect,
    write: (work: (given: typeof session) => unknown) => work(session),
  };
  let looks = 0;
  const corrected = await recountSteps(database as never, async () => {
    looks += 1;
    return [looks === 1 ? [difference('ocr', 1), difference('faceprint', 3)] : []];
  });
  expect(corrected).toEqual([{ kind: 'step', name: 'camp', status: 'done', images: 1, faces: 0 }]);
  expect(written).toContain('ocr');
  for (const step of ['facecrop', 'faceprint']) expect(written).not.toContain(step);
});
