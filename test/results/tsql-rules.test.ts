import { expect, test } from 'vitest';
import { refuseForeign } from './tsql-rules.ts';

const known = new Set(['a', 'b', 'n', 'id']);

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
  ['LENGTH', 'SELECT LENGTH(a) AS x FROM t'],
  ['IS TRUE', 'SELECT a FROM t WHERE b IS TRUE'],
] as const)('refuses, for %s: %s', ([why, statement]) => {
  expect(() => refuseForeign(statement, known)).toThrow(new RegExp(why.replaceAll('|', '\\|'), 'i'));
});

test.for([
  'SELECT a FROM (SELECT a FROM t ORDER BY a OFFSET 0 ROWS FETCH NEXT 2 ROWS ONLY) d ORDER BY a',
  'SELECT DISTINCT a AS x, b FROM t ORDER BY x, b',
  "SELECT COALESCE(t.a, '') AS x, t.b, COUNT(*) AS c FROM t GROUP BY COALESCE(t.a, ''), b ORDER BY c DESC, t.b",
  'SELECT @p1 AS x, MAX(a) AS most, CASE WHEN SUM(b) > 1 THEN 1 ELSE 0 END AS c FROM t HAVING MAX(a) > @p2',
  'SELECT n FROM (SELECT a AS n FROM t UNION ALL SELECT b FROM u) d WHERE n > 1 GROUP BY n HAVING SUM(n) <> 0',
  'SELECT a FROM t WHERE NOT (a = 1 OR (b IS NOT NULL AND NOT EXISTS (SELECT 1 FROM u WHERE u.a = t.a)))',
  'SELECT CASE a WHEN 1 THEN b ELSE 0 END AS x, (SELECT COUNT(*) FROM u WHERE u.a = t.a) AS n FROM t',
  "INSERT INTO t (a, b) SELECT @p1, @p2 WHERE NOT EXISTS (SELECT 1 FROM t WHERE a = @p1 AND b LIKE 'key''s'' [of]%')",
  'UPDATE t SET a = t.a + d.n, b = CASE WHEN b < @p1 THEN @p1 ELSE b END FROM (SELECT b AS n FROM u) d WHERE t.a = d.n',
  'DELETE FROM t WHERE a IN (@p1, @p2) AND COALESCE((SELECT MIN(a) FROM u), @p3) = b',
  'SELECT CAST(COUNT(*) AS bigint) AS n FROM t GROUP BY a',
])('takes: %s', (statement) => {
  expect(() => refuseForeign(statement, known)).not.toThrow();
});
