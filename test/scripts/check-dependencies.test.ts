import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { accepted } from '../../scripts/check-dependencies/accepted.ts';
import { fails, judge } from '../../scripts/check-dependencies/verdict.ts';
import { projectRoot } from '../support/project-root.ts';

const report = (...severities: string[]) =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: {
      ...Object.fromEntries(
        severities.map((severity, n) => [
          `p${n}`,
          {
            name: `p${n}`,
            severity,
            via: [{ title: 'Bad', url: `https://github.com/advisories/GHSA-${n}`, severity }],
          },
        ]),
      ),
      above: { name: 'above', severity: severities[0] ?? 'low', via: ['p0'] },
    },
  });

test('high and critical are refused, lower ones are told, each once', () => {
  expect(judge(report('high'), [], '2026-01-01').kind).toBe('refused');
  expect(judge(report('low', 'critical'), [], '2026-01-01').kind).toBe('refused');
  const told = judge(report('low', 'moderate'), [], '2026-01-01');
  expect(told.kind).toBe('fine');
  expect(told.lines.filter((line) => line.includes('GHSA-'))).toHaveLength(2);
  expect(judge(report(), [], '2026-01-01').kind).toBe('fine');
});

test('what is accepted passes until its day, and no longer', () => {
  const excuse = { advisory: 'GHSA-0', reason: 'not reached', until: '2026-02-01' };
  expect(judge(report('high'), [excuse], '2026-01-31')).toMatchObject({ kind: 'fine' });
  expect(judge(report('high'), [excuse], '2026-01-31').lines.join()).toContain('not reached');
  expect(judge(report('high'), [excuse], '2026-02-01').kind).toBe('refused');
  expect(judge(report('high', 'high'), [excuse], '2026-01-31').kind).toBe('refused');
});

test('where nobody could be asked it says so, and is no failure', () => {
  for (const output of [
    '',
    'npm error',
    '{"message":"405 Method Not Allowed"}',
    '{',
    'null',
    '{"auditReportVersion":2}',
  ]) {
    const { kind, lines } = judge(output, [], '2026-01-01');
    expect(kind, output).toBe('unknown');
    expect(lines.join()).toContain('NOT audited');
  }
});

test('what is accepted has a reason and an end within a year', () => {
  for (const { advisory, reason, until } of accepted) {
    expect(advisory).toMatch(/^GHSA-/);
    expect(reason.length).toBeGreaterThan(20);
    expect(Date.parse(until)).toBeLessThan(Date.now() + 366 * 86_400_000);
  }
});

test('CI audits, and SECURITY.md states the policy', () => {
  expect(readFileSync(join(projectRoot, '.ci/run'), 'utf8')).toContain('npm run check:dependencies');
  expect(readFileSync(join(projectRoot, 'SECURITY.md'), 'utf8')).toMatch(
    /check:dependencies[\s\S]*high or critical/,
  );
});

test('where nobody could be asked a change passes, and a release does not', () => {
  const { kind } = judge('', [], '2026-01-01');
  expect([fails(kind, false), fails(kind, true)]).toEqual([false, true]);
  expect([fails('fine', true), fails('refused', false)]).toEqual([false, true]);
});
