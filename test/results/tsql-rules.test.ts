import { describe, expect, test } from 'vitest';
import { refuseForeign } from './tsql-rules.ts';
import { columnTypesIn, refuseMixed } from './tsql-types.ts';
import type { TableKeys } from './tsql-values.ts';

const known = new Set(['a', 'b', 'n', 'id']);
const keys: TableKeys = new Map([
  ['t', [['id']]],
  ['u', [['id'], ['a', 'b']]],
]);

test.for([
  // [what stands in the message, the statement]
  ['1033', 'SELECT a FROM (SELECT a FROM t ORDER BY a) d'],
  ['1033', 'DELETE FROM t WHERE a IN (SELECT a FROM u ORDER BY b)'],
  ['OFFSET without', 'SELECT a FROM t OFFSET 0 ROWS FETCH NEXT 1 ROWS ONLY'],
  ['10744', 'SELECT a FROM t ORDER BY a OFFSET 0 ROWS FETCH NEXT 0 ROWS ONLY'],
  ['145', 'SELECT DISTINCT a FROM t ORDER BY b'],
  ['8120', 'SELECT a, b, COUNT(*) AS c FROM t GROUP BY a'],
  ['8120', 'SELECT a, MAX(b) AS most FROM t'],
  ['8120', 'SELECT a FROM t GROUP BY a ORDER BY b'],
  ['8120', 'SELECT SUBSTRING(a, 1, @p1) AS s FROM t GROUP BY SUBSTRING(a, 1, @p2)'],
  ['164', 'SELECT @p1 AS x, COUNT(*) AS c FROM t GROUP BY @p1'],
  ['207', 'SELECT a AS x FROM t WHERE x = 1'],
  ['207', 'SELECT SUBSTRING(a, 1, 2) AS x, COUNT(*) AS c FROM t GROUP BY x'],
  ['207', 'SELECT a, COUNT(*) AS most FROM t GROUP BY a HAVING most > 1'],
  ['207', 'SELECT a AS x FROM t ORDER BY COALESCE(x, 1)'],
  ['value', 'SELECT a = b AS same FROM t'],
  ['value', 'SELECT EXISTS (SELECT 1 FROM t) AS x'],
  ['value', 'SELECT SUM(a > b) AS x FROM t'],
  ['value', 'UPDATE t SET a = b IS NULL WHERE id = 1'],
  ['condition', 'SELECT a FROM t WHERE b'],
  ['condition', 'SELECT a FROM t WHERE id = 1 AND NOT b'],
  ['condition', 'SELECT CASE WHEN b THEN 1 ELSE 0 END AS x FROM t'],
  ['condition', 'SELECT t.a FROM t JOIN u ON u.b WHERE t.id = 1'],
  ['Several columns', 'SELECT a FROM t WHERE (a, b) > (@p1, @p2)'],
  ['no name', 'SELECT COUNT(*) AS n FROM (SELECT a FROM t)'],
  ['8155', 'SELECT COUNT(*) AS n FROM (SELECT 1 FROM t) d'],
  ['8156', 'SELECT COUNT(*) AS n FROM (SELECT t.a, u.a FROM t JOIN u ON u.id = t.id) d'],
  ['8156', 'SELECT t.a, u.a FROM t JOIN u ON u.id = t.id'],
  ['130', 'SELECT SUM((SELECT COUNT(*) FROM u)) AS n FROM t'],
  ['130', 'SELECT SUM(CASE WHEN EXISTS (SELECT 1 FROM u) THEN 1 ELSE 0 END) AS n FROM t'],
  ['174', 'SELECT MAX(a, b) AS n FROM t'],
  ['1008', 'SELECT a FROM t ORDER BY @p1'],
  ['another name', 'DELETE FROM t x WHERE x.a = 1'],
  ['another name', 'UPDATE t AS x SET a = 1'],
  ["'key'", 'SELECT a FROM t WHERE key = 1'],
  ['AS ALL', 'SELECT COUNT(*) AS all FROM t'],
  ['||', "SELECT a || 'x' AS x FROM t"],
  ['case', 'SELECT a FROM t WHERE LOWER(a) = @p1'],
  ['case', 'SELECT UPPER(a) AS x FROM t'],
  ['case', "SELECT a FROM t WHERE a LIKE 'person:%'"],
  ['LENGTH', 'SELECT LENGTH(a) AS x FROM t'],
  ['IS TRUE', 'SELECT a FROM t WHERE b IS TRUE'],
  ['512', 'SELECT a, (SELECT u.b FROM u WHERE u.a = t.a) AS x FROM t'],
  ['512', 'SELECT a FROM t WHERE b = (SELECT u.b FROM u WHERE id = t.id OR u.a = 1)'],
  ['512', 'UPDATE t SET a = (SELECT u.a FROM u WHERE u.a = t.a AND u.b > @p1)'],
  [
    '512',
    'SELECT CASE WHEN b = (SELECT u.b FROM u JOIN t v ON v.id = u.id WHERE u.id = 1) THEN 1 ELSE 0 END AS x FROM t',
  ],
  ['512', 'SELECT t.a FROM t JOIN u ON COALESCE((SELECT v.b FROM u v WHERE t.id = u.id), 0) = u.b'],
  ['512', 'SELECT a FROM t WHERE COALESCE((SELECT MAX(u.a) FROM u GROUP BY u.b), 1) = 1'],
  ['169', 'SELECT a FROM t ORDER BY a, b, a DESC'],
  [
    '169',
    'SELECT a FROM t WHERE id IN (SELECT id FROM u ORDER BY a, a OFFSET 0 ROWS FETCH NEXT 1 ROWS ONLY)',
  ],
  ['264', 'UPDATE t SET a = 1, b = 2, [a] = 3 WHERE id = 1'],
  ['264', 'UPDATE t SET a = 1, a = 2'],
  ['264', 'INSERT INTO t (a, a) SELECT 1 AS x, 2 AS y'],
] as const)('refuses, for %s: %s', ([why, statement]) => {
  expect(() => refuseForeign(statement, known, keys)).toThrow(new RegExp(why.replaceAll('|', '\\|'), 'i'));
});

