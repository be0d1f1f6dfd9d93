import { type Case, cases, scenarios } from './arm/scenarios.ts';
import type { Template } from './arm/template.ts';
import type { Code } from './code.ts';
import type { Context, Finding } from './finding.ts';
import { rules } from './rules.ts';

/** The files that are checked, by name, as texts. */
export const files = [
  'azuredeploy.json',
  'azuredeploy.parameters.json',
  'host.json',
  'local.settings.json.example',
] as const;
export type Files = Readonly<Record<(typeof files)[number], string>>;

/**
 * Checks the files against every rule. The same finding in several scenarios is given once, with the first of them.
 *
 * @param choose narrows the deployments that are tried; all of them when absent
 */
export function check(
  texts: Files,
  code: Code,
  choose: (all: readonly Case[]) => readonly Case[] = (all) => all,
): Finding[] {
  const broken: Finding[] = [];
  const [template, parametersFile, host, localSettings] = files.map((file) => {
    try {
      return JSON.parse(texts[file]) as unknown;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      broken.push({
        rule: 'strict-json',
        path: file,
        problem: error.message,
        remedy:
          'Write strict JSON: no comments, no trailing commas. Comments go into "comments" or "metadata".',
      });
      return undefined;
    }
  });
  if (broken.length > 0) return broken;
  const whole = {
    parameters: {},
    variables: {},
    resources: [],
    outputs: {},
    ...(template as object),
  } as unknown as Template;
  const context: Context = {
    template: whole,
    scenarios: scenarios(whole, choose(cases(whole))),
    parametersFile,
    host,
    localSettings,
    code,
  };
  const found = new Map<string, Finding>();
  for (const rule of rules)
    for (const problem of rule.check(context)) {
      const key = `${rule.id} ${problem.path} ${problem.problem}`;
      if (!found.has(key)) found.set(key, { rule: rule.id, ...problem });
    }
  return [...found.values()];
}
