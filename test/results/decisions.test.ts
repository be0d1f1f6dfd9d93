import { expect, test } from 'vitest';
import type { Database, Session } from '../../src/database/database.ts';
import { Decisions } from '../../src/results/decisions.ts';

test('a decision takes the lock of its pair before it looks at anything: of two at once the second sees the first', async () => {
  const statements: string[] = [];
  const note = (given: readonly unknown[]) => {
    statements.push(JSON.stringify(given));
    if (statements.length === 2) throw new Error('seen enough');
  };
  const session: Session = {
    read: async (given) => {
      note(given);
      return [[]];
    },
    run: async (given) => {
      note(given);
      return 1;
    },
    runEach: async (given) => {
      note(given);
      return [1];
    },
  };
  const database = {
    write: <T>(work: (with_: Session) => Promise<T>) => work(session),
  } as unknown as Database;
  const decisions = new Decisions(database, () => 0);
  await expect(decisions.decide(['a-1', 'b-1'], 'confirmed', 'ann')).rejects.toThrow('seen enough');
  expect(statements[0]).toContain('UPDATE face_match');
  expect(statements[1]).toContain('match_decision');
});
