import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exampleQueries } from '../../src/results/examples.ts';
import { projectRoot } from '../support/project-root.ts';

test('docs/sql.md prints the example queries as the code has them', () => {
  const page = readFileSync(join(projectRoot, 'docs/sql.md'), 'utf8');
  const printed = page.split('<!-- queries:')[1]?.split('<!-- /queries -->')[0] ?? '';
  for (const { title, sql } of exampleQueries) {
    expect(printed).toContain(`**${title}**\n\n\`\`\`sql\n${sql}\n\`\`\``);
  }
  expect(printed.match(/```sql/g)).toHaveLength(exampleQueries.length);
});
