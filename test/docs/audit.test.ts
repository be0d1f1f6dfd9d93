import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AUDIT_ACTIONS } from '../../src/audit/actions.ts';
import { projectRoot } from '../support/project-root.ts';

test('docs/audit.md names every action of the audit trail, in the words of the code', () => {
  const text = readFileSync(join(projectRoot, 'docs/audit.md'), 'utf8');
  const [, block = ''] = /<!-- actions:[^>]*-->\n([\s\S]*?)<!-- \/actions -->/.exec(text) ?? [];
  const rows = [...block.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, action, words]) => [action, words]);
  expect(Object.fromEntries(rows)).toEqual(AUDIT_ACTIONS);
});
