import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Case } from '../../scripts/check-azure/arm/scenarios.ts';
import { check, type Files, files } from '../../scripts/check-azure/check.ts';
import { type Code, code } from '../../scripts/check-azure/code.ts';
import type { Finding } from '../../scripts/check-azure/finding.ts';

/** The project's own files, as they are deployed. */
export const sound = Object.fromEntries(
  files.map((file) => [file, readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')]),
) as Files;

type FileName = keyof Files;
// biome-ignore lint/suspicious/noExplicitAny: a test breaks JSON wherever it likes
type Json = any;

/** The defaults, and everything that can be turned on turned on. */
const ends = (all: readonly Case[]): Case[] => {
  const combined = all.findLastIndex((one) => one.name.includes(' '));
  return [all[0], all[combined]].filter((one) => one !== undefined);
};

/** Checks the project's files after `change` has broken one of them. */
export function findingsAfter(
  file: FileName,
  change: (json: Json) => void,
  { everywhere = false, code: known = code }: { everywhere?: boolean; code?: Code } = {},
): Finding[] {
  const json = JSON.parse(sound[file]) as Json;
  change(json);
  return check({ ...sound, [file]: JSON.stringify(json) }, known, everywhere ? undefined : ends);
}

/** Findings after a change of the template. */
export const broken = (change: (template: Json) => void, options?: { everywhere?: boolean; code?: Code }) =>
  findingsAfter('azuredeploy.json', change, options);

/** The template's resource of a type whose name matches; the test fails when there is none. */
export function resource(template: Json, type: string, name: RegExp = /./): Json {
  const found = template.resources.find((one: Json) => one.type === type && name.test(one.name));
  expect(found, `${type} ${name}`).toBeDefined();
  return found;
}

/** Sets, or with `undefined` removes, the value at a dotted path, making objects on the way. */
export function set(target: Json, path: string, value: unknown): void {
  const parts = path.split('.');
  const last = parts.pop() ?? '';
  let current = target;
  for (const part of parts) {
    current[part] ??= {};
    current = current[part];
  }
  if (value === undefined) delete current[last];
  else current[last] = value;
}

/** Asserts that a rule found something at a place, and that the finding helps. */
export function expectFinding(findings: readonly Finding[], rule: string, path: RegExp | string): Finding {
  const found = findings.find(
    (one) => one.rule === rule && (typeof path === 'string' ? one.path.endsWith(path) : path.test(one.path)),
  );
  expect(found, `${rule} at ${path}; found ${JSON.stringify(findings, null, 1)}`).toBeDefined();
  expect(found?.remedy.length).toBeGreaterThan(5);
  return found as Finding;
}
