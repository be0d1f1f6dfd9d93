import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const script = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeWindow {
  axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { target: string[] }[] }[] }> };
}

/** What axe finds that is serious or critical, as "rule: element". The devtools put it in, so the page's policy stands. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(script);
  const violations = await page.evaluate(
    async () => (await (window as unknown as AxeWindow).axe.run()).violations,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}
