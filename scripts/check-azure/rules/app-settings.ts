import type { Code } from '../code.ts';
import type { Context, Rule } from '../finding.ts';
import { hostSettings, localOnly, sameAsCode } from '../knowledge/app-settings.ts';
import { inTemplate, settingsOf, shown } from './support.ts';

const where = (name: string) => inTemplate('app settings', name);

type Problems = Iterable<{ path: string; problem: string; remedy: string }>;

function* missingAndOrphaned(names: ReadonlySet<string>, code: Code): Problems {
  for (const name of code.settingNames) {
    if (!names.has(name) && !Object.hasOwn(localOnly, name))
      yield {
        path: where(name),
        problem: 'is read by the code but not set',
        remedy:
          'Set it, or list it with a reason in localOnly of scripts/check-azure/knowledge/app-settings.ts.',
      };
    if (names.has(name) && Object.hasOwn(localOnly, name))
      yield {
        path: where(name),
        problem: `is set, though ${localOnly[name]}`,
        remedy: 'Take it out of the template, or out of localOnly.',
      };
  }
  for (const name of names)
    if (!code.settingNames.includes(name) && !Object.hasOwn(hostSettings, name))
      yield {
        path: where(name),
        problem: 'is set but nothing reads it',
        remedy:
          'Take it out, correct the spelling, or list it in hostSettings if the Functions host reads it.',
      };
  for (const name of Object.keys(hostSettings))
    if (!names.has(name))
      yield {
        path: where(name),
        problem: `is not set, but the Functions host needs it: ${hostSettings[name]}`,
        remedy: 'Set it.',
      };
}

function* refused({ scenarios, code }: Context): Problems {
  for (const scenario of scenarios) {
    const given = settingsOf(scenario);
    for (const [name, value] of Object.entries(given))
      if (typeof value !== 'string')
        yield {
          path: where(name),
          problem: `is ${shown(value)}, and app settings are texts`,
          remedy: 'Wrap the expression in string().',
        };
    try {
      code.readSettings(given as Record<string, string>);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      yield {
        path: where(''),
        problem: `the app would not start: ${error.message}`,
        remedy: `Correct the value, or limit the parameter that it comes from. Seen with ${scenario.name}.`,
      };
    }
  }
}

function* drifted({ scenarios: [first], code }: Context): Problems {
  if (first === undefined) return;
  const given = settingsOf(first);
  const defaults = code.readSettings({});
  for (const name of sameAsCode) {
    const value = given[name];
    if (typeof value !== 'string') continue;
    try {
      const read = code.readSettings({ [name]: value });
      if (shown(read[name]) !== shown(defaults[name]))
        yield {
          path: where(name),
          problem: `is ${shown(value)}, but the code's default is ${shown(defaults[name])}`,
          remedy: 'Make both the same: one of them is out of date.',
        };
    } catch (error) {
      // What the code refuses is reported by `refused`, with the scenario.
      if (!(error instanceof Error)) throw error;
    }
  }
}

export const appSettings: Rule = {
  id: 'app-settings',
  why: 'A setting the code reads and nobody sets is a default nobody chose; one that nobody reads is a promise not kept.',
  *check(context) {
    const names = new Set(context.scenarios.flatMap((scenario) => Object.keys(settingsOf(scenario))));
    yield* missingAndOrphaned(names, context.code);
    yield* refused(context);
    yield* drifted(context);
  },
};
