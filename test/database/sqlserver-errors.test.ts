import { describe, expect, test } from 'vitest';
import { classify, translate } from '../../src/database/sqlserver-errors.ts';

const numbered = (number: number, more = {}) =>
  Object.assign(new Error('quotes a value'), { number, ...more });
const coded = (code: string, more = {}) => Object.assign(new Error('quotes a value'), { code, ...more });

describe('an error of SQL Server', () => {
  test.each([
    [[2601, 2627], 'duplicate'],
    [[1205, 1222, 3960], 'contention'],
    [
      [40197, 40501, 40613, 49918, 49919, 49920, 4221, 615, 926, 4060, 10928, 10929, 10053, 10054, 10060],
      'outage',
    ],
    [[18456, 18452, 916, 1105, 9002, 40544], 'refused'],
    [[0, 1, 547, 50000], 'other'],
  ])('of the numbers %j is %s', (all, kind) => {
    for (const number of all) {
      expect(classify(numbered(number)), `${number}`).toBe(kind);
      expect(classify(coded('EREQUEST', { info: { number } })), `info ${number}`).toBe(kind);
      expect(classify(coded('EREQUEST', { originalError: { info: { number } } })), `wrapped ${number}`).toBe(
        kind,
      );
    }
  });

  test.each([
    ['ESOCKET', 'outage'],
    ['ECONNREFUSED', 'outage'],
    ['ETIMEOUT', 'outage'],
    ['ENOCONN', 'outage'],
    ['ECANCEL', 'outage'],
    ['ELOGIN', 'refused'],
    ['EFEDAUTH', 'refused'],
    ['EREQUEST', 'other'],
  ])('of the code %s is %s', (code, kind) => {
    expect(classify(coded(code))).toBe(kind);
    expect(classify({ originalError: coded(code) })).toBe(kind);
  });

  test('is known by its name where it has no code', () => {
    const named = (name: string) => classify(Object.assign(new Error('x'), { name }));
    expect(
      ['TimeoutError', 'CredentialUnavailableError', 'AggregateAuthenticationError', 'TypeError'].map(named),
    ).toEqual([...['outage', 'refused', 'refused', 'other']]);
    expect([undefined, null, 'text', 7].map(classify)).toEqual(Array(4).fill('other'));
  });

  test('may be among those that came before it, or that it gathers; what to do again counts most', () => {
    const last = (more: object) => numbered(3621, more);
    expect(classify(last({ precedingErrors: [numbered(2627)] }))).toBe('duplicate');
    expect(classify(last({ errors: [numbered(1), numbered(40613)] }))).toBe('outage');
    expect(classify(last({ precedingErrors: [numbered(2627), numbered(1205)] }))).toBe('contention');
    expect(classify(last({ precedingErrors: 'none' }))).toBe('other');
    expect(classify(coded('ELOGIN', { originalError: numbered(40613) })), 'the number before the code').toBe(
      'outage',
    );
    let deep: object = numbered(1205);
    for (let n = 0; n < 5; n += 1) deep = { originalError: deep };
    expect(classify(deep)).toBe('contention');
    expect(classify({ originalError: deep }), 'no deeper').toBe('other');
    const circle: { originalError?: object } = {};
    circle.originalError = circle;
    expect(classify(circle)).toBe('other');
  });

  test('is told by its codes alone, for its words may quote a value', () => {
    const other = numbered(547);
    expect(translate(other)).toBe(other);
    const said = translate(
      coded('EREQUEST', { number: 1205, originalError: numbered(1205, { info: { number: 3960 } }) }),
    );
    expect(said).toMatchObject({ name: 'OutageError', code: 'ResultStoreUnavailable' });
    expect((said as Error).message).toBe(
      'SQL Server kept choosing this transaction as the victim of a deadlock or lock (EREQUEST 1205 3960).',
    );
    const words = [2627, 40613, 18456].map((number) => (translate(numbered(number)) as Error).message);
    expect(words).toEqual([
      expect.stringMatching(/^Others kept writing the same rows of SQL Server \(2627\)/),
      expect.stringMatching(/^SQL Server cannot be reached or is busy \(40613\)/),
      expect.stringMatching(/^SQL Server refused the connection: .* \(18456\)/),
    ]);
    const nameless = translate(Object.assign(new Error('x'), { name: 'TimeoutError' })) as Error;
    expect(nameless.message).toBe('SQL Server cannot be reached or is busy.');
    expect(nameless.cause).toBeInstanceOf(Error);
  });
});
