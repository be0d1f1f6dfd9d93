import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exampleQueries } from '../../src/results/examples.ts';
import { assertOneSelect, NotReadOnlyError } from '../../src/results/read-only.ts';

describe('one SELECT', () => {
  test.for([
    ...exampleQueries.map(({ sql }) => sql),
    "SELECT 'DROP TABLE x; it''s' AS a",
    'select [delete], "update" from t -- drop\n;',
    "WITH x AS (SELECT 1 AS n) /* insert ; */ SELECT n FROM x WHERE n <> 'a/*b'",
    "SELECT REPLACE(caption, 'a', 'b') FROM pipeline_output",
    '-- what there is\nSELECT 1',
    '/* what there is */ SELECT 1; -- and no more',
  ])('%s is run', (query) => {
    expect(() => assertOneSelect(query)).not.toThrow();
  });

  test.for([
    ['', /one SELECT/],
    ['VALUES (1)', /one SELECT/],
    ["'' SELECT 1", /one SELECT/],
    ['EXEC sp_who', /one SELECT/],
    ['SELECT 1; SELECT 2', /semicolon/],
    ['SELECT 1 COMMIT', /"COMMIT"/],
    ["SELECT 'a' DROP TABLE t", /"DROP"/],
    ['SELECT NEXT VALUE FOR s', /"NEXT"/],
    ['SELECT * INTO t FROM u', /"INTO"/],
    ["SELECT * FROM OPENROWSET('x', 'y', 'z')", /"OPENROWSET"/],
    ["SELECT 'open", /not closed/],
    ["SELECT 1 /* /* */ ' */ DELETE FROM t --'", /comment|"DELETE"/],
    ["SELECT 1 --\r'\nDELETE FROM t --'", /control character/],
    ['SELECT 1 AS [a]] DELETE FROM t', /not closed/],
    ['SELECT 1\0DELETE', /control character/],
  ] as const)('%j is refused', ([query, sentence]) => {
    expect(() => assertOneSelect(query)).toThrow(NotReadOnlyError);
    expect(() => assertOneSelect(query)).toThrow(sentence);
  });

  test('no arrangement of quotes, comments and brackets smuggles a statement that SQLite would run', () => {
    const database = new DatabaseSync(':memory:');
    database.exec('CREATE TABLE t (a)');
    const piece = fc.constantFrom("'", '"', '[', ']', '--', '\n', '/*', '*/', ' ', 'a', ';', '(', ')');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(piece, { maxLength: 12 }), (before, after) => {
        const query = `SELECT 1 ${before.join('')} INSERT INTO t VALUES (1) ${after.join('')}`;
        try {
          assertOneSelect(query);
        } catch {
          return;
        }
        // Passed, so for the engine too the INSERT stands inside a string, a name or a comment.
        try {
          database.exec(query);
        } catch {}
        expect(database.prepare('SELECT COUNT(*) AS n FROM t').get()).toEqual({ n: 0 });
      }),
      { numRuns: 3000 },
    );
    database.close();
  });
});