test.for([
  'SELECT a FROM (SELECT a FROM t ORDER BY a OFFSET 0 ROWS FETCH NEXT 2 ROWS ONLY) d ORDER BY a',
  'SELECT DISTINCT a AS x, b FROM t ORDER BY x, b',
  "SELECT COALESCE(t.a, '') AS x, t.b, COUNT(*) AS c FROM t GROUP BY COALESCE(t.a, ''), b ORDER BY c DESC, t.b",
  'SELECT @p1 AS x, MAX(a) AS most, CASE WHEN SUM(b) > 1 THEN 1 ELSE 0 END AS c FROM t HAVING MAX(a) > @p2',
  'SELECT n FROM (SELECT a AS n FROM t UNION ALL SELECT b FROM u) d WHERE n > 1 GROUP BY n HAVING SUM(n) <> 0',
  'SELECT a FROM t WHERE NOT (a = 1 OR (b IS NOT NULL AND NOT EXISTS (SELECT 1 FROM u WHERE u.a = t.a)))',
  'SELECT CASE a WHEN 1 THEN b ELSE 0 END AS x, (SELECT COUNT(*) FROM u WHERE u.a = t.a) AS n FROM t',
  "INSERT INTO t (a, b) SELECT @p1, @p2 WHERE NOT EXISTS (SELECT 1 FROM t WHERE a = @p1 AND b LIKE '''[0-9]''%')",
  'UPDATE t SET a = t.a + d.n, b = CASE WHEN b < @p1 THEN @p1 ELSE b END FROM (SELECT b AS n FROM u) d WHERE t.a = d.n',
  'DELETE FROM t WHERE a IN (@p1, @p2) AND COALESCE((SELECT MIN(a) FROM u), @p3) = b',
  'SELECT CAST(COUNT(*) AS bigint) AS n FROM t GROUP BY a',
  'SELECT a, (SELECT v.b FROM u AS v WHERE v.a = t.a AND @p1 = v.b AND v.n > 1) AS x FROM t',
  'UPDATE t SET a = COALESCE((SELECT b FROM u WHERE u.id = t.a), 0), b = (SELECT @p1) WHERE b IN (SELECT a FROM u)',
  'SELECT d.a FROM (SELECT a, b FROM u) d JOIN (SELECT a FROM t) e ON e.a = d.a WHERE EXISTS (SELECT b FROM u)',
  'SELECT a FROM t ORDER BY a, SUBSTRING(a, 1, 2), SUBSTRING(a, 1, 3)',
  'WITH x AS (SELECT b FROM u) SELECT b FROM x',
])('takes: %s', (statement) => {
  expect(() => refuseForeign(statement, known, keys)).not.toThrow();
});

describe('a number beside a text', () => {
  const columns = columnTypesIn([
    'CREATE TABLE t (id nvarchar(64) COLLATE x NOT NULL, [n] int NULL, d float NOT NULL)',
    'ALTER TABLE u ADD id bigint NULL',
  ]);
  const types = { p1: 'nvarchar(4000)', p2: 'int', p3: 'float' };

  test.for([
    'SELECT a FROM t WHERE n = @p1',
    'SELECT a FROM t WHERE t.n IN (@p1, @p1)',
    'SELECT a FROM t WHERE d<@p1',
    'INSERT INTO t (id, [n]) VALUES (@p1, @p1), (@p1, @p2)',
    'INSERT INTO t (id, n) SELECT @p1, @p1 WHERE NOT EXISTS (SELECT 1 FROM t)',
    'UPDATE t SET [n] = @p1 WHERE id = @p1',
  ])('is refused: %s', (statement) => {
    expect(() => refuseMixed(statement, types, columns)).toThrow(
      / n|d meets a value of type nvarchar \(as error 245/,
    );
  });

  test.for([
    // Numbers are all alike, a name that some table has as a number is not sure, and one of no table is none of ours.
    'SELECT a FROM t WHERE n >= @p3 AND d = @p2 AND id = @p2 AND other = @p2',
    'INSERT INTO t (id, n, d) VALUES (@p1, 7, @p3)',
    "INSERT INTO t (id, n) SELECT COALESCE(@p1, ''), n FROM t WHERE id = @p1",
  ])('is none: %s', (statement) => {
    expect(() => refuseMixed(statement, types, columns)).not.toThrow();
  });
});
